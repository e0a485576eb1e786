import { LEVELS, formatTimestamp, parseLevel, parseTimestamp, type Level } from '@pixsim7/record'
import type { QueryBound } from './tree.ts'

/** How the values of certain fields are written in a query: levels by name, times, and numbers with friendly units. */

const NUMBER_FORM =
  /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(ns|us|µs|ms|s|sec|min|m|h|d|b|kb|kib|mb|mib|gb|gib)?$/i

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  sec: 1000,
  min: 60_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
const UNIT_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1024,
  kib: 1024,
  mb: 1024 ** 2,
  mib: 1024 ** 2,
  gb: 1024 ** 3,
  gib: 1024 ** 3,
}

/** Last part of a field's name → the unit of its numbers: `duration_ms`, `durationMs`, `sizeBytes`. */
const FIELD_UNITS: readonly (readonly [RegExp, 'time' | 'size', string])[] = [
  [/(^|_)ns$|Ns$/, 'time', 'ns'],
  [/(^|_)us$|Us$/, 'time', 'us'],
  [/(^|_)(ms|millis|milliseconds)$|(Ms|Millis|Milliseconds)$/, 'time', 'ms'],
  [/(^|_)(s|sec|secs|seconds)$|(Sec|Secs|Seconds)$/, 'time', 's'],
  [/(^|_)(min|minutes)$|(Min|Minutes)$/, 'time', 'min'],
  [/(^|_)bytes$|Bytes$/, 'size', 'b'],
]

/** A value read, or what was wrong with it, as the end of a sentence that begins with the value. */
export type ReadValue<T> = { readonly value: T } | { readonly problem: string }

/** What stands after `>` or in a range. */
export function readBound(field: string, text: string): ReadValue<QueryBound> {
  if (field === 'level') return readLevel(text)
  if (field === 'timestamp') return readTime(text)
  return readNumber(field, text)
}

/** What a field is compared with for equality; `isQuoted`: the text as it is, units included. */
export function readEqual(field: string, text: string, isQuoted: boolean): ReadValue<string> {
  if (field === 'level') return readLevel(text)
  if (field === 'timestamp') return readTime(text)
  if (isQuoted || unitOf(field) === undefined) return { value: text }
  const match = NUMBER_FORM.exec(text)
  if (match?.[2] === undefined) return { value: text }
  const read = readNumber(field, text)
  return 'value' in read ? { value: String(read.value) } : read
}

function readLevel(text: string): ReadValue<Level> {
  const level = parseLevel(text)
  return level === undefined
    ? { problem: `is no level: expected ${LEVELS.join(', ')}, in any case` }
    : { value: level }
}

function readTime(text: string): ReadValue<string> {
  const timeUs = parseTimestamp(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text, 'utc')
  return timeUs === undefined
    ? { problem: 'is no time: expected one like 2025-11-11 or 2025-11-11T22:30:45Z' }
    : { value: formatTimestamp(timeUs) }
}

function readNumber(field: string, text: string): ReadValue<number> {
  const match = NUMBER_FORM.exec(text)
  const number = Number(match?.[1])
  if (match === null || !Number.isFinite(number)) {
    return { problem: 'is no number: expected one like 500, 1.5 or, where the field has a unit, 1.5s' }
  }
  const unit = match[2]?.toLowerCase()
  // Adding 0 makes 0 of -0, which prints the same.
  if (unit === undefined) return { value: number + 0 }
  const own = unitOf(field)
  if (own === undefined) {
    return {
      problem: `has a unit, but the name of the field ${field} does not tell its own (as duration_ms does): write the number alone`,
    }
  }
  const table = own.kind === 'time' ? UNIT_MS : UNIT_BYTES
  const factor = table[unit]
  if (factor === undefined) {
    return {
      problem: `has a unit that does not fit the field ${field}: expected ${Object.keys(table).join(', ')}`,
    }
  }
  // Rounded to what a double tells apart, so that 0.3s is 300 and not 300.00000000000006.
  return { value: Number(((number * factor) / (table[own.unit] ?? 1)).toPrecision(15)) + 0 }
}

function unitOf(field: string): { kind: 'time' | 'size'; unit: string } | undefined {
  const last = field.slice(field.lastIndexOf('.') + 1)
  const found = FIELD_UNITS.find(([pattern]) => pattern.test(last))
  return found === undefined ? undefined : { kind: found[1], unit: found[2] }
}
