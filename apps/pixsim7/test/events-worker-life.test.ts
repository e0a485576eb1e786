/** What the worker tells about itself, its queue and its provider: start, health, end, and the provider's absence. */
import { waitFor, type Program } from '@pixsim7/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultSimulatorSettings } from '../src/provider-simulator/settings.ts'
import { startSimulator } from '../src/provider-simulator/simulator.ts'
import { number, on, testEvents, text } from './event-table.ts'
import { withPostgres } from './with-database.ts'
import { WorkerWorld } from './worker-world.ts'

const postgres = withPostgres()

let world: WorkerWorld
let worker: Program
let user = 0

beforeAll(async () => {
  world = await WorkerWorld.create(postgres, { lifetime: 'file' })
  user = await world.addUser()
  await world.addAccount()
  worker = await world.startWorker({ LOG_LEVEL: 'DEBUG', HEARTBEAT_INTERVAL: '500ms' })
})
afterAll(() => world.close())

const job = async (prompt: string) => ({ job_id: await world.addJob(user, prompt), user_id: user })

describe('the worker itself', () => {
  const known = async () => ({ pid: worker.pid })

  testEvents(() => world, 'worker.log', [
    on('start', 'INFO main: Starting', { version: text, node: process.version }, known),
    on('ready', 'INFO main: Ready', { event: 'service_started', version: text }, known),
    on(
      'provider registered',
      'INFO provider.registry: Provider registered',
      { provider_id: 'pixverse' },
      () => Promise.resolve({}),
    ),
    on(
      'health record',
      'INFO worker_health: Worker health',
      {
        j_complete: number,
        j_failed: number,
        j_retried: number,
        j_ongoing: number,
        queued: number,
        poll_job_statuses: number,
        event: 'heartbeat',
        interval_sec: 0.5,
        dependencies: { database: 'up' },
      },
      known,
    ),
    on(
      'poll summary',
      'INFO status_poller: Job statuses checked',
      { checked: number, completed: number, failed: number, still_processing: number, duration_ms: number },
      async () => {
        await job('[sim:ok]')
        return { task: 'poll_job_statuses' }
      },
    ),
  ])
})

describe('the queue', () => {
  it.each([
    ['task started', /^Found task \d+ \(process_job\)$/],
    ['task ended', /^Completed task \d+ \(process_job, [\d.]+ms\) with success$/],
  ])('%s: DEBUG graphile_worker %s', async (_, message) => {
    await job('[sim:ok]')
    const line = await waitFor(() => world.lines().find((one) => message.test(one.message)))
    expect(line).toMatchObject({ level: 'DEBUG', logger: 'graphile_worker', queue_worker: text })
  })
})

describe('the provider', () => {
  it('that goes away is told once, and once that it is back, however many jobs run into it', async () => {
    const jobs = [await job('[sim:endless]'), await job('[sim:endless]'), await job('[sim:endless]')]
    for (const { job_id } of jobs) await world.waitForLog({ job_id, message: 'Submitted to Pixverse' })
    const { port } = new URL(world.simulator.origin)
    await world.simulator.close()
    const dependency = 'pixverse'
    const down = await world.waitForLog({ event: 'dependency_down', dependency })
    expect(down).toMatchObject({
      level: 'ERROR',
      logger: 'provider.pixverse',
      message: 'Provider unreachable',
      error_type: 'ProviderError',
      exception: expect.stringContaining('ECONNREFUSED'),
    })
    // Nobody's job: what happened to the provider happened to all.
    expect(down['job_id']).toBeUndefined()
    await waitFor(() => beats().some((beat) => beat['pixverse'] === 'down'))
    const again = await startSimulator({ ...defaultSimulatorSettings(), port: Number(port), shares: {} })
    try {
      expect(await world.waitForLog({ event: 'dependency_up', dependency })).toMatchObject({
        level: 'INFO',
        logger: 'provider.pixverse',
        message: 'Provider reachable again',
        duration_ms: number,
      })
      await waitFor(() => beats().at(-1)?.['pixverse'] === 'up')
    } finally {
      await again.close()
    }
    const told = world.lines().filter((line) => String(line['event']).startsWith('dependency_'))
    expect(told.slice(0, 2).map((line) => line['event'])).toEqual(['dependency_down', 'dependency_up'])
  })

  function beats(): Readonly<Record<string, string>>[] {
    return world
      .lines()
      .filter((line) => line['event'] === 'heartbeat')
      .map((line) => line['dependencies'] as Readonly<Record<string, string>>)
  }
})

describe('the end', () => {
  const known = async () => ({ pid: worker.pid })

  testEvents(() => world, 'worker.log', [
    on('shutdown', 'INFO main: Shutting down', { event: 'service_stopping', signal: 'SIGTERM' }, async () => {
      worker.signal('SIGTERM')
      await worker.exit
      return known()
    }),
    on('stopped', 'INFO main: Stopped', { event: 'service_stopped', duration_ms: number }, known),
  ])
})
