/**
 * Each event of the worker that the specification and the domain document name, made to happen by a running worker with a real
 * database and a provider over HTTP, and read from worker.log; its own life is in events-worker-life.test.ts. Each user has an account of his own, so that what happens to
 * one touches no other.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { number, on, testEvents, text } from './event-table.ts'
import { withPostgres } from './with-database.ts'
import { WorkerWorld } from './worker-world.ts'

const postgres = withPostgres()

let world: WorkerWorld
let user = 0
let count = 0

beforeAll(async () => {
  world = await WorkerWorld.create(postgres, { lifetime: 'file' })
  user = await world.addUser()
  await world.addAccount({ owner: user, slots: 50 })
  await world.startWorker({ LOG_LEVEL: 'DEBUG' })
})
afterAll(() => world.close())

const sql = (statement: string, values: unknown[] = []) => world.database.pool.query(statement, values)

/** A new job of the user with an account of many slots, with what tells its lines from those of others. */
async function job(prompt: string) {
  return { job_id: await world.addJob(user, `${prompt} ${++count}`), user_id: user }
}

/** A new job of a new user, and the one account that may take it. */
async function jobAlone(prompt: string, account: { apiKey?: string; credits?: number } = {}) {
  const owner = await world.addUser()
  const account_id = await world.addAccount({ owner, ...account })
  return { account_id, job_id: await world.addJob(owner, `${prompt} ${++count}`), user_id: owner }
}

describe('a job', () => {
  const done = () => job('[sim:ok]')
  const pixverse = { provider_id: 'pixverse' }

  testEvents(() => world, 'worker.log', [
    on('processing job', 'INFO job_processor: Processing job #1', { attempt: 1, job_id: 1 }, async () => {
      expect(await done()).toMatchObject({ job_id: 1 })
      return { task: 'process_job', request_id: 'request-1' }
    }),
    on('selecting', 'DEBUG account_service: Selecting account for provider pixverse', {}, done),
    on(
      'account selected',
      'INFO account_service: Account selected',
      { ...pixverse, account_id: number, task: 'process_job' },
      done,
    ),
    on(
      'job started',
      'INFO job_processor: Job started',
      { ...pixverse, account_id: number, operation_type: 'text_to_video' },
      done,
    ),
    on(
      'submitted',
      'INFO provider.pixverse: Submitted to Pixverse',
      { account_id: number, provider_job_id: text, operation_type: 'text_to_video', duration_ms: number },
      done,
    ),
    on(
      'asset created',
      'INFO asset_service: Asset created',
      { ...pixverse, asset_id: number, provider_asset_id: text, task: 'poll_job_statuses' },
      done,
    ),
    on(
      'completed',
      'INFO status_poller: Job completed',
      { ...pixverse, asset_id: number, duration_sec: number, job_status: 'completed', total_sec: number },
      done,
    ),
    on(
      'asset sync start',
      'INFO asset_service: Downloading asset',
      { asset_id: number, url_host: text },
      done,
    ),
    on(
      'asset sync done',
      'INFO asset_service: Asset downloaded',
      { asset_id: number, bytes: number, duration_ms: number, sha256: text, task: 'download_asset' },
      done,
    ),
    on(
      'job status',
      'DEBUG status_poller: Job status',
      { ...pixverse, provider_job_id: text, status: 'processing', progress: null },
      () => job('[sim:endless]'),
    ),
    on(
      'provider call',
      'DEBUG provider.pixverse: Pixverse call',
      {
        method: 'GET',
        path: expect.stringMatching(/^video\/result\/\d+$/),
        status_code: 200,
        duration_ms: number,
      },
      async () => ({ ...(await job('[sim:endless]')), status: 'processing' }),
    ),
  ])
})

