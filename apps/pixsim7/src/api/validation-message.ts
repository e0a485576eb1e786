import type { FastifySchemaValidationError } from 'fastify/types/schema.js'

/** So many mistakes are named; a body with more is not read on. */
const MAX_NAMED = 5
const MAX_LENGTH = 500

/** What is wrong with a body, query or path, in one sentence that repeats no value. */
export function describeValidation(
  context: string | undefined,
  mistakes: readonly FastifySchemaValidationError[],
): string {
  const where = context ?? 'request'
  // An unknown field is reported twice, once as "schema is false", which tells nobody anything.
  const telling = mistakes.filter(({ keyword }) => keyword !== 'boolean')
  const sentences = telling.slice(0, MAX_NAMED).map(({ instancePath, keyword, params, message }) => {
    const extra = keyword === 'additionalProperties' ? params['additionalProperties'] : undefined
    const names = Array.isArray(extra)
      ? `: ${extra
          .slice(0, MAX_NAMED)
          .map((name) => JSON.stringify(name))
          .join(', ')}`
      : ''
    return `${where}${instancePath} ${message ?? 'is not valid'}${names}`
  })
  return [...new Set(sentences)].join('; ').slice(0, MAX_LENGTH)
}
