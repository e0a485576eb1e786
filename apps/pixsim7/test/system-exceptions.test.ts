/** Mistakes outside of everything that is caught: they end the process, and are in errors.log with their stack by then. */
import { waitFor } from '@pixsim7/testkit'
import { expect, it } from 'vitest'
import { onSignal } from './plant.ts'
import { withPostgres } from './with-database.ts'
import { WorkerWorld } from './worker-world.ts'

const postgres = withPostgres()

it.each([
  ['api', 'backend', `setTimeout(() => { throw new TypeError('planted') })`, 'Uncaught exception'],
  ['api', 'backend', `void Promise.reject(new TypeError('planted'))`, 'Unhandled promise rejection'],
  ['worker', 'worker', `setTimeout(() => { throw new TypeError('planted') })`, 'Uncaught exception'],
  ['worker', 'worker', `void Promise.reject(new TypeError('planted'))`, 'Unhandled promise rejection'],
] as const)('in the %s: CRITICAL of the %s after %s', async (name, component, code, message) => {
  const world = await WorkerWorld.create(postgres)
  const options = { NODE_OPTIONS: onSignal(code) }
  const program = name === 'api' ? (await world.startApi(options)).program : await world.startWorker(options)
  program.signal('SIGUSR2')
  expect((await program.exit).code).toBe(1)
  const file = `${component}.log` as const
  const last = world.lines(file).at(-1)
  expect(last).toMatchObject({
    level: 'CRITICAL',
    logger: 'process',
    message,
    exception: expect.stringMatching(/^TypeError: planted\n {4}at /),
  })
  expect(world.lines('errors.log')).toEqual([{ ...last, component }])
  await world.close()
})

it.each(['api', 'worker'] as const)(
  'of the start: the %s that cannot start says why, at CRITICAL',
  async (name) => {
    const world = await WorkerWorld.create(postgres)
    const url = new URL(world.environment()['DATABASE_URL'] ?? '')
    url.password = 'geheim-und-falsch'
    await expect(world.start(name, { DATABASE_URL: url.href })).rejects.toThrow('refuses us')
    const component = name === 'api' ? 'backend' : 'worker'
    const line = await waitFor(() => world.lines('errors.log')[0])
    expect(line).toMatchObject({ level: 'CRITICAL', logger: 'main', message: 'Start failed', component })
    expect(JSON.stringify(line)).not.toContain('geheim-und-falsch')
    await world.close()
  },
)

it.each(['api', 'worker'] as const)(
  'what Node warns of in the %s is logged and not printed',
  async (name) => {
    const world = await WorkerWorld.create(postgres)
    const code = `process.emitWarning('planted', { type: 'DeprecationWarning', code: 'DEP9999' })`
    const options = { NODE_OPTIONS: onSignal(code) }
    const program =
      name === 'api' ? (await world.startApi(options)).program : await world.startWorker(options)
    program.signal('SIGUSR2')
    expect(
      await world.waitForLog({ logger: 'process' }, name === 'api' ? 'backend.log' : 'worker.log'),
    ).toMatchObject({
      level: 'WARNING',
      message: 'planted',
      warning: 'DeprecationWarning',
      code: 'DEP9999',
    })
    await world.close()
  },
)
