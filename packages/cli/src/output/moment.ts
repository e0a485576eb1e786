import { formatLocalTime, parseTimestamp } from '@pixsim7/record'

/** How exactly a time is shown. */
export type Precision = 'second' | 'minute' | 'hour' | 'day'

const LENGTHS: Readonly<Record<Precision, number>> = { second: 19, minute: 16, hour: 16, day: 10 }

/** A time by the local clock (UTC after --utc), `2025-11-11 22:30`, as exactly as it is meant. */
export function formatMoment(timeMs: number, precision: Precision): string {
  return formatLocalTime(timeMs * 1000).slice(0, LENGTHS[precision])
}

/** The same for a timestamp of the log server; null, or what is none, is a dash. */
export function formatTimestampMoment(timestamp: string | null, precision: Precision = 'second'): string {
  const timeUs = timestamp === null ? undefined : parseTimestamp(timestamp)
  return timeUs === undefined ? '-' : formatMoment(timeUs / 1000, precision)
}
