/** What the worker does with provider accounts: waiting for one, running out of credits, failures in a row. */
import { waitFor } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { setCredits } from '../src/accounts/account-health.ts'
import { withPostgres } from './with-database.ts'
import { WorkerWorld } from './worker-world.ts'

const postgres = withPostgres()

describe('a job without an account', () => {
  it('waits, and completes once there is one', async () => {
    const world = await WorkerWorld.create(postgres)
    await world.startWorker()
    const jobId = await world.addJob(await world.addUser(), 'patient [sim:ok]')
    expect(await world.waitForLog({ job_id: jobId, message: 'No account available' })).toMatchObject({
      level: 'WARNING',
      logger: 'account_service',
      provider_id: 'pixverse',
      task: 'process_job',
      waits: 1,
    })
    expect(await world.job(jobId)).toMatchObject({ status: 'pending', retry_count: 0 })
    await world.addAccount()
    expect(await world.waitForJob(jobId, 'completed')).toMatchObject({ retry_count: 0 })
    expect(world.linesOf(jobId, 'errors.log')).toEqual([])
    await world.close()
  })

  it('waits for a slot when all are taken, and no account ever has more than it may', async () => {
    const world = await WorkerWorld.create(postgres, { simulator: { slots: 2 } })
    await world.addAccount({ apiKey: 'narrow', slots: 2 })
    const user = await world.addUser()
    const jobs = []
    for (let n = 0; n < 6; n++) jobs.push(await world.addJob(user, `job ${n} [sim:ok]`))
    // A back-off longer than the patience of this test: a slot that comes free wakes whoever waits for it.
    await world.startWorker({ WORKER_RETRY_DELAY: '1h' })
    for (const jobId of jobs)
      expect(await world.waitForJob(jobId, 'completed')).toMatchObject({ retry_count: 0 })
    // The simulator would have refused a third one with 500044.
    expect(world.lines().filter((line) => line.message === 'Submission failed, will retry')).toEqual([])
    expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
    await world.close()
  })
})

