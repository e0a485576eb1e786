/** Gives a component its database: the one of DATABASE_URL, else the local PostgreSQL; migrated and ready. */
import { getLogger } from '@pixsim7/logging'
import { setTimeout as sleep } from 'node:timers/promises'
import { startLocalPostgres } from '../postgres/local-postgres.ts'
import type { LocalPostgres } from '../postgres/local-postgres.ts'
import { StartError } from '../start-error.ts'
import { isConnectionError, sqlStateOf } from './connection-errors.ts'
import { migrateDatabase } from './migrate.ts'
import { openDatabase } from './open-database.ts'
import type { Database } from './open-database.ts'

/** A server that starts together with us, in containers for instance, may take this long until it answers. */
const PATIENCE_MS = 30_000
const RETRY_MS = 500
/** Classes of SQLSTATE: invalid authorization, invalid catalog name; refusals no waiting mends. */
const REFUSAL = /^(28|3D)/

const logger = getLogger('database.session')

export interface ConnectOptions {
  readonly databaseUrl: string | undefined
  readonly postgresFolder: string
  readonly postgresPort: number
  readonly databasePoolSize: number
  readonly slowQueryMs: number
}

/** A component's database. Whoever connected closes it. */
export interface ConnectedDatabase {
  readonly database: Database
  /** With its password: never log it. */
  readonly url: string
  /** `host:port/name`, for people. */
  readonly address: string
  /** Closes the connections, and stops the local PostgreSQL unless somebody else uses it. Safe twice. */
  close(): Promise<void>
}

function addressOf(url: string): string {
  const { host, pathname } = new URL(url)
  return `${host}${pathname}`
}

async function migrateWithPatience(database: Database, address: string): Promise<string[]> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    try {
      return await migrateDatabase(database)
    } catch (error) {
      if (REFUSAL.test(sqlStateOf(error) ?? '')) {
        throw new StartError(
          'DATABASE_REFUSED',
          `PostgreSQL at ${address} refuses us: ${(error as Error).message}. Correct DATABASE_URL.`,
          {
            cause: error,
          },
        )
      }
      if (!isConnectionError(error)) throw error
      if (Date.now() > deadline) {
        const tried = `PostgreSQL at ${address} did not answer within ${PATIENCE_MS / 1000} s`
        throw new StartError(
          'DATABASE_UNREACHABLE',
          `${tried} (${sqlStateOf(error) ?? (error as Error).message}). Start it, or correct DATABASE_URL.`,
          {
            cause: error,
          },
        )
      }
      await sleep(RETRY_MS)
    }
  }
}

/** @throws StartError, PostgresError with what to do; whatever a failing migration throws */
export async function connectDatabase(
  options: ConnectOptions,
  component: string,
): Promise<ConnectedDatabase> {
  let local: LocalPostgres | undefined
  if (options.databaseUrl === undefined) {
    local = await startLocalPostgres({ dataFolder: options.postgresFolder, port: options.postgresPort })
    logger.info(local.wasRunning ? 'Local PostgreSQL found' : 'Local PostgreSQL started', {
      port: local.port,
      server_pid: local.pid,
    })
  }
  const url = local?.url ?? options.databaseUrl ?? ''
  const address = addressOf(url)
  const database = openDatabase({
    url,
    applicationName: `pixsim7-${component}`,
    maxConnections: options.databasePoolSize,
    slowQueryMs: options.slowQueryMs,
  })
  const close = async () => {
    await database.close()
    await local?.close()
  }
  try {
    const migrations = await migrateWithPatience(database, address)
    if (migrations.length > 0) logger.info('Database migrated', { migrations })
  } catch (error) {
    await close()
    throw error
  }
  return { database, url, address, close }
}
