import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify'
import { ServerError } from '../server-error.ts'

/** The parts of a JSON schema that sentences are made from. */
interface ParameterSchema {
  readonly type?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly maxItems?: number
  readonly description?: string
  readonly items?: ParameterSchema
  readonly anyOf?: readonly { readonly const?: unknown }[]
}
interface ObjectSchema {
  readonly properties?: Readonly<Record<string, ParameterSchema>>
}

/**
 * An empty parameter (`search=`, as a form sends it) counts as one not given. Unknown names stay, to be refused even
 * when they are empty.
 */
export function ignoreEmptyParameters(app: FastifyInstance): void {
  app.addHook('preValidation', async (request) => {
    const known = (request.routeOptions.schema?.querystring as ObjectSchema | undefined)?.properties ?? {}
    const query = request.query as Record<string, unknown>
    for (const name of Object.keys(query)) {
      if (!Object.hasOwn(known, name)) continue
      const value = query[name]
      const left = Array.isArray(value) ? value.filter((item) => item !== '') : value
      if (left === '' || (Array.isArray(left) && left.length === 0)) delete query[name]
      else query[name] = left
    }
  })
}

/** One sentence about the first thing the schema refuses: which parameter, what it was, what it should be. */
export function describeValidation(
  errors: NonNullable<FastifyError['validation']>,
  context: FastifyError['validationContext'],
  request: FastifyRequest,
): ServerError {
  const [error] = errors
  const where =
    context === 'querystring' ? 'Parameter' : context === 'params' ? 'Part of the path' : 'Field of the body'
  const schema = request.routeOptions.schema?.[context as 'querystring'] as ObjectSchema | undefined
  const properties = schema?.properties ?? {}
  if (error?.keyword === 'additionalProperties') {
    const name = String(error.params['additionalProperty'])
    const list = Object.keys(properties).join(', ')
    return new ServerError(
      context === 'querystring' ? 'unknown_parameter' : 'bad_parameter',
      `${where} ${quote(name)} is unknown here. ${list === '' ? 'None is taken' : `Known: ${list}`}.`,
    )
  }
  const missing = error?.keyword === 'required' ? String(error.params['missingProperty']) : undefined
  const name = missing ?? error?.instancePath.split('/')[1] ?? ''
  const expected = describeSchema(properties[name] ?? {})
  // What stands in a body may be a password: never repeated.
  const given =
    missing !== undefined
      ? ' is missing'
      : context === 'body'
        ? ' cannot be used'
        : ` is ${quote(valueOf(request, context, name))}`
  if (name === '')
    return new ServerError('bad_parameter', 'The body must be a JSON object with the fields of this route.')
  return badParameter(`${where} ${quote(name)}${given}`, expected)
}

/** `… is "abc"; expected a whole number from 1 to 1000.` */
export function badParameter(what: string, expected: string): ServerError {
  return new ServerError('bad_parameter', `${what}; expected ${expected}.`)
}

/** A value as a sentence repeats it: quoted, escaped, cut. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

function valueOf(request: FastifyRequest, context: FastifyError['validationContext'], name: string): unknown {
  const values = (context === 'params' ? request.params : request.query) as Record<string, unknown>
  return values[name]
}

function describeSchema({
  type,
  minimum,
  maximum,
  maxLength,
  maxItems,
  items,
  anyOf,
}: ParameterSchema): string {
  if (anyOf !== undefined) return `one of ${anyOf.map((choice) => String(choice.const)).join(', ')}`
  if (type === 'array') return `at most ${maxItems} values, each ${describeSchema(items ?? {})}`
  if (type === 'integer') return `one whole number from ${minimum} to ${maximum}`
  if (type === 'number') return `one number from ${minimum} to ${maximum}`
  if (maxLength !== undefined) return `one text of at most ${maxLength} characters`
  return 'another form'
}
