import type { FastifySchemaCompiler } from 'fastify'
import type { TObject, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

const WHOLE_NUMBER = /^-?\d{1,16}$/

/** In paths and queries everything is text; whole numbers become numbers where the schema wants them. Nothing else is bent. */
function readNumbers(schema: TSchema, values: unknown): unknown {
  const { properties } = schema as Partial<TObject>
  if (properties === undefined || typeof values !== 'object' || values === null) return values
  const wantsInteger = (name: string) => {
    const property = Object.hasOwn(properties, name) ? (properties[name] as { type?: unknown }) : undefined
    return property?.type === 'integer'
  }
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const isNumber = typeof value === 'string' && wantsInteger(name) && WHOLE_NUMBER.test(value)
      return [name, isNumber ? Number(value) : value]
    }),
  )
}

/** Compiles the schema of a body, query or path. Bodies are taken as they are: a number as text is a mistake. */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const validator = Compile(schema)
  return (given: unknown) => {
    const value = httpPart === 'body' ? given : readNumbers(schema, given)
    return validator.Check(value) ? { value } : { error: validator.Errors(value) as unknown as Error }
  }
}
