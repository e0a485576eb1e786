import type { Level } from '@pixsim7/record'

/** What the store keeps: days, counted as calendar days of UTC; null for ever. */
export interface RetentionDays {
  readonly days: number | null
  /** Of ERROR and CRITICAL. */
  readonly errorDays: number | null
}

export const KEEP_ALL: RetentionDays = { days: null, errorDays: null }

export const DAY_MS = 86_400_000
/** Rows older than this are kept in partitions of a month. */
const DAILY_DAYS = 400
/** A clock may be this much ahead before its rows count from the day they are read. */
export const AHEAD_DAYS = 2

/** `2025-11-11` of a time in milliseconds since 1970, UTC. */
export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10)
}

/** The first day that is kept: today and the `days` days before, so a record stays for at least `days` times 24 hours. */
export function oldestKeptDay(days: number, nowMs: number): string {
  // A retention that reaches back behind 1970 keeps all.
  return dayOf(Math.max(0, nowMs - days * DAY_MS))
}

/**
 * Gives rows the day of their partition, from which retention counts. That is the day they were written, but
 * - the day they are read, if they are older than the retention of their class by then: a log of years ago that somebody
 *   puts into the folder can be searched for as long as a new one, instead of vanishing at once;
 * - the day they are read, if they lie more than two days ahead: such a time says nothing about their age;
 * - the last day of their month, if they are more than 400 days old and still kept.
 *
 * So no times, forged ones neither, can make more than some 1,100 partitions of a class, each of which costs files and
 * memory; with a retention there are no more than its days and three. Docs: docs/decisions/0005-retention-by-class.md.
 */
export class PartitionDays {
  readonly #retention: RetentionDays
  readonly #now: () => number
  // Asked for each row; the bounds change once a day.
  #refreshedMs = Number.NaN
  #today = ''
  #latest = ''
  #earliestDaily = ''
  #earliest = ''
  #earliestError = ''

  /** @param now milliseconds since 1970 */
  constructor(retention: RetentionDays, now: () => number) {
    this.#retention = retention
    this.#now = now
  }

  /** @param timestamp of a record: ISO 8601, UTC */
  of(timestamp: string, level: Level): string {
    this.#refresh()
    const day = timestamp.slice(0, 10)
    const earliest = level === 'ERROR' || level === 'CRITICAL' ? this.#earliestError : this.#earliest
    if (day > this.#latest || day < earliest) return this.#today
    return day >= this.#earliestDaily ? day : lastDayOfMonth(day)
  }

  #refresh(): void {
    const nowMs = this.#now()
    if (Math.abs(nowMs - this.#refreshedMs) < 1000) return
    this.#refreshedMs = nowMs
    const earliest = (days: number | null) => (days === null ? '' : oldestKeptDay(days, nowMs))
    this.#today = dayOf(nowMs)
    this.#latest = dayOf(nowMs + AHEAD_DAYS * DAY_MS)
    this.#earliestDaily = dayOf(nowMs - DAILY_DAYS * DAY_MS)
    this.#earliest = earliest(this.#retention.days)
    this.#earliestError = earliest(this.#retention.errorDays)
  }
}

/** Not the first: a row must not go before its time. What the column cannot hold becomes the nearest it can. */
function lastDayOfMonth(day: string): string {
  if (day < '1970') return '1970-01-31'
  return new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 0)).toISOString().slice(0, 10)
}
