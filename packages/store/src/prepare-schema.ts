import { randomBytes } from 'node:crypto'
import { isOfVersion1, migrate, type Execute } from './migration.ts'
import { CREATE_FILES, CREATE_LOGS, CREATE_META, DATABASE, META_TABLE, SCHEMA_VERSION } from './schema.ts'
import { sqlString } from './sql/literal.ts'
import { StoreError } from './store-error.ts'

/** What a store says of itself. */
export interface StoreIdentity {
  /** By which positions and cursors of another store are told apart. */
  readonly storeId: string
  /**
   * Day before which nothing counts as old, `2025-11-11`: of the migration that brought retention to a store of before.
   * Empty in all others.
   */
  readonly retentionSince: string
}

/**
 * Makes what is missing and checks the version; a store of version 1 is migrated, see migration.ts.
 *
 * @param today `2025-11-11`, UTC
 * @param onMigrating called with rows copied and rows in all, now and then
 * @throws StoreError STORE_NEWER_SCHEMA
 */
export async function prepareSchema(
  execute: Execute,
  today: string,
  onMigrating: (rows: number, ofRows: number) => void,
): Promise<StoreIdentity> {
  await execute(`CREATE DATABASE IF NOT EXISTS ${DATABASE}`)
  await execute(CREATE_META)
  const meta = await readMeta(execute)
  const version = Number(meta.get('schema_version') ?? SCHEMA_VERSION)
  if (version > SCHEMA_VERSION) {
    throw new StoreError(
      'STORE_NEWER_SCHEMA',
      `The store was written by a newer version of this program (schema ${version}, this one knows ${SCHEMA_VERSION}). ` +
        'Start the newer version, or move the folder away: the store is built again from the log files.',
    )
  }
  const setMeta = async (key: string, value: string) => {
    await writeMeta(execute, key, value)
    meta.set(key, value)
  }
  if (await isOfVersion1(execute)) {
    if (!meta.has('retention_since')) await setMeta('retention_since', today)
    // Before the first step, so that a program of before does not take a store that is half migrated for its own.
    if (version < SCHEMA_VERSION) await setMeta('schema_version', String(SCHEMA_VERSION))
    await migrate(execute, CREATE_LOGS, onMigrating)
  }
  await execute(CREATE_LOGS)
  await execute(CREATE_FILES)
  // Last, so that a store killed in the making is finished by the next start.
  if (!meta.has('schema_version')) await setMeta('schema_version', String(SCHEMA_VERSION))
  if (!meta.has('store_id')) await setMeta('store_id', randomBytes(6).toString('hex'))
  return { storeId: meta.get('store_id') ?? '', retentionSince: meta.get('retention_since') ?? '' }
}

async function readMeta(execute: Execute): Promise<Map<string, string>> {
  const text = await execute(`SELECT key, max(value) AS value FROM ${META_TABLE} GROUP BY key`)
  return new Map(
    text
      .split('\n')
      .filter((row) => row !== '')
      .map((row) => JSON.parse(row) as { key: string; value: string })
      .map(({ key, value }) => [key, value]),
  )
}

async function writeMeta(execute: Execute, key: string, value: string): Promise<void> {
  await execute(
    `INSERT INTO ${META_TABLE} (key, value) SETTINGS async_insert = 0 VALUES (${sqlString(key)}, ${sqlString(value)})`,
  )
}
