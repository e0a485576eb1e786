import { formatTimestamp, type Level } from '@pixsim7/record'
import type { Histogram, LogFilter, QueryOptions } from '../log-store.ts'
import { LOGS_TABLE } from '../schema.ts'
import { StoreError } from '../store-error.ts'
import { filterSql } from './filter-sql.ts'
import { gridFor } from './histogram-grid.ts'
import type { SqlRunner } from './sql-runner.ts'

const MAX_BUCKETS = 2000

/** See LogStore.histogram. Without a time range, or with half of one, the range is that of the matching entries. */
export async function histogram(
  runner: SqlRunner,
  filter: LogFilter,
  buckets: number,
  options: QueryOptions = {},
): Promise<Histogram> {
  if (!Number.isInteger(buckets) || buckets < 1 || buckets > MAX_BUCKETS) {
    throw new StoreError('STORE_BAD_QUESTION', `buckets is ${buckets}, expected 1 to ${MAX_BUCKETS}.`)
  }
  const range = await rangeOf(runner, filter, options)
  if (range === undefined) return { intervalSeconds: 1, buckets: [] }
  const grid = gridFor(range.fromUs, range.toUs, buckets)
  const rows = await runner.rows<{ bucket: number; level: Level; entries: number }>(
    `SELECT intDiv(toUnixTimestamp64Micro(timestamp) - ${grid.startUs}, ${grid.intervalUs}) AS bucket, level, ` +
      `count() AS entries FROM ${LOGS_TABLE} WHERE ${filterSql({ ...filter, ...range })} GROUP BY bucket, level`,
    options,
  )
  const counts = Array.from({ length: grid.count }, (): Partial<Record<Level, number>> => ({}))
  for (const { bucket, level, entries } of rows) {
    const at = counts[bucket]
    if (at !== undefined) at[level] = entries
  }
  return {
    intervalSeconds: grid.intervalUs / 1_000_000,
    buckets: counts.map((bucketCounts, index) => ({
      start: formatTimestamp(grid.startUs + index * grid.intervalUs),
      counts: bucketCounts,
    })),
  }
}

/** The filter's time range, open ends closed by the matching entries; half open. Undefined when there is nothing to count. */
export async function rangeOf(
  runner: SqlRunner,
  filter: LogFilter,
  options: QueryOptions,
): Promise<{ fromUs: number; toUs: number } | undefined> {
  let { fromUs, toUs } = filter
  if (fromUs === undefined || toUs === undefined) {
    const rows = await runner.rows<{ first: number; last: number; entries: number }>(
      `SELECT toUnixTimestamp64Micro(min(timestamp)) AS first, toUnixTimestamp64Micro(max(timestamp)) AS last, ` +
        `count() AS entries FROM ${LOGS_TABLE} WHERE ${filterSql(filter)}`,
      options,
    )
    const found = rows[0]
    if (found === undefined || found.entries === 0) return undefined
    fromUs ??= found.first
    toUs ??= found.last + 1
  }
  return fromUs < toUs ? { fromUs, toUs } : undefined
}
