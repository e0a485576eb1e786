/** Brings the schema up to date, ours and the queue's, at the start of each component. */
import { runMigrations } from 'graphile-worker'
import { Migrator } from 'kysely'
import type { Kysely } from 'kysely'
import type { Pool } from 'pg'
import { queueLogger } from '../queue/queue-logger.ts'
import { MIGRATIONS } from './migrations.ts'
import type { Tables } from './tables.ts'

/** Any number nobody else locks; held while migrating, so that backend and worker may start at the same moment. */
const MIGRATION_LOCK_KEY = 7_077_001

/**
 * Runs the migrations that have not run yet and returns their names (without those of the queue's own schema). A second
 * caller waits for the first one, in whatever process. Throws what a failing migration threw; it is rolled back.
 */
export async function migrateDatabase(database: {
  readonly db: Kysely<Tables>
  readonly pool: Pool
}): Promise<string[]> {
  // A connection of its own: the lock belongs to the session, and the migrations run on others of the pool.
  const client = await database.pool.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK_KEY])
    const migrator = new Migrator({
      db: database.db,
      provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
    })
    const { error, results } = await migrator.migrateToLatest()
    if (error !== undefined) throw error
    await runMigrations({ pgPool: database.pool, logger: queueLogger() })
    return (results ?? [])
      .filter((result) => result.status === 'Success')
      .map((result) => result.migrationName)
  } finally {
    // Destroyed, not returned to the pool: closing the session gives the lock back even where unlocking would fail.
    client.release(true)
  }
}
