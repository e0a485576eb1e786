import { wellFormed } from './sql/well-formed.ts'

/** What the engine's JSON reader refuses, and with it the whole text: lone surrogates, and whole numbers beyond 64 bits. */
const UNREADABLE = /\\ud[89a-f]|\d{19}/

/** Below this, a whole number is within 64 bits with its sign. */
const LARGEST_WHOLE = 2 ** 63

/** A value of a field as JSON text that the engine can take apart. */
export function fieldJson(value: unknown): string {
  const text = JSON.stringify(value)
  return UNREADABLE.test(text) ? JSON.stringify(readable(value)) : text
}

/** Keys are values here too: `fieldJson(key)` stands before the colon. */
function readable(value: unknown): unknown {
  if (typeof value === 'string') return wellFormed(value)
  if (typeof value === 'number') {
    return Number.isInteger(value) && Math.abs(value) >= LARGEST_WHOLE ? String(value) : value
  }
  if (Array.isArray(value)) return value.map(readable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [wellFormed(key), readable(inner)]))
}
