import { waitFor } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { readLogLines, withApi, withLogFiles } from '../../test/with-api.ts'
import type { LogLine } from '../../test/with-api.ts'
import { withDatabase, withPostgres } from '../../test/with-database.ts'
import { openDatabase } from './open-database.ts'

const postgres = withPostgres()
withLogFiles()

const job = { operation_type: 'text_to_video', params: { prompt: 'a cat' } }

async function sessionLines(): Promise<LogLine[]> {
  return (await readLogLines()).filter(({ logger }) => logger === 'database.session')
}

describe('losing the database under traffic', () => {
  it('is told once, answered with 503, survived, and its return is told once', async () => {
    await withApi(postgres, async ({ register, call, database }) => {
      const user = await register('ann')
      let isOver = false
      const statuses: number[] = []
      const traffic = Promise.all(
        Array.from({ length: 4 }, async () => {
          while (!isOver) statuses.push((await user.call('GET', 'jobs')).status)
        }),
      )
      // A transaction that is open between two of its queries: its connection has nobody listening but us.
      const open = await database.pool.connect()
      await open.query('begin')
      await postgres.stop()
      await waitFor(async () =>
        (await sessionLines()).some(({ message }) => message === 'Database connection lost'),
      )
      const refused = await user.call('POST', 'jobs', job)
      expect([refused.status, refused.body.error.code, refused.headers.get('retry-after')]).toEqual([
        503,
        'service_unavailable',
        '5',
      ])
      const health = await call('GET', '/health')
      expect([health.status, health.body.database, health.body.workers]).toEqual([503, 'disconnected', null])
      open.release(true)
      await postgres.start()
      await waitFor(async () =>
        (await sessionLines()).some(({ message }) => message === 'Database connection restored'),
      )
      await waitFor(async () => (await call('GET', '/health')).status === 200)
      expect((await user.call('POST', 'jobs', job)).status).toBe(201)
      isOver = true
      await traffic
      expect(new Set(statuses)).toEqual(new Set([200, 503]))
      const told = (await sessionLines()).filter(({ message }) => message.startsWith('Database connection'))
      expect(told.map(({ level, message }) => [level, message])).toEqual([
        ['CRITICAL', 'Database connection lost'],
        ['INFO', 'Database connection restored'],
      ])
      expect(told[0]?.['exception']).toBeTypeOf('string')
      // They are nobody's request: what happened to the database happened to all.
      for (const line of told) expect(line['request_id']).toBeUndefined()
      expect(told[1]?.['duration_ms']).toBeGreaterThan(0)
    })
  })

  it('one broken connection is replaced, with a warning and no alarm', async () => {
    await withDatabase(postgres, async (database, url) => {
      const before = (await sessionLines()).length
      await database.db.selectFrom('users').selectAll().execute()
      const other = openDatabase({ url, applicationName: 'executioner' })
      await other.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test'`,
      )
      await waitFor(async () =>
        (await sessionLines())
          .slice(before)
          .some(({ message }) => message === 'Database connection replaced'),
      )
      expect(await database.db.selectFrom('users').selectAll().execute()).toEqual([])
      expect((await sessionLines()).slice(before).filter(({ level }) => level === 'CRITICAL')).toEqual([])
      await other.close()
    })
  })

  it('too few connections are a warning of their own', async () => {
    await withDatabase(postgres, async (_database, url) => {
      const small = openDatabase({ url, applicationName: 'small', maxConnections: 1 })
      const taken = await small.pool.connect()
      await expect(small.db.selectFrom('users').selectAll().execute()).rejects.toThrow('timeout exceeded')
      await waitFor(async () =>
        (await sessionLines()).some(({ message }) => message === 'Database pool exhausted'),
      )
      taken.release()
      expect(await small.db.selectFrom('users').selectAll().execute()).toEqual([])
      await small.close()
    })
  })
})

describe('queries in the log', () => {
  it('are DEBUG with duration and statement, never with a value', async () => {
    await withDatabase(postgres, async ({ db }) => {
      const before = (await sessionLines()).length
      await db.selectFrom('users').select('id').where('username', '=', 'value-to-be-hidden').execute()
      const lines = (await sessionLines()).slice(before)
      expect(lines).toContainEqual(
        expect.objectContaining({
          level: 'DEBUG',
          message: 'Query',
          duration_ms: expect.any(Number),
          statement: 'select "id" from "users" where "username" = $1',
        }),
      )
      expect(JSON.stringify(lines)).not.toContain('value-to-be-hidden')
    })
  })

  it('are a WARNING when slow, with the statement shortened', async () => {
    await withDatabase(postgres, async (_database, url) => {
      const database = openDatabase({ url, applicationName: 'slow', slowQueryMs: 1 })
      const before = (await sessionLines()).length
      const { id } = await database.db
        .insertInto('users')
        .values({ email: 'a@example.com', username: 'a', password_hash: 'x' })
        .returning('id')
        .executeTakeFirstOrThrow()
      await database.db
        .selectFrom('users')
        .select((eb) => [
          ...Array.from({ length: 40 }, (_, n) => eb.lit(1).as(`column_${n}`)),
          eb.fn('pg_sleep', [eb.lit(1)]).as('slept'),
        ])
        .where('id', '=', id)
        .execute()
      const slow = (await sessionLines()).slice(before).filter(({ message }) => message === 'Slow query')
      const line = slow.at(-1)
      expect(line).toMatchObject({ level: 'WARNING', duration_ms: expect.any(Number) })
      expect(line?.['duration_ms']).toBeGreaterThan(900)
      expect(String(line?.['statement']).length).toBeLessThanOrEqual(301)
      await database.close()
    })
  })

  it('refused by the database are told at DEBUG with their code in lower case', async () => {
    await withDatabase(postgres, async ({ db }) => {
      const before = (await sessionLines()).length
      const insert = () =>
        db.insertInto('users').values({ email: 'a@example.com', username: 'a', password_hash: 'x' }).execute()
      await insert()
      await expect(insert()).rejects.toMatchObject({ code: '23505' })
      expect((await sessionLines()).slice(before)).toContainEqual(
        expect.objectContaining({ level: 'DEBUG', message: 'Query refused', code: '23505' }),
      )
    })
  })
})

describe('bigint', () => {
  it('is a number in our rows', async () => {
    await withDatabase(postgres, async ({ db }) => {
      const values = {
        email: 'a@example.com',
        username: 'a',
        password_hash: 'x',
        current_storage_bytes: 5_000_000_000,
      }
      const row = await db
        .insertInto('users')
        .values(values)
        .returning(['id', 'current_storage_bytes'])
        .executeTakeFirst()
      expect(row).toEqual({ id: 1, current_storage_bytes: 5_000_000_000 })
    })
  })
})
