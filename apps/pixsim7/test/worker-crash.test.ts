/** The worker when processes die, stop, come in twos, and when the database goes away. */
import { randomInt } from 'node:crypto'
import { waitFor } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { withPostgres } from './with-database.ts'
import { WorkerWorld } from './worker-world.ts'

const postgres = withPostgres()

async function generationsOf(world: WorkerWorld, word: string): Promise<number> {
  return world.simulator.generations.list().filter((generation) => generation.prompt.includes(word)).length
}

describe('a killed worker', () => {
  it('that has submitted a job leaves it to the next one, which does not submit it again', async () => {
    const world = await WorkerWorld.create(postgres, { simulator: { generationMs: 4000 } })
    await world.addAccount()
    const first = await world.startWorker()
    const jobId = await world.addJob(await world.addUser(), 'survivor [sim:ok]')
    await waitFor(async () => (await world.submissions(jobId))[0]?.provider_job_id != null)
    first.kill('SIGKILL')
    await first.exit
    await world.startWorker()
    await world.waitForJob(jobId, 'completed')
    await world.waitForAsset(jobId, 'downloaded')
    expect(await world.submissions(jobId)).toHaveLength(1)
    expect(await generationsOf(world, 'survivor')).toBe(1)
    expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
    await world.close()
  })

  it('in the middle of a submission leaves it to the next one, which repeats it as the same request', async () => {
    const world = await WorkerWorld.create(postgres, { simulator: { slowGenerationMs: 600_000 } })
    await world.addAccount()
    const first = await world.startWorker()
    const jobId = await world.addJob(await world.addUser(), 'halfway [sim:slow-answer]')
    // The provider has taken it, and has not answered yet.
    await waitFor(() => generationsOf(world, 'halfway').then((count) => count === 1))
    first.kill('SIGKILL')
    await first.exit
    expect(await world.job(jobId)).toMatchObject({ status: 'processing' })
    expect((await world.submissions(jobId))[0]).toMatchObject({ status: 'pending', provider_job_id: null })
    await world.startWorker()
    await world.waitForJob(jobId, 'completed')
    const submissions = await world.submissions(jobId)
    expect(submissions.map((submission) => submission.status)).toEqual(['timeout', 'success'])
    expect(await generationsOf(world, 'halfway')).toBe(1)
    expect(
      await world.waitForLog({
        job_id: jobId,
        message: 'Job resumed, the end of its last attempt is unknown',
      }),
    ).toMatchObject({ level: 'WARNING', logger: 'job_processor' })
    await world.waitForLog({ message: 'Tasks of workers that are gone were unlocked' })
    expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
    await world.close()
  })

  it('again and again, at any moment, loses no job, doubles none and leaks no slot', async () => {
    const world = await WorkerWorld.create(postgres, { simulator: { answerMs: 60, generationMs: 300 } })
    await world.addAccount({ slots: 4 })
    await world.addAccount({ slots: 4 })
    const user = await world.addUser()
    const jobs: number[] = []
    for (let n = 0; n < 24; n++) jobs.push(await world.addJob(user, `random job-${n}- [sim:ok]`))
    for (let round = 0; round < 4; round++) {
      const worker = await world.startWorker({ WORKER_MAX_TRIES: '20' })
      await new Promise((resolve) => setTimeout(resolve, randomInt(50, 600)))
      worker.kill('SIGKILL')
      await worker.exit
    }
    await world.startWorker({ WORKER_MAX_TRIES: '20' })
    for (const [n, jobId] of jobs.entries()) {
      await world.waitForJob(jobId, 'completed')
      expect(await generationsOf(world, `job-${n}-`), `generations of job ${jobId}`).toBe(1)
      await world.waitForAsset(jobId, 'downloaded')
    }
    const { rows } = await world.database.pool.query('select count(*) from assets')
    expect(rows[0]).toEqual({ count: jobs.length })
    expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
    await world.close()
  })

  it('that dies on its job each time does not take it up for ever', async () => {
    const world = await WorkerWorld.create(postgres, { simulator: { slowGenerationMs: 600_000 } })
    await world.addAccount()
    const jobId = await world.addJob(await world.addUser(), 'poison [sim:timeout]')
    for (let round = 1; round <= 3; round++) {
      const worker = await world.startWorker()
      await waitFor(async () => (await world.submissions(jobId)).length === round)
      worker.kill('SIGKILL')
      await worker.exit
    }
    await world.startWorker()
    await world.waitForJob(jobId, 'failed')
    expect(await world.submissions(jobId)).toHaveLength(3)
    expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
    await world.close()
  })
})

