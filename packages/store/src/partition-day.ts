const DAY_MS = 86_400_000
/** Rows older than this are kept in partitions of a month. */
const DAILY_DAYS = 400
/** A clock may be this much ahead before its rows go to the partition of the future. */
const AHEAD_DAYS = 2
const FUTURE = '2149-06-06'
const EARLIEST = '1970-01-01'

/**
 * The partition a row belongs to, `2025-11-11`: its day, but the first of its month when it is more than 400 days old, and
 * one partition for all that lies more than two days ahead. So lines with forged times cannot make more than about 1,100
 * partitions, each of which costs files and memory.
 */
export function partitionDay(timestamp: string, nowMs: number): string {
  const day = timestamp.slice(0, 10)
  refresh(nowMs)
  if (day > latestDay) return FUTURE
  if (day >= earliestDay) return day
  return day < EARLIEST ? EARLIEST : `${day.slice(0, 8)}01`
}

// Asked for each row; the bounds change once a day.
let refreshedMs = Number.NaN
let earliestDay = ''
let latestDay = ''

function refresh(nowMs: number): void {
  if (Math.abs(nowMs - refreshedMs) < 60_000) return
  refreshedMs = nowMs
  earliestDay = new Date(nowMs - DAILY_DAYS * DAY_MS).toISOString().slice(0, 10)
  latestDay = new Date(nowMs + AHEAD_DAYS * DAY_MS).toISOString().slice(0, 10)
}
