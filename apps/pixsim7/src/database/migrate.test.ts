import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { withPostgres } from '../../test/with-database.ts'
import { migrateDatabase } from './migrate.ts'
import { openDatabase } from './open-database.ts'

const postgres = withPostgres()

async function createEmptyDatabase(): Promise<string> {
  const url = await postgres.createDatabase()
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query('create database empty')
  await client.end()
  return url.replace(/[^/]*$/, 'empty')
}

describe('migrations', () => {
  it('run once when components start together, then not again, and the queue works', async () => {
    const url = await createEmptyDatabase()
    const databases = Array.from({ length: 3 }, (_, n) =>
      openDatabase({ url, applicationName: `component ${n}` }),
    )
    try {
      const results = await Promise.all(databases.map(migrateDatabase))
      expect(results.filter((names) => names.length > 0)).toEqual([['0001-initial']])
      const { rows } = await databases[0]!.pool.query(
        `select (graphile_worker.add_job('process_job', '{}')).id is not null as works`,
      )
      expect(rows).toEqual([{ works: true }])
      expect(await migrateDatabase(databases[0]!)).toEqual([])
    } finally {
      await Promise.all(databases.map((database) => database.close()))
    }
  })
})

describe('the schema', () => {
  it.each([
    [
      'a status nobody knows',
      `insert into jobs (user_id, operation_type, provider_id, params, status) values (1, 'fusion', 'p', '{}', 'done')`,
      '23514',
    ],
    [
      'a negative slot count',
      `insert into provider_accounts (provider_id, email, current_processing_jobs) values ('p', 'a', -1)`,
      '23514',
    ],
    [
      'a private account of nobody',
      `insert into provider_accounts (provider_id, email, is_private) values ('p', 'a', true)`,
      '23514',
    ],
    [
      'two system accounts with one address',
      `insert into provider_accounts (provider_id, email) values ('p', 'a'), ('p', 'a')`,
      '23505',
    ],
    [
      'a revoked session without a reason',
      `insert into user_sessions (user_id, token_id, expires_at, is_revoked) values (1, 't', now(), true)`,
      '23514',
    ],
  ])('refuses %s', async (_name, statement, code) => {
    const database = openDatabase({ url: await postgres.createDatabase(), applicationName: 'test' })
    try {
      await database.pool.query(`insert into users (email, username, password_hash) values ('a', 'a', 'x')`)
      await expect(database.pool.query(statement)).rejects.toMatchObject({ code })
    } finally {
      await database.close()
    }
  })
})
