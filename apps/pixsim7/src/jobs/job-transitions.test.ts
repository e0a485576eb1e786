import { describe, expect, it } from 'vitest'
import { withDatabase, withPostgres } from '../../test/with-database.ts'
import type { Database } from '../database/open-database.ts'
import { JOB_STATUSES } from '../database/values.ts'
import type { JobStatus } from '../database/values.ts'
import { enqueueProcessJob } from '../queue/enqueue.ts'
import { findJob, insertJob, listUnqueuedJobs } from './job-repository.ts'
import { cancelJob, completeJob, failJob, retryJob, startJob } from './job-transitions.ts'

const postgres = withPostgres()

async function addJob({ db }: Database, status: JobStatus = 'pending'): Promise<number> {
  const found = await db.selectFrom('users').select('id').executeTakeFirst()
  const user =
    found ??
    (await db
      .insertInto('users')
      .values({ email: 'a@example.com', username: 'a', password_hash: 'none' })
      .returning('id')
      .executeTakeFirstOrThrow())
  const params = JSON.stringify({ prompt: 'a cat' })
  return (
    await insertJob(db, {
      user_id: user.id,
      operation_type: 'text_to_video',
      provider_id: 'pixverse',
      params,
      status,
    })
  ).id
}

async function addAsset({ db }: Database, jobId: number): Promise<number> {
  const { user_id } = await db
    .selectFrom('jobs')
    .select('user_id')
    .where('id', '=', jobId)
    .executeTakeFirstOrThrow()
  const asset = {
    user_id,
    provider_id: 'pixverse',
    provider_asset_id: String(jobId),
    remote_url: 'https://example.com/v',
  }
  return (await db.insertInto('assets').values(asset).returning('id').executeTakeFirstOrThrow()).id
}

describe('the status of a job', () => {
  const allowed: Record<string, readonly JobStatus[]> = {
    startJob: ['pending'],
    completeJob: ['processing'],
    failJob: ['pending', 'processing'],
    cancelJob: ['pending', 'processing'],
    retryJob: ['processing'],
  }
  const moves = {
    startJob: ({ db }: Database, id: number) => startJob(db, id),
    completeJob: async (database: Database, id: number) =>
      completeJob(database.db, id, await addAsset(database, id)),
    failJob: ({ db }: Database, id: number) => failJob(db, id, 'why'),
    cancelJob: ({ db }: Database, id: number) => cancelJob(db, id),
    retryJob: ({ db }: Database, id: number) => retryJob(db, id, 'why'),
  }

  it.each(Object.keys(moves) as (keyof typeof moves)[])(
    '%s works from the allowed statuses and changes nothing from the others',
    async (name) => {
      await withDatabase(postgres, async (database) => {
        for (const status of JOB_STATUSES) {
          const id = await addJob(database, status)
          const moved = await moves[name](database, id)
          const now = await findJob(database.db, id)
          if (allowed[name]?.includes(status) === true) expect(moved, status).toEqual(now)
          else {
            expect(moved, status).toBeUndefined()
            expect(now?.status).toBe(status)
          }
        }
      })
    },
  )

  it('is changed by one of many at once', async () => {
    await withDatabase(postgres, async (database) => {
      const id = await addJob(database)
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => startJob(database.db, id)))
      expect(outcomes.filter((job) => job !== undefined)).toHaveLength(1)
    })
  })

  it('sets started_at once and completed_at at the end', async () => {
    await withDatabase(postgres, async (database) => {
      const id = await addJob(database)
      const first = await startJob(database.db, id)
      const retried = await retryJob(database.db, id, 'busy')
      expect(retried).toMatchObject({
        status: 'pending',
        retry_count: 1,
        completed_at: null,
        error_message: 'busy',
      })
      const second = await startJob(database.db, id)
      expect(second?.started_at).toEqual(first?.started_at)
      const done = await completeJob(database.db, id, await addAsset(database, id))
      expect(done).toMatchObject({ status: 'completed', error_message: null })
      expect(done?.completed_at).toBeInstanceOf(Date)
    })
  })
})

describe('jobs the queue has lost', () => {
  it('are pending, due, old enough and have no task that will run', async () => {
    await withDatabase(postgres, async (database) => {
      const { db } = database
      const age = async (id: number) => {
        await db
          .updateTable('jobs')
          .set({ created_at: new Date(Date.now() - 120_000) } as never)
          .where('id', '=', id)
          .execute()
        return id
      }
      const lost = await age(await addJob(database))
      await addJob(database) // too young
      await age(await addJob(database, 'processing'))
      const later = await age(await addJob(database))
      await db
        .updateTable('jobs')
        .set({ scheduled_at: new Date(Date.now() + 3_600_000) })
        .where('id', '=', later)
        .execute()
      const queued = await age(await addJob(database))
      await enqueueProcessJob(db, { id: queued, priority: 5, scheduled_at: null })
      expect((await listUnqueuedJobs(db, 60_000, 10)).map((job) => job.id)).toEqual([lost])
      await enqueueProcessJob(db, { id: lost, priority: 5, scheduled_at: null })
      await enqueueProcessJob(db, { id: lost, priority: 5, scheduled_at: null })
      expect(await listUnqueuedJobs(db, 60_000, 10)).toEqual([])
      const { rows } = await database.pool.query('select key from graphile_worker.jobs order by id')
      expect(rows.map((row) => row.key)).toEqual([`process_job:${queued}`, `process_job:${lost}`])
    })
  })
})
