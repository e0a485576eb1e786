import { describe, expect, it } from 'vitest'
import { withDatabase, withPostgres } from '../../test/with-database.ts'
import type { Database } from '../database/open-database.ts'
import { openDatabase } from '../database/open-database.ts'
import { insertJob } from '../jobs/job-repository.ts'
import { startJob } from '../jobs/job-transitions.ts'
import { setCredits } from './account-health.ts'
import { releaseAccount, reserveAccount } from './account-slots.ts'

const postgres = withPostgres()

interface AccountTraits {
  readonly user_id?: number | null
  readonly is_private?: boolean
  readonly provider_id?: string
  readonly status?: 'active' | 'exhausted' | 'disabled'
  readonly priority?: number
  readonly max_concurrent_jobs?: number
  readonly max_daily_videos?: number
  readonly cooldown_until?: Date
  readonly last_used_at?: Date
  readonly credits?: number
}

let emails = 0

async function addUser({ db }: Database): Promise<number> {
  const n = ++emails
  const user = { email: `user${n}@example.com`, username: `user${n}`, password_hash: 'none' }
  return (await db.insertInto('users').values(user).returning('id').executeTakeFirstOrThrow()).id
}

async function addAccount({ db }: Database, traits: AccountTraits = {}): Promise<number> {
  const { credits = 10, ...columns } = traits
  const { id } = await db
    .insertInto('provider_accounts')
    .values({ provider_id: 'pixverse', email: `account${++emails}@example.com`, user_id: null, ...columns })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('provider_credits')
    .values({ account_id: id, credit_type: 'openapi', amount: credits })
    .execute()
  return id
}

async function addJob({ db }: Database, userId: number): Promise<number> {
  const params = JSON.stringify({ prompt: 'a cat' })
  return (
    await insertJob(db, { user_id: userId, operation_type: 'text_to_video', provider_id: 'pixverse', params })
  ).id
}

async function slotsOf({ db }: Database, accountId: number): Promise<number | undefined> {
  const row = await db
    .selectFrom('provider_accounts')
    .selectAll()
    .where('id', '=', accountId)
    .executeTakeFirst()
  return row?.current_processing_jobs
}

describe('selecting an account', () => {
  const yesterday = new Date(Date.now() - 86_400_000)
  const tomorrow = new Date(Date.now() + 86_400_000)

  it.each<[string, AccountTraits]>([
    ['of another provider', { provider_id: 'sora' }],
    ['that is disabled', { status: 'disabled' }],
    ['without credits', { credits: 0 }],
    ['that cools down', { cooldown_until: tomorrow }],
    ['without a slot', { max_concurrent_jobs: 0 }],
    ['whose day is used up', { max_daily_videos: 0 }],
  ])('never takes one %s', async (_name, traits) => {
    await withDatabase(postgres, async (database) => {
      const user = await addUser(database)
      await addAccount(database, traits)
      expect(await reserveAccount(database.db, await addJob(database, user))).toBeUndefined()
      const good = await addAccount(database, { priority: -5 })
      expect((await reserveAccount(database.db, await addJob(database, user)))?.id).toBe(good)
    })
  })

  it('takes a private account for its owner only', async () => {
    await withDatabase(postgres, async (database) => {
      const [owner, stranger] = [await addUser(database), await addUser(database)]
      const account = await addAccount(database, { user_id: owner, is_private: true })
      expect(await reserveAccount(database.db, await addJob(database, stranger))).toBeUndefined()
      expect((await reserveAccount(database.db, await addJob(database, owner)))?.id).toBe(account)
    })
  })

  it('prefers high priority, then never used, then longest unused', async () => {
    await withDatabase(postgres, async (database) => {
      const user = await addUser(database)
      const recent = await addAccount(database, { last_used_at: new Date(), max_concurrent_jobs: 1 })
      const old = await addAccount(database, { last_used_at: yesterday, max_concurrent_jobs: 1 })
      const unused = await addAccount(database, { max_concurrent_jobs: 1 })
      const preferred = await addAccount(database, {
        last_used_at: new Date(),
        priority: 1,
        max_concurrent_jobs: 1,
      })
      const order: (number | undefined)[] = []
      for (let index = 0; index < 4; index++) {
        order.push((await reserveAccount(database.db, await addJob(database, user)))?.id)
      }
      expect(order).toEqual([preferred, unused, old, recent])
    })
  })

  it('wants as many credits as asked for', async () => {
    await withDatabase(postgres, async (database) => {
      const user = await addUser(database)
      await addAccount(database, { credits: 10 })
      const job = await addJob(database, user)
      expect(await reserveAccount(database.db, job, { minCredits: 11 })).toBeUndefined()
      expect(await reserveAccount(database.db, job, { minCredits: 10 })).toBeDefined()
    })
  })

  it('forgets the daily count of an earlier day', async () => {
    await withDatabase(postgres, async (database) => {
      const user = await addUser(database)
      const account = await addAccount(database, { max_daily_videos: 1, max_concurrent_jobs: 10 })
      expect(await reserveAccount(database.db, await addJob(database, user))).toBeDefined()
      expect(await reserveAccount(database.db, await addJob(database, user))).toBeUndefined()
      await database.db
        .updateTable('provider_accounts')
        .set({ last_video_reset_at: yesterday })
        .where('id', '=', account)
        .execute()
      expect((await reserveAccount(database.db, await addJob(database, user)))?.videos_today).toBe(1)
    })
  })
})

