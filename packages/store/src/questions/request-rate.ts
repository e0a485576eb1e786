import { formatTimestamp } from '@pixsim7/record'
import type { LogFilter, QueryOptions, RequestRate } from '../log-store.ts'
import { LOGS_TABLE } from '../schema.ts'
import { filterSql } from './filter-sql.ts'
import { rangeOf } from './histogram.ts'
import type { SqlRunner } from './sql-runner.ts'

const MINUTE_US = 60_000_000
/** More points than a screen is wide; a day of minutes fits. */
const MAX_POINTS = 1500

interface PointRow {
  readonly point: number
  readonly requests: number
  readonly client_errors: number
  readonly server_errors: number
  readonly records: number
  readonly quantiles: readonly (number | null)[]
}

/**
 * See LogStore.requestRate. Without a time range, or with half of one, the range is that of the matching entries. Of more
 * than 8,192 requests in an interval, the percentiles are those of a sample.
 */
export async function requestRate(
  runner: SqlRunner,
  filter: LogFilter,
  options: QueryOptions = {},
): Promise<RequestRate> {
  const range = await rangeOf(runner, filter, options)
  if (range === undefined) return { intervalSeconds: MINUTE_US / 1_000_000, points: [] }
  const { startUs, intervalUs, count } = minuteGrid(range.fromUs, range.toUs)
  const rows = await runner.rows<PointRow>(
    `SELECT intDiv(toUnixTimestamp64Micro(timestamp) - ${startUs}, ${intervalUs}) AS point, ` +
      'countIf(is_request) AS requests, ' +
      'countIf(is_request AND status_code BETWEEN 400 AND 499) AS client_errors, ' +
      'countIf(is_request AND status_code >= 500) AS server_errors, count() AS records, ' +
      'quantilesIf(0.5, 0.95)(duration_ms, is_request AND duration_ms >= 0) AS quantiles ' +
      `FROM ${LOGS_TABLE} WHERE ${filterSql({ ...filter, ...range })} GROUP BY point`,
    options,
  )
  const byPoint = new Map(rows.map((row) => [row.point, row]))
  return {
    intervalSeconds: intervalUs / 1_000_000,
    points: Array.from({ length: count }, (_, index) => {
      const row = byPoint.get(index)
      return {
        start: formatTimestamp(startUs + index * intervalUs),
        requests: row?.requests ?? 0,
        clientErrors: row?.client_errors ?? 0,
        serverErrors: row?.server_errors ?? 0,
        records: row?.records ?? 0,
        p50Ms: row?.quantiles[0] ?? null,
        p95Ms: row?.quantiles[1] ?? null,
      }
    }),
  }
}

/** Whole minutes that cover `[fromUs, toUs)`, each as few of them as MAX_POINTS allows. */
export function minuteGrid(
  fromUs: number,
  toUs: number,
): { startUs: number; intervalUs: number; count: number } {
  for (let minutes = Math.max(1, Math.floor((toUs - fromUs) / MINUTE_US / MAX_POINTS)); ; minutes += 1) {
    const intervalUs = minutes * MINUTE_US
    const startUs = Math.floor(fromUs / intervalUs) * intervalUs
    const count = Math.ceil((toUs - startUs) / intervalUs)
    if (count <= MAX_POINTS) return { startUs, intervalUs, count }
  }
}
