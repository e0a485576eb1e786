/** The worker as a process, with PostgreSQL, a provider over HTTP and real files: what becomes of jobs, and what is logged. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { waitFor } from '@pixsim7/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cancelJobEverywhere } from '../src/jobs/cancel-job.ts'
import { createProviderRegistry } from '../src/provider/provider-registry.ts'
import { SecretBox } from '../src/security/secret-box.ts'
import { withPostgres } from './with-database.ts'
import { WorkerWorld } from './worker-world.ts'

const postgres = withPostgres()

describe('a worker', () => {
  let world: WorkerWorld
  let user = 0
  let account = 0

  beforeAll(async () => {
    world = await WorkerWorld.create(postgres, { lifetime: 'file' })
    user = await world.addUser()
    account = await world.addAccount({ apiKey: 'sk-very-secret-key-1' })
    await world.startWorker()
  })

  afterAll(() => world.close())

  it('brings a job to its provider and its video into our storage', async () => {
    const jobId = await world.addJob(user, 'a fox [sim:ok]')
    const job = await world.waitForJob(jobId, 'completed')
    const asset = await world.waitForAsset(jobId, 'downloaded')
    expect(job.asset_id).toBe(asset.id)
    expect(job.started_at).not.toBeNull()
    expect(job.completed_at).not.toBeNull()
    expect(asset).toMatchObject({
      user_id: user,
      width: 640,
      height: 360,
      duration_sec: 5,
      mime_type: 'video/mp4',
    })

    expect(asset.local_path).toBe(`user/${user}/assets/${asset.id}.mp4`)
    const file = readFileSync(path.join(world.storage, asset.local_path ?? ''))
    const served = Buffer.from(await (await fetch(asset.remote_url)).arrayBuffer())
    expect(file.equals(served)).toBe(true)
    expect(asset.sha256).toBe(createHash('sha256').update(served).digest('hex'))
    expect(asset.file_size_bytes).toBe(served.length)
    const owner = await world.database.db
      .selectFrom('users')
      .select('current_storage_bytes')
      .where('id', '=', user)
      .executeTakeFirstOrThrow()
    expect(owner.current_storage_bytes).toBe(served.length)
    expect(readdirSync(path.join(world.storage, '.partial'))).toEqual([])

    const [submission] = await world.submissions(jobId)
    expect(submission).toMatchObject({ status: 'success', account_id: account, retry_attempt: 0 })
    expect(submission?.provider_job_id).toBe(asset.provider_asset_id)
    expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
    const after = await world.account(account)
    expect(after).toMatchObject({ total_generated: 1, failure_streak: 0, success_rate: 1 })
    expect(after.ema_generation_time_sec).toBeGreaterThan(0)
  })

  it('tells the whole story of a job with its ids from the context, and no secret', async () => {
    const jobId = await world.addJob(user, 'a hare [sim:ok]')
    await world.waitForJob(jobId, 'completed')
    await world.waitForLog({ message: 'Asset downloaded', job_id: jobId })
    const lines = world.linesOf(jobId)
    const story = lines.map((line) => [line.logger, line.level, line.message, line['task']])
    expect(story).toEqual([
      ['job_processor', 'INFO', `Processing job #${jobId}`, 'process_job'],
      ['account_service', 'INFO', 'Account selected', 'process_job'],
      ['job_processor', 'INFO', 'Job started', 'process_job'],
      ['provider.pixverse', 'INFO', 'Submitted to Pixverse', 'process_job'],
      ['asset_service', 'INFO', 'Asset created', 'poll_job_statuses'],
      ['status_poller', 'INFO', 'Job completed', 'poll_job_statuses'],
      ['asset_service', 'INFO', 'Downloading asset', 'download_asset'],
      ['asset_service', 'INFO', 'Asset downloaded', 'download_asset'],
    ])
    for (const line of lines) expect(line).toMatchObject({ job_id: jobId, user_id: user })
    const [first] = lines
    expect(first).toMatchObject({
      attempt: 1,
      request_id: `request-${jobId}`,
      module: 'submit-job',
      function: 'submitJob',
    })
    const submitted = lines.find((line) => line.message === 'Submitted to Pixverse')
    expect(submitted).toMatchObject({
      method: 'POST',
      path: 'video/text/generate',
      status_code: 200,
      account_id: account,
      operation_type: 'text_to_video',
    })
    expect(submitted?.['duration_ms']).toBeTypeOf('number')
    expect(submitted?.['provider_job_id']).toMatch(/^\d{9,15}$/)
    const completed = lines.find((line) => line.message === 'Job completed')
    expect(completed).toMatchObject({
      duration_sec: expect.any(Number),
      account_id: account,
      job_status: 'completed',
    })
    const text = readFileSync(path.join(world.folder, 'logs/worker.log'), 'utf8')
    expect(text).not.toContain('sk-very-secret-key-1')
    expect(text).not.toContain('Signature=')
    expect(text).not.toContain('a hare')
  })

  it('answers the greps of the specification', async () => {
    const jobId = await world.addJob(user, 'a grep [sim:ok]')
    await world.waitForLog({ message: 'Job completed', job_id: jobId })
    const lines = readFileSync(path.join(world.folder, 'logs/worker.log'), 'utf8').split('\n')
    const grep = (pattern: RegExp) => lines.filter((line) => pattern.test(line))
    expect(grep(new RegExp(`job_id.*${jobId}`)).length).toBeGreaterThan(4)
    expect(grep(/process_job/).length).toBeGreaterThan(4)
    expect(grep(/poll_job_statuses/).length).toBeGreaterThan(1)
    // No level word outside its place: a grep for errors prints errors.
    for (const line of grep(/ERROR|CRITICAL/)) expect(line).toMatch(/"level":"(ERROR|CRITICAL)"/)
  })

  it.each([
    [
      '[sim:fail]',
      'The provider could not generate the video',
      'status_poller',
      'The provider reports failure',
    ],
    [
      '[sim:filtered]',
      'The result was refused by moderation',
      'status_poller',
      'The provider filtered the result',
    ],
    [
      '[sim:moderated]',
      'Pixverse refused with code 500063: prompt rejected by content moderation',
      'job_processor',
      'Job refused by the provider',
    ],
    [
      '[sim:bad-parameter]',
      'Pixverse refused with code 400017: invalid parameter',
      'job_processor',
      'Job refused by the provider',
    ],
  ])('fails a job with %s, with a warning and no error', async (prompt, reason, logger, message) => {
    const jobId = await world.addJob(user, prompt)
    expect((await world.waitForJob(jobId, 'failed')).error_message).toBe(reason)
    expect(await world.waitForLog({ job_id: jobId, message })).toMatchObject({
      logger,
      level: 'WARNING',
      user_id: user,
    })
    expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
    expect(world.linesOf(jobId, 'errors.log')).toEqual([])
  })

  it('fails a job whose parameters are wrong without asking the provider', async () => {
    const jobId = await world.addJob(user, 'p'.repeat(3000))
    expect((await world.waitForJob(jobId, 'failed')).error_message).toContain('3000 characters')
    expect(await world.submissions(jobId)).toEqual([])
    expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
  })

  it.each([
    '[sim:busy-once]',
    '[sim:http-500-once]',
    '[sim:garbage-once]',
    '[sim:reset-once]',
    '[sim:too-many-once]',
  ])('tries again after %s and completes', async (trigger) => {
    // Other accounts, so that a cooldown of the only one does not decide.
    const spare = await world.addAccount()
    const jobId = await world.addJob(user, `again ${trigger}`)
    const job = await world.waitForJob(jobId, 'completed')
    expect(job.retry_count).toBe(1)
    const submissions = await world.submissions(jobId)
    expect(submissions.map((submission) => submission.retry_attempt)).toEqual([0, 1])
    expect(submissions[0]?.status).toMatch(/error|timeout/)
    expect(submissions[1]?.status).toBe('success')
    const warning = await world.waitForLog({ job_id: jobId, message: 'Submission failed, will retry' })
    expect(warning).toMatchObject({ level: 'WARNING', attempt: 1, logger: 'job_processor' })
    expect(await world.waitForLog({ job_id: jobId, message: 'Submitted to Pixverse' })).toMatchObject({
      attempt: 2,
    })
    await world.waitForAsset(jobId, 'downloaded')
    expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
    await resetAccounts(world, spare)
  })

  it('repeats a request whose answer was lost as the same request: one generation', async () => {
    const jobId = await world.addJob(user, 'lost [sim:lost-answer]')
    await world.waitForJob(jobId, 'completed')
    const submissions = await world.submissions(jobId)
    expect(submissions.map((submission) => submission.status)).toEqual(['timeout', 'success'])
    expect(submissions[0]?.account_id).toBe(submissions[1]?.account_id)
    expect(world.simulator.generations.list().filter((one) => one.prompt.startsWith('lost'))).toHaveLength(1)
  })

  it.each(['[sim:http-500]', '[sim:garbage]', '[sim:cut]', '[sim:reset]'])(
    'gives up after three tries with %s, and says so with stack and causes',
    async (trigger) => {
      const jobId = await world.addJob(user, `never ${trigger}`)
      await world.waitForJob(jobId, 'failed')
      expect(await world.submissions(jobId)).toHaveLength(3)
      const [line, ...others] = await waitFor(() => {
        const lines = world.linesOf(jobId, 'errors.log')
        return lines.length > 0 && lines
      })
      expect(others).toEqual([])
      expect(line).toMatchObject({
        level: 'ERROR',
        logger: 'job_processor',
        message: 'Failed to submit job',
        component: 'worker',
        user_id: user,
        attempt: 3,
      })
      expect(line?.['code']).toMatch(/^provider_[a-z_]+$/)
      expect(line?.['exception']).toMatch(/ProviderError: Pixverse/)
      expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
    },
  )

  it('keeps asking when one answer about a job is wrong', async () => {
    const jobId = await world.addJob(user, 'poll [sim:poll-500]')
    await world.waitForJob(jobId, 'completed')
    expect(
      await world.waitForLog({ job_id: jobId, message: 'Status check failed, will retry' }),
    ).toMatchObject({
      level: 'ERROR',
      logger: 'status_poller',
      code: 'provider_unavailable',
      task: 'poll_job_statuses',
      user_id: user,
      failures: 1,
    })
  })

  it('fails a job whose status nobody understands instead of waiting for ever', async () => {
    const jobId = await world.addJob(user, 'odd [sim:unknown-status]')
    expect((await world.waitForJob(jobId, 'failed')).error_message).toContain('could not be understood')
    const last = await world.waitForLog({
      job_id: jobId,
      message: 'The provider keeps giving answers nobody understands',
    })
    expect(last['exception']).toContain('the unknown status 42')
    expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
  })

  it('fails a job that the provider does not finish in two hours', async () => {
    const jobId = await world.addJob(user, 'long [sim:endless]')
    await world.waitForLog({ job_id: jobId, message: 'Submitted to Pixverse' })
    await world.waitForJob(jobId, 'processing')
    const longAgo = new Date(Date.now() - 2 * 3600_000 - 1000)
    await world.database.db
      .updateTable('provider_submissions')
      .set({ submitted_at: longAgo })
      .where('job_id', '=', jobId)
      .execute()
    expect((await world.waitForJob(jobId, 'failed')).error_message).toContain('120 minutes')
    expect(await world.waitForLog({ job_id: jobId, message: 'Job timed out' })).toMatchObject({
      level: 'WARNING',
      logger: 'status_poller',
    })
    expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
  })

  it('leaves a cancelled job alone and takes its slot back', async () => {
    const jobId = await world.addJob(user, 'stop [sim:endless]')
    await world.waitForLog({ job_id: jobId, message: 'Submitted to Pixverse' })
    const job = await world.waitForJob(jobId, 'processing')
    await cancelJobEverywhere(
      {
        db: world.database.db,
        registry: createProviderRegistry([]),
        secretBox: new SecretBox('x'.repeat(32)),
      },
      job,
    )
    const polls = () => world.lines().filter((line) => line.message === 'Job statuses checked').length
    const probe = await world.addJob(user, 'after [sim:ok]')
    await world.waitForJob(probe, 'completed')
    expect(polls()).toBeGreaterThan(0)
    expect(await world.job(jobId)).toMatchObject({ status: 'cancelled', asset_id: null })
    expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
  })

  it('marks an asset whose file is not there, logs the host alone, and the job stays completed', async () => {
    const jobId = await world.addJob(user, 'gone [sim:download-404]')
    await world.waitForJob(jobId, 'completed')
    await world.waitForAsset(jobId, 'error')
    const [line] = await waitFor(() => {
      const lines = world.linesOf(jobId, 'errors.log')
      return lines.length > 0 && lines
    })
    expect(line).toMatchObject({
      logger: 'asset_service',
      message: 'Asset download failed',
      url_host: new URL(world.simulator.origin).host,
      status_code: 404,
      code: 'file_not_found',
      task: 'download_asset',
    })
    expect(JSON.stringify(line)).not.toContain('Signature')
    expect((await world.job(jobId)).status).toBe('completed')
  })

  it('follows a redirect to the file', async () => {
    const jobId = await world.addJob(user, 'moved [sim:redirect]')
    const asset = await world.waitForAsset(jobId, 'downloaded')
    expect(existsSync(path.join(world.storage, asset.local_path ?? ''))).toBe(true)
  })

  it('waits for the time a job is scheduled at', async () => {
    const at = new Date(Date.now() + 1500)
    const jobId = await world.addJob(user, 'later [sim:ok]', { scheduled_at: at })
    const job = await world.waitForJob(jobId, 'completed')
    expect(job.started_at?.getTime()).toBeGreaterThanOrEqual(at.getTime())
  })

  it('picks up a pending job that never was queued', async () => {
    const jobId = await world.addJob(user, 'forgotten [sim:ok]', {
      scheduled_at: new Date(Date.now() + 3_600_000),
    })
    await world.database.pool.query(`select graphile_worker.remove_job('process_job:' || $1)`, [jobId])
    await world.database.pool.query(
      `update jobs set scheduled_at = null, created_at = now() - interval '1 minute' where id = $1`,
      [jobId],
    )
    await world.database.pool.query(
      `select graphile_worker.add_job('sweep', job_key => 'sweep', queue_name => 'sweep')`,
    )
    await world.waitForJob(jobId, 'completed')
    expect(await world.waitForLog({ job_id: jobId, message: 'Pending job was not queued' })).toMatchObject({
      task: 'sweep',
      user_id: user,
    })
  })

  it('mends slots that were miscounted', async () => {
    const { db, pool } = world.database
    await db
      .updateTable('provider_accounts')
      .set({ current_processing_jobs: 3 })
      .where('id', '=', account)
      .execute()
    await pool.query(`select graphile_worker.add_job('sweep', job_key => 'sweep', queue_name => 'sweep')`)
    await waitFor(async () => (await world.account(account)).current_processing_jobs === 0)
    expect(await world.waitForLog({ message: 'Slots of the account were miscounted' })).toMatchObject({
      account_id: account,
      before: 3,
      after: 0,
    })
  })

  it('says how it is', async () => {
    const line = await world.waitForLog({ logger: 'worker_health' })
    expect(line).toMatchObject({ level: 'INFO', message: 'Worker health', j_ongoing: 0, queued: 0 })
    for (const key of ['j_complete', 'j_failed', 'j_retried']) expect(line[key]).toBeTypeOf('number')
  })
})

describe('a job that is cancelled while it is being submitted', () => {
  it('stays cancelled, and what the provider made of it is on record', async () => {
    const world = await WorkerWorld.create(postgres, { simulator: { slowGenerationMs: 2000 } })
    await world.addAccount()
    await world.startWorker()
    const jobId = await world.addJob(await world.addUser(), 'regret [sim:slow-answer]')
    await waitFor(() => world.simulator.generations.list().length === 1)
    await cancelJobEverywhere(
      {
        db: world.database.db,
        registry: createProviderRegistry([]),
        secretBox: new SecretBox('x'.repeat(32)),
      },
      await world.job(jobId),
    )
    expect(await world.waitForLog({ message: 'Job was cancelled while it was submitted' })).toMatchObject({
      job_id: jobId,
      on_provider: false,
    })
    expect((await world.submissions(jobId))[0]).toMatchObject({ status: 'success' })
    expect(await world.job(jobId)).toMatchObject({ status: 'cancelled', asset_id: null })
    expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
    await world.close()
  })
})

describe('an idle worker', () => {
  it('says one thing for each poll, at DEBUG, and nothing above', async () => {
    const world = await WorkerWorld.create(postgres)
    await world.startWorker({ LOG_LEVEL: 'DEBUG' })
    const polls = () => world.lines().filter((line) => line['task'] === 'poll_job_statuses')
    const quiet = () => polls().filter((line) => line.logger === 'status_poller')
    await waitFor(() => quiet().length >= 4)
    for (const line of quiet()) expect(line).toMatchObject({ level: 'DEBUG', message: 'No running jobs' })
    const loud = world.lines().filter((line) => line.level !== 'DEBUG' && line.logger !== 'pixsim7.logging')
    expect(loud.map((line) => line.message).sort()).toEqual([
      'Provider registered',
      'Ready',
      'Starting',
      'Worker health',
    ])
    // What the queue itself chats about stays at DEBUG, under its own name.
    expect(world.lines().some((line) => line.logger === 'graphile_worker' && line.level === 'DEBUG')).toBe(
      true,
    )
    await world.close()
  })
})

async function resetAccounts(world: WorkerWorld, spare: number): Promise<void> {
  await world.database.db.updateTable('provider_accounts').set({ cooldown_until: null }).execute()
  await world.database.db
    .updateTable('provider_accounts')
    .set({ status: 'disabled' })
    .where('id', '=', spare)
    .execute()
}
