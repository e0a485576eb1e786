import type { LogFilter, TailBatch } from '../log-store.ts'
import { ENTRY_COLUMNS, type EntryRow } from '../row.ts'
import { LOGS_TABLE } from '../schema.ts'
import { StoreError } from '../store-error.ts'
import { sqlUInt } from '../sql/literal.ts'
import { filterSql } from './filter-sql.ts'
import { entryOf } from './search.ts'
import type { SqlRunner } from './sql-runner.ts'

const MAX_LIMIT = 1000

/** Bytes of log text one batch holds at most; further entries are counted as skipped. */
const BATCH_BUDGET_BYTES = 4 * 1024 ** 2

/** Where the store stands: batches up to this number are complete and visible. */
export interface BatchClock {
  readonly storeId: string
  readonly committedBatch: number
  /** Resolves when `committedBatch` is above `batch`, or `signal` aborts, or the store closes. */
  waitBeyond(batch: number, signal: AbortSignal): Promise<void>
}

/** See LogStore.tail. Of more than `limit` entries the newest are given. */
export async function* tail(
  runner: SqlRunner,
  clock: BatchClock,
  filter: LogFilter,
  from: string | undefined,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<TailBatch> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new StoreError('STORE_BAD_QUESTION', `limit is ${limit}, expected 1 to ${MAX_LIMIT}.`)
  }
  const where = filterSql(filter)
  let seen = from === undefined ? clock.committedBatch : parsePosition(from, clock)
  // Before anything matches: a reader whose connection breaks in a quiet hour goes on from here without a gap.
  if (from === undefined) yield { entries: [], position: formatPosition(clock.storeId, seen), skipped: 0 }
  for (;;) {
    await clock.waitBeyond(seen, signal)
    if (signal.aborted) return
    const upTo = clock.committedBatch
    let batch: TailBatch
    try {
      batch = await readBatch(runner, where, seen, upTo, limit, clock.storeId, signal)
    } catch (error) {
      if (signal.aborted) return
      throw error
    }
    seen = upTo
    if (batch.entries.length > 0 || batch.skipped > 0) yield batch
  }
}

async function readBatch(
  runner: SqlRunner,
  where: string,
  after: number,
  upTo: number,
  limit: number,
  storeId: string,
  signal: AbortSignal,
): Promise<TailBatch> {
  const condition = `batch > ${sqlUInt(after)} AND batch <= ${sqlUInt(upTo)} AND ${where}`
  const order = 'ORDER BY batch DESC, timestamp DESC, file DESC, offset DESC'
  // Sizes first: a thousand lines of a megabyte must not be fetched to be thrown away.
  const sizes = await runner.rows<{ length: number; matching: number }>(
    `SELECT length, count() OVER () AS matching FROM ${LOGS_TABLE} WHERE ${condition} ${order} LIMIT ${limit}`,
    { signal },
  )
  const position = formatPosition(storeId, upTo)
  const matching = sizes[0]?.matching ?? 0
  if (matching === 0) return { entries: [], position, skipped: 0 }
  const rows = await runner.rows<EntryRow>(
    `SELECT ${ENTRY_COLUMNS} FROM ${LOGS_TABLE} WHERE ${condition} ${order} LIMIT ${fittingRows(sizes)}`,
    { signal },
  )
  return { entries: rows.reverse().map(entryOf), position, skipped: matching - rows.length }
}

function fittingRows(sizes: readonly { length: number }[]): number {
  let bytes = 0
  const end = sizes.findIndex((row, index) => {
    bytes += row.length
    return index > 0 && bytes > BATCH_BUDGET_BYTES
  })
  return end === -1 ? sizes.length : end
}

function formatPosition(storeId: string, batch: number): string {
  return `${storeId}-${batch}`
}

/** @throws StoreError STORE_BAD_CURSOR */
function parsePosition(text: string, clock: BatchClock): number {
  const match = /^([0-9a-f]{12})-(\d{1,15})$/.exec(text)
  if (match === null || match[1] !== clock.storeId) {
    throw new StoreError(
      'STORE_BAD_CURSOR',
      'The position does not belong to this store, which may have been built anew. Begin the tail from now on.',
    )
  }
  return Number(match[2])
}
