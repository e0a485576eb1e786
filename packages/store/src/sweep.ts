import type { Ingester } from './ingest/ingester.ts'
import { rowsOf, type RowStore } from './ingest/row-store.ts'
import { AHEAD_DAYS, DAY_MS, dayOf, oldestKeptDay, type RetentionDays } from './partition-day.ts'
import { sqlString } from './sql/literal.ts'
import { messageOf } from './store-error.ts'
import type { StoreEventListener } from './store-event.ts'
import { LOGS_TABLE } from './schema.ts'

const HOUR_MS = 3_600_000

/** A partition of the rows: the day from which they count, and their class. */
export interface Partition {
  readonly id: string
  readonly day: string
  readonly isError: boolean
  readonly rows: number
}

/**
 * Removes what is older than the retention now, and again at each full hour of UTC, so at midnight as well. Resolves after
 * the first time; never rejects: what could not be removed is told and tried again.
 *
 * @param since see StoreIdentity.retentionSince
 * @param now milliseconds since 1970
 */
export async function sweepEachHour(
  store: RowStore,
  ingester: Ingester,
  retention: RetentionDays,
  since: string,
  now: () => number,
  report: StoreEventListener,
): Promise<void> {
  if (retention.days === null && retention.errorDays === null) return
  try {
    await ingester.expire((doubtfulBatch) => sweep(store, doubtfulBatch, retention, since, now(), report))
  } catch (error) {
    report({ event: 'expiryFailed', reason: messageOf(error) })
  }
  const untilFullHourMs = HOUR_MS - (now() % HOUR_MS)
  setTimeout(() => void sweepEachHour(store, ingester, retention, since, now, report), untilFullHourMs)
}

/** Drops the partitions that are too old, and tells. Returns how many rows were in them. */
async function sweep(
  store: RowStore,
  doubtfulBatch: number | undefined,
  retention: RetentionDays,
  since: string,
  nowMs: number,
  report: StoreEventListener,
): Promise<number> {
  const inDoubt = doubtfulBatch === undefined ? NONE : await partitionsWith(store, doubtfulBatch)
  const expired = expiredPartitions(await partitionsOf(store), retention, since, nowMs).filter(
    ({ id }) => !inDoubt.has(id),
  )
  const dropped: Partition[] = []
  try {
    for (const partition of expired) {
      await store.execute(`ALTER TABLE ${LOGS_TABLE} DROP PARTITION ID ${sqlString(partition.id)}`)
      dropped.push(partition)
    }
  } catch (error) {
    report({ event: 'expiryFailed', reason: messageOf(error) })
  }
  const rowsIn = (partitions: readonly Partition[]) => partitions.reduce((sum, { rows }) => sum + rows, 0)
  if (dropped.length > 0) {
    const days = dropped.map(({ day }) => day).sort()
    report({
      event: 'rowsExpired',
      rows: rowsIn(dropped),
      errorRows: rowsIn(dropped.filter(({ isError }) => isError)),
      firstDay: days[0] ?? '',
      lastDay: days.at(-1) ?? '',
    })
  }
  return rowsIn(dropped)
}

/** Those that count from a day that is no longer kept. */
export function expiredPartitions(
  partitions: readonly Partition[],
  retention: RetentionDays,
  since: string,
  nowMs: number,
): Partition[] {
  const latest = dayOf(nowMs + AHEAD_DAYS * DAY_MS)
  return partitions.filter(({ day, isError }) => {
    const days = isError ? retention.errorDays : retention.days
    if (days === null) return false
    // A migrated store kept rows far ahead of its clock under a day that never comes.
    const countsFrom = since !== '' && (day < since || day > latest) ? since : day
    return countsFrom < oldestKeptDay(days, nowMs)
  })
}

const NONE: ReadonlySet<string> = new Set()

async function partitionsWith(store: RowStore, batch: number): Promise<Set<string>> {
  const found = await rowsOf<{ id: string }>(
    store,
    `SELECT DISTINCT _partition_id AS id FROM ${LOGS_TABLE} WHERE batch = ${batch}`,
  )
  return new Set(found.map(({ id }) => id))
}

async function partitionsOf(store: RowStore): Promise<Partition[]> {
  const [database, table] = LOGS_TABLE.split('.')
  const found = await rowsOf<{ id: string; rows: number }>(
    store,
    `SELECT partition_id AS id, sum(rows) AS rows FROM system.parts ` +
      `WHERE database = '${database}' AND table = '${table}' AND active GROUP BY id ORDER BY id`,
  )
  return found.flatMap(({ id, rows }) => {
    // `20251111-1`, as the engine forms it from the partition key.
    const match = /^(\d{4})(\d\d)(\d\d)-([01])$/.exec(id)
    return match === null
      ? []
      : [{ id, day: `${match[1]}-${match[2]}-${match[3]}`, isError: match[4] === '1', rows }]
  })
}
