import { sqlString } from './sql/literal.ts'
import { DATABASE, LOGS_TABLE } from './schema.ts'

/** Runs a statement; rows as JSONEachRow. */
export type Execute = (sql: string) => Promise<string>

/** The rows of version 1 while they are copied. */
const OLD_TABLE = `${DATABASE}.logs_v1`

const COPIED_COLUMNS = [
  'timestamp',
  'file',
  'offset',
  'length',
  'lines',
  'flags',
  'batch',
  'level',
  'component',
  'file_name',
  'logger',
  'module',
  'function',
  'line',
  'service',
  'host',
  'user_id',
  'job_id',
  'request_id',
  'id_types',
  'message',
  'exception',
  'fields',
].join(', ')

const IS_NUMBER = (field: string) => `JSONType(fields, '${field}') IN ('Int64', 'UInt64', 'Double')`
const IS_TEXT = (field: string) =>
  `(JSONType(fields, '${field}') = 'String' AND JSONExtractString(fields, '${field}') != '')`
const NUMBER = (field: string) => `JSONExtractFloat(fields, '${field}')`
const DURATION = (field: string, unitMs: number) =>
  `${IS_NUMBER(field)} AND ${NUMBER(field)} >= 0 AND isFinite(${NUMBER(field)} * ${unitMs}), ${NUMBER(field)} * ${unitMs}`

/** The columns that version 2 added, as statistics-columns.ts fills them; a test holds both equal. */
const ADDED_COLUMNS: Readonly<Record<string, string>> = {
  event: `if(${IS_TEXT('event')} AND length(JSONExtractString(fields, 'event')) <= 64, JSONExtractString(fields, 'event'), '')`,
  duration_ms: `multiIf(${DURATION('duration_ms', 1)}, ${DURATION('duration_sec', 1000)}, -1)`,
  status_code: `if(${IS_NUMBER('status_code')} AND ${NUMBER('status_code')} BETWEEN 100 AND 599 AND ${NUMBER('status_code')} = floor(${NUMBER('status_code')}), toUInt16(${NUMBER('status_code')}), 0)`,
  is_request: `status_code > 0 AND ${IS_TEXT('method')} AND ${IS_TEXT('path')}`,
}

/** Blocks of the size that the store writes anyway, one at a time: the engine's own would hold a gigabyte. */
const FRUGAL =
  'max_threads = 1, max_insert_threads = 1, max_block_size = 16384, min_insert_block_size_rows = 131072, ' +
  'min_insert_block_size_bytes = 33554432, max_partitions_per_insert_block = 0, async_insert = 0, insert_deduplicate = 0'

/** Whether the rows, or some that have not been copied yet, are those of a store of version 1. */
export async function isOfVersion1(execute: Execute): Promise<boolean> {
  const [found] = await rowsOf<{ old: number }>(
    execute,
    `SELECT (SELECT count() FROM system.tables WHERE database = '${DATABASE}' AND name = 'logs_v1') OR ` +
      `(SELECT count() FROM system.columns WHERE database = '${DATABASE}' AND table = 'logs') > 0 AND ` +
      `(SELECT count() FROM system.columns WHERE database = '${DATABASE}' AND table = 'logs' AND name = 'event') = 0 AS old`,
  )
  return Number(found?.old) > 0
}

/**
 * Copies the rows of version 1, which had neither the columns of statistics nor classes, into a table of version 2. It may
 * be killed at any moment and goes on at the next start: a day that was not copied to its end is copied anew, one that was
 * is gone from the old table. So the disk needs room for one more day, not for a second store.
 */
export async function migrate(
  execute: Execute,
  createLogs: string,
  onProgress: (rows: number, ofRows: number) => void,
): Promise<void> {
  const tables = await rowsOf<{ name: string }>(
    execute,
    `SELECT name FROM system.tables WHERE database = '${DATABASE}'`,
  )
  if (!tables.some(({ name }) => name === 'logs_v1'))
    await execute(`RENAME TABLE ${LOGS_TABLE} TO ${OLD_TABLE}`)
  await execute(createLogs)
  const days = await rowsOf<{ day: string; rows: number }>(
    execute,
    `SELECT toString(day) AS day, count() AS rows FROM ${OLD_TABLE} GROUP BY day ORDER BY day`,
  )
  const ofRows = days.reduce((sum, { rows }) => sum + rows, 0)
  let copied = 0
  onProgress(copied, ofRows)
  for (const { day, rows } of days) {
    await copyDay(execute, day)
    copied += rows
    onProgress(copied, ofRows)
  }
  // SYNC: otherwise the engine keeps what was dropped for eight more minutes, and with it the disk.
  await execute(`DROP TABLE ${OLD_TABLE} SYNC`)
}

async function copyDay(execute: Execute, day: string): Promise<void> {
  const partition = day.replaceAll('-', '')
  // What an earlier attempt has copied of it.
  for (const kind of [0, 1])
    await execute(`ALTER TABLE ${LOGS_TABLE} DROP PARTITION ID '${partition}-${kind}'`)
  const added = Object.entries(ADDED_COLUMNS).map(([name, expression]) => `${expression} AS ${name}`)
  await execute(
    `INSERT INTO ${LOGS_TABLE} (day, ${COPIED_COLUMNS}, ${Object.keys(ADDED_COLUMNS).join(', ')}) SETTINGS ${FRUGAL} ` +
      `SELECT day, ${COPIED_COLUMNS}, ${added.join(', ')} FROM ${OLD_TABLE} WHERE day = ${sqlString(day)}`,
  )
  await execute(`ALTER TABLE ${OLD_TABLE} DROP PARTITION ID '${partition}'`)
}

async function rowsOf<Row>(execute: Execute, sql: string): Promise<Row[]> {
  const text = await execute(sql)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}
