import { AppError } from '../app-error.ts'

/** Deeper objects than anybody needs only serve to exhaust the stack of whoever reads them. */
const MAX_DEPTH = 32
/** PostgreSQL stores neither NUL in text nor half of a surrogate pair in jsonb. */
const UNSTORABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/

/** Refuses text the database cannot store, anywhere in a parsed body or query. @throws AppError `validation_error` */
export function assertStorable(value: unknown, depth = 0): void {
  if (typeof value === 'string') {
    if (UNSTORABLE.test(value)) {
      throw new AppError('validation_error', 'Text must not contain NUL or incomplete surrogate pairs.')
    }
    return
  }
  if (typeof value !== 'object' || value === null) return
  if (depth === MAX_DEPTH)
    throw new AppError('validation_error', `Nothing may be nested deeper than ${MAX_DEPTH} levels.`)
  for (const [key, member] of Object.entries(value)) {
    assertStorable(key)
    assertStorable(member, depth + 1)
  }
}
