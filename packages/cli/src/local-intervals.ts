/** What entries are counted by. */
export const INTERVAL_NAMES = ['minute', 'hour', 'day'] as const
export type IntervalName = (typeof INTERVAL_NAMES)[number]

const MINUTE_MS = 60_000
const INTERVAL_MINUTES: Readonly<Record<IntervalName, number>> = { minute: 1, hour: 60, day: 1440 }

/** The beginning of the minute, hour or day, by the local clock, that a time lies in; milliseconds since 1970. */
export function intervalStart(timeMs: number, interval: IntervalName): number {
  if (interval === 'minute') return Math.floor(timeMs / MINUTE_MS) * MINUTE_MS
  const date = new Date(timeMs)
  if (interval === 'day') return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
  // Not by setting minutes to zero: of the hour that comes twice when clocks are set back, that would give the first.
  return timeMs - (date.getMinutes() * MINUTE_MS + (((timeMs % MINUTE_MS) + MINUTE_MS) % MINUTE_MS))
}

/** The beginning of the next one. */
export function nextInterval(startMs: number, interval: IntervalName): number {
  if (interval !== 'day') return startMs + INTERVAL_MINUTES[interval] * MINUTE_MS
  const date = new Date(startMs)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime()
}

/**
 * The largest step, in milliseconds, whose multiples since 1970 meet all beginnings of such intervals between two times:
 * the log server counts by UTC, and zones are off by hours, half hours and quarters.
 */
export function commonStepMs(fromMs: number, toMs: number, interval: IntervalName): number {
  const offsets = [fromMs, toMs].map((timeMs) => new Date(timeMs).getTimezoneOffset())
  const steps = [1440, 60, 30, 15, 1].filter((minutes) => minutes <= INTERVAL_MINUTES[interval])
  // A day of the zone's clock change has 23 or 25 hours, though its offset at both ends may be the same.
  const step = steps.find((minutes) => offsets.every((offset) => offset % minutes === 0)) ?? 1
  return (step === 1440 && offsets.some((offset) => offset !== 0) ? 60 : step) * MINUTE_MS
}