describe('an account', () => {
  it('has the credits its provider reports, and a warning when they run low', async () => {
    const world = await WorkerWorld.create(postgres, { simulator: { credits: 7, creditsPerHour: 0 } })
    const account = await world.addAccount({ credits: 100 })
    await world.startWorker()
    const user = await world.addUser()
    await world.waitForJob(await world.addJob(user, 'one [sim:ok]'), 'completed')
    expect(await world.credits(account)).toBe(6)
    const jobId = await world.addJob(user, 'two [sim:ok]')
    expect(await world.waitForLog({ message: 'Account low on credits (5 remaining)' })).toMatchObject({
      level: 'WARNING',
      logger: 'account_service',
      account_id: account,
      credit_type: 'webapi',
      amount: 5,
      job_id: jobId,
      user_id: user,
    })
    await world.close()
  })

  it('is exhausted when its last credit is spent, rests, and works again once it has credits', async () => {
    const world = await WorkerWorld.create(postgres, { simulator: { credits: 1, creditsPerHour: 0 } })
    const account = await world.addAccount({ apiKey: 'poor' })
    await world.startWorker()
    const user = await world.addUser()
    await world.waitForJob(await world.addJob(user, 'last [sim:ok]'), 'completed')
    expect(await world.waitForLog({ message: 'Account exhausted' })).toMatchObject({
      level: 'WARNING',
      account_id: account,
    })
    expect((await world.account(account)).status).toBe('exhausted')

    const waiting = await world.addJob(user, 'next [sim:ok]')
    // It says why: there is one, which has nothing left.
    expect(await world.waitForLog({ job_id: waiting, message: 'No account available' })).toMatchObject({
      accounts: 1,
      not_active: 1,
      without_credits: 1,
      in_cooldown: 0,
      without_slot: 0,
      day_used_up: 0,
    })
    world.simulator.purses.setCredits('poor', 10)
    await world.database.pool.query(`update provider_credits set updated_at = now() - interval '1 hour'`)
    await world.database.pool.query(
      `select graphile_worker.add_job('sweep', job_key => 'sweep', queue_name => 'sweep')`,
    )
    await world.waitForJob(waiting, 'completed')
    await world.waitForLog({ message: 'Account has credits again', account_id: account })
    await world.close()
  })

  it('whose provider refuses it for want of credits is exhausted, and another one takes the job', async () => {
    const world = await WorkerWorld.create(postgres)
    const poor = await world.addAccount()
    await world.startWorker()
    const jobId = await world.addJob(await world.addUser(), 'dear [sim:no-credits-once]')
    await world.waitForLog({ message: 'Account exhausted', job_id: jobId })
    expect((await world.account(poor)).status).toBe('exhausted')
    expect(await world.credits(poor)).toBe(0)
    const rich = await world.addAccount()
    await world.waitForJob(jobId, 'completed')
    expect((await world.submissions(jobId)).map((submission) => submission.account_id)).toEqual([poor, rich])
    await world.close()
  })

  it('rests when its provider says that it is too busy', async () => {
    const world = await WorkerWorld.create(postgres)
    const busy = await world.addAccount()
    await world.startWorker()
    const jobId = await world.addJob(await world.addUser(), 'crowd [sim:too-many-once]')
    expect(await world.waitForLog({ message: 'Account in cooldown' })).toMatchObject({
      account_id: busy,
      job_id: jobId,
    })
    expect(await world.waitForLog({ message: 'Rate limited by Pixverse' })).toMatchObject({
      level: 'WARNING',
      logger: 'provider.pixverse',
      provider_code: 500044,
      retry_after: 15,
    })
    expect((await world.account(busy)).cooldown_until?.getTime()).toBeGreaterThan(Date.now())
    await world.addAccount()
    await world.waitForJob(jobId, 'completed')
    await world.close()
  })

  it('is taken out of service after five failures in a row, which do not count against the job', async () => {
    const world = await WorkerWorld.create(postgres)
    const refused = await world.addAccount({ apiKey: 'invalid-key' })
    await world.startWorker()
    const jobId = await world.addJob(await world.addUser(), 'stubborn [sim:ok]')
    await waitFor(async () => (await world.account(refused)).status === 'error')
    expect(await world.account(refused)).toMatchObject({ failure_streak: 5, total_failed: 5 })
    expect(
      await world.waitForLog({ message: 'Account taken out of service after failures in a row' }),
    ).toMatchObject({ level: 'WARNING', logger: 'account_service', account_id: refused, failure_streak: 5 })
    const good = await world.addAccount()
    await world.waitForJob(jobId, 'completed')
    const submissions = await world.submissions(jobId)
    expect(submissions).toHaveLength(6)
    expect(submissions.at(-1)?.account_id).toBe(good)
    expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
    await world.close()
  })

  it('with secrets of another SECRET_KEY is to blame, not the job', async () => {
    const world = await WorkerWorld.create(postgres)
    const sealed = await world.addAccount()
    await world.database.db
      .updateTable('provider_accounts')
      .set({ secrets: Buffer.alloc(60, 1) })
      .where('id', '=', sealed)
      .execute()
    await world.startWorker()
    const jobId = await world.addJob(await world.addUser(), 'locked [sim:ok]')
    await world.waitForLog({ job_id: jobId, message: 'Submission failed, will retry' })
    await world.addAccount()
    await world.waitForJob(jobId, 'completed')
    await world.close()
  })

  it('keeps what its owner has set by hand', async () => {
    const world = await WorkerWorld.create(postgres)
    const account = await world.addAccount()
    await setCredits(world.database.db, account, 'bonus', 7)
    await world.startWorker()
    await world.waitForJob(await world.addJob(await world.addUser(), 'x [sim:ok]'), 'completed')
    const purses = await world.database.db
      .selectFrom('provider_credits')
      .selectAll()
      .orderBy('credit_type')
      .execute()
    expect(purses.map((purse) => [purse.credit_type, purse.amount])).toEqual([
      ['bonus', 7],
      ['webapi', 999],
    ])
    await world.close()
  })
})
