import type { RequestRateAnswer } from '@pixsim7/protocol'
import type { Interval } from './histogram-scale.ts'
import { formatDuration, formatPlural } from './number.ts'
import { formatInstant, type Zone } from './time.ts'

/** One interval of the chart of requests, or several neighbours together. */
export interface RatePoint extends Interval {
  readonly requests: number
  readonly clientErrors: number
  readonly serverErrors: number
  /** Null without requests. Of several intervals: the highest, because percentiles cannot be added up. */
  readonly p50Ms: number | null
  readonly p95Ms: number | null
}

/** The answer's intervals; starts that are no time are left out. */
export function ratePoints(answer: RequestRateAnswer): readonly RatePoint[] {
  return answer.points.flatMap((point): RatePoint[] => {
    const startMs = Date.parse(point.start)
    if (Number.isNaN(startMs)) return []
    return [
      {
        startMs,
        endMs: startMs + Math.max(1, answer.interval_seconds) * 1000,
        requests: point.requests,
        clientErrors: point.client_errors,
        serverErrors: point.server_errors,
        p50Ms: point.p50_ms,
        p95Ms: point.p95_ms,
      },
    ]
  })
}

function highest(values: readonly (number | null)[]): number | null {
  return values.reduce(
    (most, value) => (value === null || (most !== null && most >= value) ? most : value),
    null,
  )
}

/** Neighbouring points as one. */
export function sumOf(points: readonly RatePoint[]): RatePoint {
  const sum = (pick: (point: RatePoint) => number): number =>
    points.reduce((total, point) => total + pick(point), 0)
  return {
    startMs: points[0]?.startMs ?? 0,
    endMs: points.at(-1)?.endMs ?? 0,
    requests: sum((point) => point.requests),
    clientErrors: sum((point) => point.clientErrors),
    serverErrors: sum((point) => point.serverErrors),
    p50Ms: highest(points.map((point) => point.p50Ms)),
    p95Ms: highest(points.map((point) => point.p95Ms)),
  }
}

/** Requests a minute over an interval or a span of them. */
export function perMinute(point: RatePoint): number {
  const minutes = (point.endMs - point.startMs) / 60_000
  return minutes <= 0 ? 0 : point.requests / minutes
}

/** `12` above ten, `3.4` below. */
export function formatRate(rate: number): string {
  return rate >= 10 ? Math.round(rate).toLocaleString('en-US') : String(Number(rate.toFixed(1)))
}

/** `2026-11-26 12:05:00 – 12:06:00: 124 requests, 2 client errors, median 12 ms, p95 230 ms`. */
export function describePoint(point: RatePoint, zone: Zone): string {
  const start = formatInstant(point.startMs, zone)
  const end = formatInstant(point.endMs, zone)
  const until = start.slice(0, 10) === end.slice(0, 10) ? end.slice(11) : end
  const parts = [`${start} – ${until}: ${formatPlural(point.requests, 'request')}`]
  if (point.endMs - point.startMs > 60_000) parts.push(`${formatRate(perMinute(point))} a minute`)
  if (point.clientErrors > 0) parts.push(formatPlural(point.clientErrors, 'client error'))
  if (point.serverErrors > 0) parts.push(formatPlural(point.serverErrors, 'server error'))
  if (point.p50Ms !== null) parts.push(`median ${formatDuration(point.p50Ms)}`)
  if (point.p95Ms !== null) parts.push(`p95 ${formatDuration(point.p95Ms)}`)
  return parts.join(', ')
}

/**
 * The SVG path of a line through values at the middle of their intervals, interrupted where there is none. A value alone
 * between two gaps becomes a short stroke, or it would not be seen.
 */
export function linePath(
  values: readonly (number | null)[],
  largest: number,
  place: { readonly unit: number; readonly top: number; readonly height: number },
): string {
  let path = ''
  values.forEach((value, index) => {
    if (value === null) return
    const y = place.top + place.height * (1 - Math.min(1, value / Math.max(largest, 1e-9)))
    const x = (index + 0.5) * place.unit
    const isAfterGap = index === 0 || values[index - 1] === null
    const isBeforeGap = index === values.length - 1 || values[index + 1] === null
    path +=
      isAfterGap && isBeforeGap
        ? `M${x - place.unit / 2} ${y}h${place.unit}`
        : `${isAfterGap ? 'M' : 'L'}${x} ${y}`
  })
  return path
}
