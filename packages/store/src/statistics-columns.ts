/**
 * What the statistics need of a record in columns of their own. The fields stay among the fields: an entry does not change
 * its shape by what is counted of it.
 */
export interface StatisticsColumns {
  /** The field `event`; empty when it is absent, or too long for a name. */
  readonly event: string
  /** The field `duration_ms`, else `duration_sec` in milliseconds; NO_DURATION when neither is a number from 0 on. */
  readonly durationMs: number
  /** The field `status_code`, 100 to 599; else 0. */
  readonly statusCode: number
  /** Whether the record is a request that was answered: it has the fields `method`, `path` and `status_code`. */
  readonly isRequest: boolean
}

/** Below every duration, so that `duration_ms >= x` leaves out what has none. */
export const NO_DURATION = -1

/** Bytes of a name of an event; longer texts are no names, and would swell the column's dictionary. */
const MAX_EVENT_BYTES = 64

export function statisticsOf(fields: Readonly<Record<string, unknown>>): StatisticsColumns {
  const statusCode = statusOf(fields['status_code'])
  return {
    event: eventOf(fields['event']),
    durationMs:
      durationOf(fields['duration_ms'], 1) ?? durationOf(fields['duration_sec'], 1000) ?? NO_DURATION,
    statusCode,
    isRequest: statusCode !== 0 && isText(fields['method']) && isText(fields['path']),
  }
}

function eventOf(value: unknown): string {
  const isName = isText(value) && value.length <= MAX_EVENT_BYTES && value.isWellFormed()
  return isName && Buffer.byteLength(value) <= MAX_EVENT_BYTES ? value : ''
}

function durationOf(value: unknown, unitMs: number): number | undefined {
  if (typeof value !== 'number' || !(value >= 0)) return undefined
  const durationMs = value * unitMs
  return Number.isFinite(durationMs) ? durationMs : undefined
}

function statusOf(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599 ? value : 0
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
