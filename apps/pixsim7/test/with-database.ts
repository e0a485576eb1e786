/**
 * Real PostgreSQL for tests: one server per test file, in a temporary folder on a free port, and a fresh migrated database
 * for each test that asks for one.
 */
import { freePort, tempDir } from '@pixsim7/testkit'
import path from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { migrateDatabase } from '../src/database/migrate.ts'
import { openDatabase } from '../src/database/open-database.ts'
import type { Database } from '../src/database/open-database.ts'
import { startLocalPostgres } from '../src/postgres/local-postgres.ts'
import type { LocalPostgres } from '../src/postgres/local-postgres.ts'

/** The server of a test file. */
export interface TestPostgres {
  /** Address of a new, migrated database. */
  createDatabase(): Promise<string>
  /** Stops the server as an administrator would; clients are cut off. */
  stop(): Promise<void>
  /** Starts it again on the same port and data. */
  start(): Promise<void>
}

/** Starts PostgreSQL before the tests of this file and removes it with its data after them. Call at the top of the file. */
export function withPostgres(): TestPostgres {
  let server: LocalPostgres | undefined
  let folder = ''
  let port = 0
  let count = 0
  const start = async () => {
    server = await startLocalPostgres({ dataFolder: path.join(folder, 'postgres'), port, isDurable: false })
  }
  const running = (): LocalPostgres => {
    if (server === undefined) throw new Error('withPostgres() must be called at the top of the test file')
    return server
  }
  const admin = async (statement: string) => {
    const client = new Client({ connectionString: running().url.replace(/[^/]*$/, 'postgres') })
    await client.connect()
    try {
      await client.query(statement)
    } finally {
      await client.end()
    }
  }
  beforeAll(async () => {
    folder = await tempDir('file')
    port = await freePort()
    await start()
    // The first database is migrated once and then only copied.
    await admin('create database migrated')
    const template = openDatabase({
      url: running().url.replace(/[^/]*$/, 'migrated'),
      applicationName: 'template',
    })
    await migrateDatabase(template)
    await template.close()
  })
  afterAll(async () => {
    await server?.stop()
  })
  return {
    async createDatabase() {
      const name = `test_${++count}`
      await admin(`create database ${name} template migrated`)
      return running().url.replace(/[^/]*$/, name)
    },
    stop: () => running().stop(),
    start,
  }
}

/** Runs `work` on a fresh database and closes it afterwards. */
export async function withDatabase<T>(
  postgres: TestPostgres,
  work: (database: Database, url: string) => Promise<T>,
): Promise<T> {
  const url = await postgres.createDatabase()
  const database = openDatabase({ url, applicationName: 'test' })
  try {
    return await work(database, url)
  } finally {
    await database.close()
  }
}
