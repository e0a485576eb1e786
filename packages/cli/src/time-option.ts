import { formatTimestamp, parseTimestamp } from '@pixsim7/record'

/** Completes "expected …". */
export const TIME_FORMS =
  'a time such as 2025-11-11, "2025-11-11 22:30", 22:30, 2025-11-11T22:30:45Z, 15m (ago), 2h, 7d, now, today or yesterday'

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  s: 1e3,
  m: 60e3,
  h: 3600e3,
  d: 86_400e3,
  w: 604_800e3,
}
const TIME_OF_DAY = /^(\d\d?):(\d\d)(?::(\d\d))?$/

/**
 * The time an option means, in ISO 8601, or undefined for any other text. Where no zone is named, it is the zone that
 * times are printed in, so that what was printed can be given back.
 */
export function parseTimeOption(text: string, now: Date): string | undefined {
  if (text === 'now') return now.toISOString()
  if (text === 'today') return startOfDay(now, 0)
  if (text === 'yesterday') return startOfDay(now, -1)
  const ago = /^-?(\d{1,6})([smhdw])$/.exec(text)
  if (ago !== null) {
    return new Date(now.getTime() - Number(ago[1]) * (MS_PER_UNIT[ago[2] ?? ''] ?? 0)).toISOString()
  }
  const timeOfDay = TIME_OF_DAY.exec(text)
  if (timeOfDay !== null) return todayAt(now, timeOfDay)
  // A number alone would be taken as seconds since 1970, and is rather a duration without its unit.
  if (/^\d+$/.test(text)) return undefined
  const timeUs = parseTimestamp(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text} 00:00` : text, 'local')
  return timeUs === undefined ? undefined : formatTimestamp(timeUs)
}

function startOfDay(now: Date, offsetDays: number): string {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + offsetDays).toISOString()
}

function todayAt(now: Date, [, hour, minute, second = '0']: RegExpExecArray): string | undefined {
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  return new Date(
    now.getFullYear(),
    now.getMonth(),
    now.getDate(),
    Number(hour),
    Number(minute),
    Number(second),
  ).toISOString()
}

/** A duration such as `500ms`, `1.5s`, `2m`; a bare number is milliseconds. Undefined for any other text. */
export function parseDurationOption(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h)?$/.exec(text)
  if (match === null) return undefined
  const unit = match[2] ?? 'ms'
  return Number(match[1]) * (unit === 'ms' ? 1 : (MS_PER_UNIT[unit] ?? 1))
}
