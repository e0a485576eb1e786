import type { LogEntry } from '@pixsim7/record'
import type { LogFilter, LogPage, PageRequest, QueryOptions } from '../log-store.ts'
import { ENTRY_COLUMNS, decodeRow, type EntryRow } from '../row.ts'
import { LOGS_TABLE } from '../schema.ts'
import { StoreError } from '../store-error.ts'
import { formatCursor, parseCursor, type Cursor } from './cursor.ts'
import { atKey, beyondKey, formatKey, keyOf, type KeyRow } from './entry-key.ts'
import { filterSql } from './filter-sql.ts'
import type { SqlRunner } from './sql-runner.ts'

const MAX_LIMIT = 1000

/** Bytes of log text one page holds at most when its rows are huge; it then has fewer entries than asked for. */
const PAGE_BUDGET_BYTES = 4 * 1024 ** 2

/** See LogStore.search. */
export async function search(
  runner: SqlRunner,
  filter: LogFilter,
  page: PageRequest,
  options: QueryOptions = {},
): Promise<LogPage> {
  const startedMs = performance.now()
  if (!Number.isInteger(page.limit) || page.limit < 1 || page.limit > MAX_LIMIT) {
    throw new StoreError('STORE_BAD_QUESTION', `limit is ${page.limit}, expected 1 to ${MAX_LIMIT}.`)
  }
  const where = filterSql(filter)
  const cursor = page.cursor === undefined ? undefined : parseCursor(page.cursor, page.order)
  const isBackward = cursor?.way === 'prev'
  const isDescending = (page.order === 'desc') !== isBackward
  const condition =
    cursor === undefined ? where : `${where} AND ${beyondKey(cursor.key, isDescending ? 'before' : 'after')}`
  const [{ rows, hasMore }, counted] = await Promise.all([
    firstRows(runner, condition, orderBy(isDescending), page.limit, options),
    runner.rows<{ total: number }>(`SELECT count() AS total FROM ${LOGS_TABLE} WHERE ${where}`, options),
  ])
  if (isBackward) rows.reverse()
  const cursorAt = (row: EntryRow | undefined, way: Cursor['way']) =>
    row === undefined ? null : formatCursor({ way, key: keyOf(row) }, page.order)
  return {
    entries: rows.map(entryOf),
    nextCursor: isBackward || hasMore ? cursorAt(rows.at(-1), 'next') : null,
    prevCursor: cursor !== undefined && (!isBackward || hasMore) ? cursorAt(rows[0], 'prev') : null,
    total: counted[0]?.total ?? 0,
    totalIsExact: true,
    tookMs: Math.round((performance.now() - startedMs) * 10) / 10,
  }
}

export function entryOf(row: EntryRow): LogEntry {
  return decodeRow(row, formatKey(keyOf(row)))
}

function orderBy(isDescending: boolean): string {
  const way = isDescending ? 'DESC' : 'ASC'
  return `ORDER BY timestamp ${way}, file ${way}, offset ${way}`
}

/** At most `limit` rows in an order (`ORDER BY …`); fewer when they are huge. `hasMore` tells whether there are others. */
export async function firstRows(
  runner: SqlRunner,
  condition: string,
  order: string,
  limit: number,
  options: QueryOptions,
): Promise<{ rows: EntryRow[]; hasMore: boolean }> {
  const from = `FROM ${LOGS_TABLE} WHERE ${condition} ${order} LIMIT ${limit + 1}`
  try {
    const rows = await runner.rows<EntryRow>(`SELECT ${ENTRY_COLUMNS} ${from}`, options)
    return { rows: rows.slice(0, limit), hasMore: rows.length > limit }
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'STORE_TOO_LARGE')) throw error
  }
  // Lines of up to a megabyte each: look at their sizes first, and take as many as fit.
  const keys = await runner.rows<KeyRow & { length: number }>(
    `SELECT timestamp, file, offset, length ${from}`,
    options,
  )
  const fitting = fittingKeys(keys.slice(0, limit))
  const rows: EntryRow[] = []
  for (const key of fitting) {
    rows.push(
      ...(await runner.rows<EntryRow>(
        `SELECT ${ENTRY_COLUMNS} FROM ${LOGS_TABLE} WHERE ${atKey(keyOf(key))} LIMIT 1`,
        options,
      )),
    )
  }
  return { rows, hasMore: keys.length > fitting.length }
}

/** At least one, so that paging goes on. */
function fittingKeys<Key extends { length: number }>(keys: readonly Key[]): readonly Key[] {
  let bytes = 0
  const end = keys.findIndex((key, index) => {
    bytes += key.length
    return index > 0 && bytes > PAGE_BUDGET_BYTES
  })
  return end === -1 ? keys : keys.slice(0, end)
}
