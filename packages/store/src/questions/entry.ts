import type { LogEntry } from '@pixsim7/record'
import type { QueryOptions } from '../log-store.ts'
import { ENTRY_COLUMNS, type EntryRow } from '../row.ts'
import { LOGS_TABLE } from '../schema.ts'
import { StoreError } from '../store-error.ts'
import { sqlUInt } from '../sql/literal.ts'
import { atKey, parseKey } from './entry-key.ts'
import { entryOf } from './search.ts'
import type { SqlRunner } from './sql-runner.ts'

const MAX_CONTEXT = 1000

/** See LogStore.entry. A text that is no id of ours is the id of nothing. */
export async function entry(
  runner: SqlRunner,
  id: string,
  options: QueryOptions = {},
): Promise<LogEntry | undefined> {
  const key = parseKey(id)
  if (key === undefined) return undefined
  const rows = await runner.rows<EntryRow>(
    `SELECT ${ENTRY_COLUMNS} FROM ${LOGS_TABLE} WHERE ${atKey(key)} LIMIT 1`,
    options,
  )
  return rows[0] === undefined ? undefined : entryOf(rows[0])
}

/** See LogStore.context. */
export async function context(
  runner: SqlRunner,
  id: string,
  before: number,
  after: number,
  options: QueryOptions = {},
): Promise<LogEntry[] | undefined> {
  for (const count of [before, after]) {
    if (Number.isInteger(count) && count >= 0 && count <= MAX_CONTEXT) continue
    throw new StoreError(
      'STORE_BAD_QUESTION',
      `${count} lines of context were asked for, expected 0 to ${MAX_CONTEXT}.`,
    )
  }
  const key = parseKey(id)
  const found = await entry(runner, id, options)
  if (key === undefined || found === undefined) return undefined
  const side = async (sign: '<' | '>', count: number) => {
    if (count === 0) return []
    const rows = await runner.rows<EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM ${LOGS_TABLE} WHERE file = ${sqlUInt(key.file)} AND offset ${sign} ${sqlUInt(key.offset)} ` +
        `ORDER BY offset ${sign === '<' ? 'DESC' : 'ASC'} LIMIT ${count}`,
      options,
    )
    return rows.map(entryOf)
  }
  const [earlier, later] = await Promise.all([side('<', before), side('>', after)])
  return [...earlier.reverse(), found, ...later]
}
