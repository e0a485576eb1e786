import { endOfJsonString } from './json-scan.ts'

/** Nesting beyond which a JSON value is not taken apart: code further on may walk values recursively. */
const MAX_DEPTH = 100

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const INTEGER = /^-?\d+$/

/**
 * The value of a JSON text; undefined when it is none, or nested more than 100 deep. Never throws. Unlike JSON.parse,
 * it keeps numbers that JavaScript cannot hold as their text: integers beyond 2^53, and 1e999.
 */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    const found = inspect(value, MAX_DEPTH)
    if (found === 'fine') return value
    // Parsed as it is before: quoting numbers could make valid what is not.
    return found === 'large' ? JSON.parse(quoteLargeNumbers(text)) : undefined
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

/** Whether a parsed value is nested too deep, or holds a number that JSON.parse may have rounded, or neither. */
function inspect(value: unknown, depth: number): 'fine' | 'large' | 'deep' {
  if (typeof value === 'number') return isExact(value) ? 'fine' : 'large'
  if (typeof value !== 'object' || value === null) return 'fine'
  if (depth === 0) return 'deep'
  let result: 'fine' | 'large' = 'fine'
  // for..in, not Object.values: the usual flat record costs no array.
  for (const key in value) {
    const inner = (value as Record<string, unknown>)[key]
    if (typeof inner === 'string') continue
    const found = inspect(inner, depth - 1)
    if (found === 'deep') return found
    if (found === 'large') result = found
  }
  return result
}

function isExact(value: number): boolean {
  return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value))
}
