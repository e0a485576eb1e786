import { Kysely, PostgresDialect } from 'kysely'
import { Pool, types } from 'pg'
import { isConnectionError } from './connection-errors.ts'
import { ConnectionMonitor } from './connection-monitor.ts'
import { queryLog } from './query-log.ts'
import type { Tables } from './tables.ts'

/** The application's database. Whoever opened it closes it. */
export interface Database {
  readonly db: Kysely<Tables>
  readonly pool: Pool
  /** False while the database cannot be reached; queries made then fail fast and the next ones work once it is back. */
  isUp(): boolean
  /** Waits for running queries and closes all connections. Safe twice. */
  close(): Promise<void>
}

export interface DatabaseOptions {
  readonly url: string
  /** Shown in pg_stat_activity. */
  readonly applicationName: string
  /** Default 10. */
  readonly maxConnections?: number
  /** A query that takes longer is logged as a WARNING. Default 250. */
  readonly slowQueryMs?: number
}

const CONNECT_TIMEOUT_MS = 5000
/** A statement still running after this is stopped by the server: it would hold its connection, and a request, for ever. */
const STATEMENT_TIMEOUT_MS = 30_000
const INT8_OID = 20

/** bigint as a number (our ids and byte counts stay below 2^53), in this pool only; everything else as the driver does. */
const parsers = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    return oid === INT8_OID && format !== 'binary'
      ? Number
      : (types.getTypeParser(oid, format) as (value: string) => unknown)
  },
}

/** Opens the pool; connects with the first query. Losing the database later makes queries fail, never the process. */
export function openDatabase(options: DatabaseOptions): Database {
  const monitor = new ConnectionMonitor(options.url)
  const report = (error: Error) => {
    if (isConnectionError(error)) monitor.report(error)
  }
  const pool = new Pool({
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    types: parsers,
  })
  // Idle connections report to the pool; one checked out between two queries of a transaction reports only to itself, and an
  // 'error' event without a listener would end the process.
  pool.on('error', report)
  pool.on('connect', (client) => client.on('error', report))
  const connect = async () => {
    try {
      return await pool.connect()
    } catch (error) {
      if (error instanceof Error) report(error)
      throw error
    }
  }
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: { connect, end: () => pool.end() } }),
    log: queryLog(monitor, options.slowQueryMs ?? 250),
  })
  let closing: Promise<void> | undefined
  return {
    db,
    pool,
    isUp: () => monitor.isUp,
    close() {
      monitor.close()
      closing ??= db.destroy().then(() => (pool.ended ? undefined : pool.end()))
      return closing
    },
  }
}
