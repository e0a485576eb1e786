import { headlineOf, isError } from './errors-of-values.ts'

/** What a call of a logger method says, whatever the order of its arguments. */
export interface CallArguments {
  readonly message: string
  /** Objects with fields, in the order given; a later one wins. */
  readonly fields: readonly object[]
}

/**
 * Sorts the arguments of a call: the first text is the message, errors become the field `error` (`error_2` …), objects are
 * fields, and whatever else there is becomes the field `args`: no argument is dropped. Nothing is formatted: `%s` stays
 * as it is. A call with nothing but an error takes its headline for the message. Never throws.
 */
export function sortArguments(first: unknown, rest: readonly unknown[]): CallArguments {
  let message: string | undefined
  const fields: object[] = []
  const errors: object[] = []
  const others: unknown[] = []
  for (const argument of [first, ...rest]) {
    if (typeof argument === 'string' && message === undefined) message = argument
    else if (isError(argument)) errors.push(argument)
    else if (isFields(argument)) fields.push(argument)
    else if (argument !== undefined) others.push(argument)
  }
  errors.forEach((error, index) => fields.push({ [index === 0 ? 'error' : `error_${index + 1}`]: error }))
  if (
    message === undefined &&
    errors.length === 0 &&
    fields.length === 0 &&
    others.length === 1 &&
    isShort(others[0])
  ) {
    message = String(others[0])
  } else if (others.length > 0) fields.push({ args: others })
  return { message: message ?? (errors[0] === undefined ? '' : headlineOf(errors[0])), fields }
}

function isFields(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  try {
    return !Array.isArray(value) && !(value instanceof Map) && !(value instanceof Set)
  } catch {
    // A revoked proxy: as a field it is shown as unreadable.
    return true
  }
}

function isShort(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
}
