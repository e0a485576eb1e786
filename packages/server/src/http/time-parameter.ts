import { parseTimestamp } from '@pixsim7/record'

/** Completes "expected …". */
export const TIME_FORMS =
  'a time such as 2025-11-11T22:30:45Z, 2025-11-11, now, -15m, -2h or -7d (units s, m, h, d, w; UTC without a zone)'

const US_PER_UNIT: Readonly<Record<string, number>> = {
  s: 1e6,
  m: 60e6,
  h: 3600e6,
  d: 86_400e6,
  w: 604_800e6,
}

/**
 * Microseconds since 1970 of a time as a question gives it: ISO 8601 (a day alone is its beginning; UTC when it names
 * no zone), or relative to now. Undefined for any other text; never throws.
 */
export function parseTimeParameter(text: string, nowUs: number): number | undefined {
  if (text === 'now') return nowUs
  const relative = /^(?:now)?-(\d{1,9})([smhdw])$/.exec(text)
  if (relative !== null) {
    const timeUs = nowUs - Number(relative[1]) * (US_PER_UNIT[relative[2] ?? ''] ?? Number.NaN)
    return Number.isSafeInteger(timeUs) ? timeUs : undefined
  }
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return parseTimestamp(`${text}T00:00:00Z`)
  // In a query string an unescaped + is a space: 22:30:45+01:00 arrives as 22:30:45 01:00.
  return parseTimestamp(text.replace(/(:\d\d(?:[.,]\d+)?) (\d\d:?\d\d)$/, '$1+$2'), 'utc')
}
