import { StoreError } from '../store-error.ts'
import { wellFormed } from './well-formed.ts'

/**
 * The one place where values become SQL. Everything that comes from outside goes through these functions; bound
 * parameters are not used, because the embedded engine runs bound queries one at a time in the whole process.
 */

const SPECIAL = /[\\'\0\n\r\t\b\f]/g
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
}

/** A string literal. Lone surrogates, which UTF-8 cannot carry, become U+FFFD, as they are in stored text. */
export function sqlString(text: string): string {
  return `'${wellFormed(text).replace(SPECIAL, (character) => ESCAPES[character] ?? '')}'`
}

/** A list for `IN`; the list must not be empty. */
export function sqlStrings(texts: readonly string[]): string {
  return `(${texts.map(sqlString).join(', ')})`
}

/**
 * A whole number, zero or above.
 *
 * @throws StoreError STORE_BAD_QUESTION
 */
export function sqlUInt(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new StoreError('STORE_BAD_QUESTION', `${value} was given, expected a whole number of at least 0.`)
  }
  return String(value)
}

/**
 * Any number.
 *
 * @throws StoreError STORE_BAD_QUESTION
 */
export function sqlNumber(value: number): string {
  if (!Number.isFinite(value)) {
    throw new StoreError('STORE_BAD_QUESTION', `${value} was given, expected a finite number.`)
  }
  return `(${value})`
}

/** Literal text inside a LIKE pattern. */
export function likeText(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}

/** A time as `DateTime64(6)`, from microseconds since 1970, within what the column can hold (1900 to 2255). */
export function sqlTime(timeUs: number): string {
  if (!Number.isSafeInteger(timeUs)) {
    throw new StoreError(
      'STORE_BAD_QUESTION',
      `${timeUs} was given as a time, expected microseconds since 1970.`,
    )
  }
  return `fromUnixTimestamp64Micro(toInt64(${Math.max(timeUs, MIN_TIME_US)}), 'UTC')`
}

/** 1900-01-01, the earliest time the engine's DateTime64 holds. */
export const MIN_TIME_US = -2_208_988_800_000_000