describe('a job that ends otherwise', () => {
  const failed = { job_status: 'failed', total_sec: number, provider_id: 'pixverse' }

  testEvents(() => world, 'worker.log', [
    on(
      'provider reported failure',
      'WARNING status_poller: The provider reports failure',
      { ...failed, provider_job_id: text, reason: text },
      () => job('[sim:fail]'),
    ),
    on(
      'result filtered',
      'WARNING status_poller: The provider filtered the result',
      { ...failed, provider_job_id: text, code: 'provider_content_filtered', reason: text },
      () => job('[sim:filtered]'),
    ),
    on(
      'prompt filtered',
      'WARNING job_processor: Job refused by the provider',
      {
        ...failed,
        account_id: number,
        code: 'provider_content_filtered',
        provider_code: 500063,
        reason: text,
      },
      () => job('[sim:moderated]'),
    ),
    on(
      'parameters refused',
      'WARNING job_processor: Job refused',
      { ...failed, code: 'provider_invalid_request', reason: text },
      () => job('p'.repeat(3000)),
    ),
    on(
      'retried',
      'WARNING job_processor: Submission failed, will retry',
      { account_id: number, code: 'provider_unavailable', attempt: 1, retry_in_sec: number },
      () => job('[sim:reset-once]'),
    ),
    on(
      'submit failed',
      'ERROR job_processor: Failed to submit job',
      {
        ...failed,
        account_id: number,
        attempt: 3,
        code: 'provider_unavailable',
        error_type: 'ProviderError',
        exception: expect.stringMatching(/^ProviderError: [^]*\n {4}at /),
      },
      () => job('[sim:http-500]'),
    ),
    on(
      'status check failed, will retry',
      'ERROR status_poller: Status check failed, will retry',
      { code: 'provider_unavailable', error_type: 'ProviderError', failures: 1, exception: text },
      () => job('[sim:poll-500]'),
    ),
    on(
      'unknown answers',
      'ERROR status_poller: The provider keeps giving answers nobody understands',
      { ...failed, code: 'provider_bad_answer', error_type: 'ProviderError', exception: text },
      () => job('[sim:unknown-status]'),
    ),
    on(
      'timed out after 2 h',
      'WARNING status_poller: Job timed out',
      { ...failed, started_at: text, provider_job_id: text, timeout_sec: 7200 },
      async () => {
        const { job_id } = await job('[sim:endless]')
        await world.waitForLog({ job_id, message: 'Submitted to Pixverse' })
        await sql(
          `update provider_submissions set submitted_at = now() - interval '121 minutes' where job_id = $1`,
          [job_id],
        )
        return { job_id }
      },
    ),
    on('skipped', 'WARNING job_processor: Job skipped', { status: 'completed' }, async () => {
      const { job_id } = await job('[sim:ok]')
      await world.waitForJob(job_id, 'completed')
      await sql(`select graphile_worker.add_job('process_job', json_build_object('job_id', $1::int))`, [
        job_id,
      ])
      return { job_id, status: 'completed' }
    }),
    on(
      'scheduled',
      'INFO job_processor: Job scheduled for later',
      { status: 'pending', scheduled_at: text },
      async () => {
        const scheduled_at = new Date(Date.now() + 3_600_000)
        const job_id = await world.addJob(user, 'later', { scheduled_at })
        await sql(`select graphile_worker.add_job('process_job', json_build_object('job_id', $1::int))`, [
          job_id,
        ])
        return { job_id }
      },
    ),
    on(
      'asset download failed',
      'ERROR asset_service: Asset download failed',
      { url_host: text, status_code: 404, code: 'file_not_found', error_type: 'AssetError', exception: text },
      () => job('[sim:download-404]'),
    ),
    on(
      'asset download failed, will retry',
      'WARNING asset_service: Asset download failed, will retry',
      { url_host: text, code: 'asset_download_failed', reason: text },
      () => job('[sim:download-cut]'),
    ),
  ])
})

