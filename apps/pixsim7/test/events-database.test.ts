/** The database goes away under the traffic of a whole system, and comes back: what backend and worker say about it. */
import { waitFor } from '@pixsim7/testkit'
import { expect, it } from 'vitest'
import { withPostgres } from './with-database.ts'
import { WorkerWorld } from './worker-world.ts'

const postgres = withPostgres()
/** Long enough for every poll, beat and request to run into the absence several times. */
const ABSENCE_MS = 4000

it('the loss is CRITICAL once in each component, in errors.log too, and so is the recovery, once at INFO', async () => {
  const world = await WorkerWorld.create(postgres)
  const beat = { HEARTBEAT_INTERVAL: '500ms' }
  const [api] = await Promise.all([world.startApi(beat), world.startWorker(beat)])
  const ann = await api.register('ann')
  await world.addAccount()
  const jobs = await Promise.all(
    Array.from({ length: 5 }, () => world.addJob(ann.id, 'through the storm [sim:ok]')),
  )
  let isOver = false
  const statuses: number[] = []
  const traffic = Promise.all(
    Array.from({ length: 3 }, async () => {
      while (!isOver) statuses.push((await ann.call('GET', 'jobs')).status)
    }),
  )
  await waitFor(() => statuses.includes(200))
  await postgres.stop()
  const files = ['backend.log', 'worker.log'] as const
  const lost = 'Database connection lost'
  for (const file of files) await world.waitForLog({ message: lost }, file)
  const stoppedAt = performance.now()
  await waitFor(() => performance.now() - stoppedAt > ABSENCE_MS && statuses.includes(503))
  await postgres.start()
  for (const file of files) await world.waitForLog({ message: 'Database connection restored' }, file)
  await waitFor(() => statuses.at(-1) === 200)
  for (const jobId of jobs) await world.waitForJob(jobId, 'completed')
  isOver = true
  await traffic

  for (const file of files) {
    const told = world.lines(file).filter((line) => line['dependency'] === 'database')
    expect(told.map(({ level, logger, message }) => [level, logger, message])).toEqual([
      ['CRITICAL', 'database.session', lost],
      ['INFO', 'database.session', 'Database connection restored'],
    ])
    const [down, up] = told
    expect(down).toMatchObject({
      event: 'dependency_down',
      error_type: expect.any(String),
      exception: expect.stringMatching(/\n {4}at /),
    })
    expect(up).toMatchObject({ event: 'dependency_up' })
    expect(Number(up?.['duration_ms'])).toBeGreaterThan(ABSENCE_MS)
    // It is nobody's request or job.
    for (const line of told) expect([line['request_id'], line['job_id']]).toEqual([undefined, undefined])
    const alarms = world.lines(file).filter((line) => line.level === 'CRITICAL')
    expect(alarms).toEqual([down])
    expect(world.lines('errors.log')).toContainEqual({ ...down, component: file.replace('.log', '') })
    const beats = world.lines(file).filter((line) => line['event'] === 'heartbeat')
    const states = beats.map((line) => (line['dependencies'] as Record<string, string>)['database'])
    expect(new Set(states)).toEqual(new Set(['up', 'down']))
    expect(states.at(-1)).toBe('up')
  }
  expect(new Set(statuses)).toEqual(new Set([200, 503]))
  await world.close()
})

it('a pool without a free connection is CRITICAL once, however many requests wait in vain', async () => {
  const world = await WorkerWorld.create(postgres)
  const api = await world.startApi({ DATABASE_POOL_SIZE: '2' })
  const ann = await api.register('ann')
  const blocker = await world.database.pool.connect()
  await blocker.query('begin; lock table users')
  // Two hold the connections, the others wait for one, in vain.
  const requests = Array.from({ length: 8 }, () => ann.call('GET', 'jobs'))
  const [line] = await waitFor(() => {
    const lines = world.lines('backend.log').filter((one) => one.message === 'Database pool exhausted')
    return lines.length > 0 && lines
  })
  expect(line).toMatchObject({
    level: 'CRITICAL',
    logger: 'database.session',
    error_type: 'Error',
    exception: expect.stringContaining('timeout exceeded'),
  })
  await blocker.query('commit')
  blocker.release()
  const statuses = (await Promise.all(requests)).map((answer) => answer.status)
  expect(statuses.toSorted()).toEqual([200, 200, 503, 503, 503, 503, 503, 503])
  expect(world.lines('errors.log').filter((one) => one.level === 'CRITICAL')).toEqual([
    { ...line, component: 'backend' },
  ])
  await world.close()
})
