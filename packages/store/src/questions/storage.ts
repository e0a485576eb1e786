import { statfs } from 'node:fs/promises'
import type { QueryOptions, StorageUse } from '../log-store.ts'
import { DATABASE, LOGS_TABLE } from '../schema.ts'
import type { SqlRunner } from './sql-runner.ts'

/** Days that are told, newest first. */
const MAX_DAYS = 400

interface DayRow {
  readonly day: string
  readonly component: string
  readonly is_error: number
  readonly rows: number
  readonly line_bytes: number
}

/** Grouped as the projection `daily` is, from which these are answered without a look at the rows. */
const DAILY =
  "toDate32(timestamp) AS written, component, level >= 'ERROR' AS is_error, count() AS rows, sum(length) AS line_bytes"

/** See LogStore.storage. `dataDir`: the folder whose disk is looked at. */
export async function storage(
  runner: SqlRunner,
  dataDir: string,
  expiredRows: number,
  options: QueryOptions = {},
): Promise<StorageUse> {
  const daily = `SELECT ${DAILY} FROM ${LOGS_TABLE} GROUP BY written, component, is_error`
  const [parts, totals, dayRows, diskFreeBytes] = await Promise.all([
    runner.rows<{ bytes: number }>(
      `SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE database = '${DATABASE}' AND active`,
      options,
    ),
    runner.rows<{ total: number; bytes: number }>(
      `SELECT sum(rows) AS total, sum(line_bytes) AS bytes FROM (${daily})`,
      options,
    ),
    runner.rows<DayRow>(
      `SELECT toString(written) AS day, component, is_error, rows, line_bytes FROM (${daily}) ` +
        `WHERE written IN (SELECT written FROM (${daily}) GROUP BY written ORDER BY written DESC LIMIT ${MAX_DAYS}) ` +
        'ORDER BY written DESC, component, is_error',
      options,
    ),
    freeBytes(dataDir),
  ])
  return {
    storeBytes: parts[0]?.bytes ?? 0,
    rows: totals[0]?.total ?? 0,
    lineBytes: totals[0]?.bytes ?? 0,
    diskFreeBytes,
    expiredRows,
    days: joinClasses(dayRows),
  }
}

function joinClasses(rows: readonly DayRow[]): StorageUse['days'] {
  const days = new Map<
    string,
    { -readonly [Key in keyof StorageUse['days'][number]]: StorageUse['days'][number][Key] }
  >()
  for (const { day, component, is_error: isError, rows: count, line_bytes: lineBytes } of rows) {
    const key = `${day} ${component}`
    const joined = days.get(key) ?? { day, component, rows: 0, lineBytes: 0, errorRows: 0, errorLineBytes: 0 }
    days.set(key, joined)
    joined.rows += count
    joined.lineBytes += lineBytes
    if (isError === 0) continue
    joined.errorRows += count
    joined.errorLineBytes += lineBytes
  }
  return [...days.values()]
}

/** What an ordinary user may still write; null where the system does not tell. */
async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch {
    return null
  }
}