describe('provider accounts', () => {
  const account = { account_id: number, provider_id: 'pixverse' }

  testEvents(() => world, 'worker.log', [
    on(
      'no account',
      'WARNING account_service: No account available',
      { provider_id: 'pixverse', waits: 1, retry_in_sec: number, accounts: 0 },
      async () => ({ job_id: await world.addJob(await world.addUser(), 'nobody takes it') }),
    ),
    on('cooldown', 'WARNING account_service: Account in cooldown', { ...account, cooldown_sec: 15 }, () =>
      jobAlone('[sim:too-many-once]'),
    ),
    on(
      'rate limited by the provider',
      'WARNING provider.pixverse: Rate limited by Pixverse',
      { account_id: number, retry_after: 30, provider_code: 500069, code: 'provider_rate_limit' },
      () => jobAlone('[sim:busy-once]'),
    ),
    on(
      'low credits',
      'WARNING account_service: Account low on credits (5 remaining)',
      { ...account, credit_type: 'webapi', amount: 5 },
      async () => {
        world.simulator.purses.setCredits('nearly-empty', 6)
        return jobAlone('[sim:ok]', { apiKey: 'nearly-empty', credits: 6 })
      },
    ),
    on(
      'exhausted by the last credit',
      'WARNING account_service: Account exhausted',
      { ...account, credit_type: 'webapi', amount: 0 },
      async () => {
        world.simulator.purses.setCredits('last-credit', 1)
        return jobAlone('[sim:ok]', { apiKey: 'last-credit', credits: 1 })
      },
    ),
    on(
      'exhausted, says the provider',
      'WARNING account_service: Account exhausted',
      { ...account, credit_type: 'webapi', amount: 0 },
      () => jobAlone('[sim:no-credits-once]'),
    ),
    on(
      'account out of service',
      'WARNING account_service: Account taken out of service after failures in a row',
      { ...account, failure_streak: 5, reason: text },
      () => jobAlone('[sim:ok]', { apiKey: 'invalid-key' }),
    ),
  ])
})

describe('unexpected exceptions', () => {
  /** While `work` runs, rows of this table cannot be written. */
  async function whileBroken<T>(table: string, work: () => Promise<T>): Promise<T> {
    await sql(`create or replace function refuse() returns trigger language plpgsql as
      $$ begin raise exception 'planted in %', tg_table_name; end $$`)
    await sql(`create trigger refuse before insert on ${table} for each row execute function refuse()`)
    try {
      return await work()
    } finally {
      await sql(`drop trigger refuse on ${table}`)
    }
  }
  const exceptionIn = (table: string) => ({
    error_type: 'DatabaseError',
    exception: expect.stringMatching(new RegExp(`planted in ${table}\\n[^]* {4}at `)) as unknown,
  })

  testEvents(() => world, 'worker.log', [
    on(
      'unexpected exception, job_processor',
      'ERROR job_processor: Unexpected exception while processing the job',
      { ...exceptionIn('provider_submissions'), task: 'process_job', attempt: 1 },
      () =>
        whileBroken('provider_submissions', async () => {
          const known = await job('[sim:ok]')
          await world.waitForLog({ ...known, message: 'Unexpected exception while processing the job' })
          return known
        }),
    ),
    on(
      'unexpected exception, status_poller',
      'ERROR status_poller: Unexpected exception while checking the job',
      { ...exceptionIn('assets'), task: 'poll_job_statuses' },
      () =>
        whileBroken('assets', async () => {
          const known = await job('[sim:ok]')
          await world.waitForLog({ ...known, message: 'Unexpected exception while checking the job' })
          return known
        }),
    ),
  ])
})

it('left no secret in its files, and no level word in a message', () => {
  const files = ['worker.log', 'errors.log'].map((name) =>
    readFileSync(path.join(world.folder, 'logs', name), 'utf8'),
  )
  for (const secret of ['nearly-empty', 'invalid-key', '@example.com', 'Signature='])
    expect(files.join('')).not.toContain(secret)
  for (const { message } of world.lines()) expect(message).not.toMatch(/DEBUG|INFO|WARNING|ERROR|CRITICAL/)
})
