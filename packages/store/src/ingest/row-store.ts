import type { IncarnationState } from '../follow/incarnation-state.ts'
import { FILES_TABLE, LOGS_TABLE } from '../schema.ts'

/** What storing needs of the engine. */
export interface RowStore {
  /** Runs a statement; rows as JSONEachRow. */
  execute(sql: string): Promise<string>
  /** When it rejects, some of the rows may be stored all the same. */
  insert(table: string, columns: readonly string[], rows: Buffer): Promise<void>
}

export async function rowsOf<Row>(store: RowStore, sql: string): Promise<Row[]> {
  const text = await store.execute(sql)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}

/** Stores states together: one block of a table without partitions is stored as a whole or not at all. */
export async function storeStates(store: RowStore, states: readonly IncarnationState[]): Promise<void> {
  if (states.length === 0) return
  const rows = states.map((state) => `${JSON.stringify([state.id, state.version, JSON.stringify(state)])}\n`)
  await store.insert(FILES_TABLE, ['id', 'version', 'state'], Buffer.from(rows.join('')))
}

/** The newest state of each incarnation. */
export async function loadStates(store: RowStore): Promise<IncarnationState[]> {
  const rows = await rowsOf<{ state: string }>(
    store,
    `SELECT state FROM ${FILES_TABLE} ORDER BY id, version DESC LIMIT 1 BY id`,
  )
  return rows.map(({ state }) => JSON.parse(state) as IncarnationState)
}

/** `file:offset` of the rows a batch has stored so far. */
export async function storedKeys(store: RowStore, batch: number): Promise<Set<string>> {
  const rows = await rowsOf<{ key: string }>(
    store,
    `SELECT concat(toString(file), ':', toString(offset)) AS key FROM ${LOGS_TABLE} WHERE batch = ${batch}`,
  )
  return new Set(rows.map(({ key }) => key))
}