describe('two workers', () => {
  it('share the jobs and never process one twice', async () => {
    const world = await WorkerWorld.create(postgres, { simulator: { slots: 5 } })
    await world.addAccount({ slots: 5 })
    await world.addAccount({ slots: 5 })
    const user = await world.addUser()
    await Promise.all([
      world.startWorker({ WORKER_MAX_JOBS: '3' }),
      world.startWorker({ WORKER_MAX_JOBS: '3', WORKER_LOG_FILE: `${world.folder}/logs/worker.log` }),
    ])
    const jobs = await Promise.all(
      Array.from({ length: 30 }, (_, n) => world.addJob(user, `shared ${n} [sim:ok]`)),
    )
    for (const jobId of jobs) {
      await world.waitForJob(jobId, 'completed')
      expect(await world.submissions(jobId)).toHaveLength(1)
    }
    expect(world.simulator.generations.list()).toHaveLength(jobs.length)
    for (const jobId of jobs) {
      const messages = () => world.linesOf(jobId).map((line) => line.message)
      await waitFor(() => messages().includes('Job completed'))
      expect(messages().filter((message) => message === 'Job completed')).toHaveLength(1)
      expect(messages().filter((message) => message === 'Submitted to Pixverse')).toHaveLength(1)
    }
    expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
    await world.close()
  })

  it('leave the tasks of one that was killed to the other', async () => {
    const world = await WorkerWorld.create(postgres, { simulator: { slowGenerationMs: 600_000 } })
    await world.addAccount()
    const first = await world.startWorker()
    const jobId = await world.addJob(await world.addUser(), 'heir [sim:slow-answer]')
    await waitFor(() => generationsOf(world, 'heir').then((count) => count === 1))
    const second = await world.startWorker()
    first.kill('SIGKILL')
    await first.exit
    await world.waitForJob(jobId, 'completed')
    expect(await generationsOf(world, 'heir')).toBe(1)
    expect(second.hasEnded).toBe(false)
    await world.close()
  })
})

describe('a worker that was taken for dead', () => {
  it('keeps its job: whoever is given the task finds it in other hands', async () => {
    const world = await WorkerWorld.create(postgres, { simulator: { slowGenerationMs: 3000 } })
    await world.addAccount()
    await world.startWorker()
    const jobId = await world.addJob(await world.addUser(), 'paused [sim:slow-answer]')
    await waitFor(() => generationsOf(world, 'paused').then((count) => count === 1))
    await world.database.pool.query(
      `select graphile_worker.force_unlock_workers(array(select worker_id from worker_heartbeats))`,
    )
    await world.waitForLog({ job_id: jobId, message: 'Job is in other hands' })
    await world.waitForJob(jobId, 'completed')
    expect(await world.submissions(jobId)).toHaveLength(1)
    await world.close()
  })
})

