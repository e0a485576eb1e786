import { endOfJsonString } from './json-scan.ts'

/** Nesting beyond which a JSON value is not taken apart: code further on may walk values recursively. */
const MAX_DEPTH = 100

/** Sixteen digits in a row or an exponent of three: only then a number may be one that JavaScript cannot hold. */
const MAY_OVERFLOW = /\d{16}|\d[eE]\+?\d{3}/
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const INTEGER = /^-?\d+$/

/**
 * The value of a JSON text; undefined when it is none, or nested more than 100 deep. Never throws. Unlike JSON.parse,
 * it keeps numbers that JavaScript cannot hold as their text: integers beyond 2^53, and 1e999.
 */
export function parseJson(text: string): unknown {
  try {
    let value: unknown = JSON.parse(text)
    // Parsed first as it is: quoting numbers could make valid what is not.
    if (MAY_OVERFLOW.test(text)) value = JSON.parse(quoteLargeNumbers(text))
    return isNestedWithin(value, MAX_DEPTH) ? value : undefined
  } catch {
    // Not JSON, which is an answer here, not a failure.
    return undefined
  }
}

/** The value a JSON number means: a number where JavaScript holds it without losing digits, else its text. */
export function numberValue(text: string): number | string {
  const value = Number(text)
  return Number.isFinite(value) && (Number.isSafeInteger(value) || !INTEGER.test(text)) ? value : text
}

function quoteLargeNumbers(text: string): string {
  let result = ''
  let position = 0
  while (position < text.length) {
    const quote = text.indexOf('"', position)
    const end = quote === -1 ? text.length : quote
    result += text
      .slice(position, end)
      .replace(NUMBER, (number) => (typeof numberValue(number) === 'string' ? `"${number}"` : number))
    if (quote === -1) break
    position = endOfJsonString(text, quote)
    result += text.slice(quote, position)
  }
  return result
}

function isNestedWithin(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  // for..in, not Object.values: the usual flat record costs no array.
  for (const key in value) {
    const inner = (value as Record<string, unknown>)[key]
    if (typeof inner === 'object' && inner !== null && !isNestedWithin(inner, depth - 1)) return false
  }
  return true
}