describe('slots', () => {
  it('never pass the limit when two workers reserve at once, and none is left over', async () => {
    await withDatabase(postgres, async (database, url) => {
      const other = openDatabase({ url, applicationName: 'second worker' })
      try {
        const user = await addUser(database)
        const accounts = [
          await addAccount(database, { max_concurrent_jobs: 2 }),
          await addAccount(database, { max_concurrent_jobs: 3 }),
        ]
        const jobs: number[] = []
        for (let index = 0; index < 30; index++) jobs.push(await addJob(database, user))
        const taken = await Promise.all(
          jobs.map((job, index) => reserveAccount((index % 2 === 0 ? database : other).db, job)),
        )
        const perAccount = accounts.map((id) => taken.filter((account) => account?.id === id).length)
        expect(perAccount).toEqual([2, 3])
        expect(await Promise.all(accounts.map((id) => slotsOf(database, id)))).toEqual([2, 3])
        await Promise.all(
          jobs.flatMap((job) => [releaseAccount(database.db, job), releaseAccount(other.db, job)]),
        )
        expect(await Promise.all(accounts.map((id) => slotsOf(database, id)))).toEqual([0, 0])
      } finally {
        await other.close()
      }
    })
  })

  it('are reserved, given back and refilled all at once without a deadlock', async () => {
    await withDatabase(postgres, async (database, url) => {
      const other = openDatabase({ url, applicationName: 'second worker' })
      try {
        const user = await addUser(database)
        const accounts: number[] = []
        for (let n = 0; n < 4; n++) accounts.push(await addAccount(database, { max_concurrent_jobs: 2 }))
        const jobs: number[] = []
        for (let n = 0; n < 24; n++) jobs.push(await addJob(database, user))
        const work = jobs.map(async (job, index) => {
          const { db } = index % 2 === 0 ? database : other
          for (let round = 0; round < 8; round++) {
            await reserveAccount(db, job)
            await setCredits(db, accounts[(index + round) % 4] ?? 0, 'bonus', 5 + round)
            await releaseAccount(db, job)
          }
        })
        expect((await Promise.allSettled(work)).filter(({ status }) => status === 'rejected')).toEqual([])
        expect(await Promise.all(accounts.map((id) => slotsOf(database, id)))).toEqual([0, 0, 0, 0])
      } finally {
        await other.close()
      }
    })
  })

  it('are taken once by a job, however often it asks', async () => {
    await withDatabase(postgres, async (database) => {
      const account = await addAccount(database)
      const job = await addJob(database, await addUser(database))
      expect((await reserveAccount(database.db, job))?.id).toBe(account)
      expect((await reserveAccount(database.db, job))?.id).toBe(account)
      expect(await slotsOf(database, account)).toBe(1)
    })
  })

  it('are not given to a job that is not pending', async () => {
    await withDatabase(postgres, async (database) => {
      await addAccount(database)
      const job = await addJob(database, await addUser(database))
      await startJob(database.db, job)
      expect(await reserveAccount(database.db, job)).toBeUndefined()
    })
  })

  it('are given back once, with the daily count when nothing was submitted', async () => {
    await withDatabase(postgres, async (database) => {
      const account = await addAccount(database, { max_daily_videos: 5 })
      const job = await addJob(database, await addUser(database))
      await reserveAccount(database.db, job)
      expect(await releaseAccount(database.db, job, { isUnused: true })).toBe(account)
      expect(await releaseAccount(database.db, job, { isUnused: true })).toBeUndefined()
      const row = await database.db.selectFrom('provider_accounts').selectAll().executeTakeFirstOrThrow()
      expect(row).toMatchObject({ current_processing_jobs: 0, videos_today: 0 })
    })
  })
})