describe('a worker that is told to stop', () => {
  it('says at its start what it logs to, and ends with status 0', async () => {
    const world = await WorkerWorld.create(postgres)
    const worker = await world.startWorker()
    expect(worker.stdout).toMatch(/worker logs to .*\/logs\/worker\.log \+ .*\/logs\/errors\.log/)
    const exit = await worker.stop()
    expect(exit).toMatchObject({ code: 0, stderr: '' })
    expect(world.lines().at(-1)?.message).toMatch(/Stopped|counters/)
    const { rows } = await world.database.pool.query('select * from worker_heartbeats')
    expect(rows).toEqual([])
    await world.close()
  })

  it('puts a submission that takes too long back, and the next worker repeats it as the same request', async () => {
    const world = await WorkerWorld.create(postgres, { simulator: { slowGenerationMs: 600_000 } })
    await world.addAccount()
    const first = await world.startWorker()
    const jobId = await world.addJob(await world.addUser(), 'pause [sim:slow-answer]')
    await waitFor(() => generationsOf(world, 'pause').then((count) => count === 1))
    const exit = await first.stop({ timeoutMs: 20_000 })
    expect(exit.code).toBe(0)
    const stopped = world.lines().find((line) => line.message === 'Stopped')
    expect(stopped?.['duration_ms']).toBeLessThan(10_000)
    expect(await world.job(jobId)).toMatchObject({ status: 'pending' })
    expect(await world.waitForLog({ job_id: jobId, message: 'Job put back, the worker stops' })).toBeDefined()
    expect((await world.submissions(jobId))[0]).toMatchObject({ status: 'timeout' })
    // Nothing of it is locked: the next worker need not find out that this one is gone.
    const { rows } = await world.database.pool.query(
      `select key from graphile_worker.jobs where locked_by is not null`,
    )
    expect(rows).toEqual([])
    await world.close()
  })

  it('finishes what is nearly done', async () => {
    const world = await WorkerWorld.create(postgres, { simulator: { slowGenerationMs: 1000 } })
    await world.addAccount()
    const worker = await world.startWorker()
    const jobId = await world.addJob(await world.addUser(), 'nearly [sim:slow-answer]')
    await waitFor(() => generationsOf(world, 'nearly').then((count) => count === 1))
    expect((await worker.stop()).code).toBe(0)
    expect((await world.submissions(jobId))[0]).toMatchObject({ status: 'success' })
    await world.close()
  })
})

describe('a worker without its database', () => {
  it('says so once, and goes on when it is back, wherever its tasks stood', async () => {
    const world = await WorkerWorld.create(postgres, { simulator: { generationMs: 1500, answerMs: 200 } })
    await world.addAccount()
    const worker = await world.startWorker()
    const user = await world.addUser()
    const jobs: number[] = []
    // Some are being polled, some submitted, some downloaded when the connection breaks.
    for (let n = 0; n < 12; n++) {
      jobs.push(await world.addJob(user, `outage-${n}- [sim:ok]`))
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    await world.waitForLog({ message: 'Job completed' })
    await postgres.stop()
    expect(await world.waitForLog({ message: 'Database connection lost' })).toMatchObject({
      level: 'CRITICAL',
      logger: 'database.session',
    })
    await postgres.start()
    for (const [n, jobId] of jobs.entries()) {
      await world.waitForJob(jobId, 'completed')
      await world.waitForAsset(jobId, 'downloaded')
      expect(await generationsOf(world, `outage-${n}-`)).toBe(1)
    }
    expect(worker.hasEnded).toBe(false)
    expect(world.lines().filter((line) => line.message === 'Database connection lost')).toHaveLength(1)
    expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
    await world.close()
  })
})

describe('a worker that cannot start', () => {
  it('names all mistakes in its settings at once, and ends with status 1', async () => {
    const world = await WorkerWorld.create(postgres)
    const error = await world
      .startWorker({
        PROVIDER_POLL_INTERVAL: 'often',
        WORKER_MAX_JOBS: '0',
        LOG_LEVEL: 'LOUD',
        JOB_TIMEOUT: '-1',
      })
      .catch((reason: unknown) => String(reason))
    for (const name of ['PROVIDER_POLL_INTERVAL', 'WORKER_MAX_JOBS', 'LOG_LEVEL', 'JOB_TIMEOUT']) {
      expect(error).toContain(name)
    }
    await world.close()
  })
})
