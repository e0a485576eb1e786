import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { parseJsonLine, type LogRecord } from '@pixsim7/record'
import { tempDir } from '@pixsim7/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { closeLogging, flushLogging, loggingCounters } from '../lifetime.ts'
import { LogContext } from '../log-context.ts'
import { getLogger } from '../logger.ts'
import { setupLogging } from '../setup.ts'
import type { SetupOptions } from '../setup-options.ts'

afterEach(closeLogging)

async function setup(options: Partial<SetupOptions> = {}) {
  const { file, errorFile } = setupLogging({
    component: 'backend',
    cwd: await tempDir(),
    env: {},
    json: true,
    handleSignals: false,
    captureUncaught: false,
    captureWarnings: false,
    console: 'off',
    flightRecorder: {},
    ...options,
  })
  const recordsOf = async (name: string): Promise<LogRecord[]> => {
    await flushLogging()
    return readFileSync(name, 'utf8').split('\n').flatMap((line) => parseJsonLine(line) ?? []) // prettier-ignore
  }
  const own = async (name = file) =>
    (await recordsOf(name)).filter(({ logger }) => logger !== 'pixsim7.logging')
  return {
    file,
    records: own,
    messages: async (name = file) => (await own(name)).map(({ message }) => message),
    errorsFile: errorFile,
    cuts: async () => (await recordsOf(file)).filter(({ fields }) => fields['event'] === 'recording_cut'),
  }
}

const logger = getLogger('x')

describe('the flight recorder', () => {
  it('writes the DEBUG lines of a context in order, with their own time and place, before its ERROR', async () => {
    const { records, messages, errorsFile } = await setup()
    await LogContext.run({ job_id: 1 }, async () => {
      logger.debug('first', { n: 1 })
      logger.info('written anyway')
      await delay(5)
      logger.debug('second')
      logger.error('failed')
      logger.debug('afterwards')
    })
    expect(await messages()).toEqual(['written anyway', 'first', 'second', 'failed'])
    const [info, first, second, failed] = await records()
    expect(first).toMatchObject({ level: 'DEBUG', fields: { job_id: 1, n: 1, recorded: true } })
    expect(first?.timestamp && info && first.timestamp <= info.timestamp).toBe(true)
    expect((second?.line ?? 0) - (first?.line ?? 0)).toBe(3)
    expect(failed?.fields).toEqual({ job_id: 1 })
    expect(await messages(errorsFile)).toEqual(['failed'])
  })

  it('writes nothing of contexts that log no ERROR, and nothing from outside of any', async () => {
    const { messages } = await setup()
    await Promise.all(
      Array.from({ length: 50 }, (_, id) =>
        LogContext.run({ id }, async () => {
          logger.debug(`begin ${id}`)
          await delay(id % 3)
          if (id === 7) logger.critical('failed 7')
          else logger.warning(`odd ${id}`)
        }),
      ),
    )
    logger.debug('outside')
    logger.error('outside too')
    expect((await messages()).filter((message) => !message.startsWith('odd'))).toEqual(['begin 7', 'failed 7', 'outside too']) // prettier-ignore
  })

  it('takes inner contexts with the outermost, whichever of them fails', async () => {
    const { messages } = await setup()
    LogContext.run({ request_id: 'a' }, () => {
      logger.debug('outer')
      LogContext.run({ job_id: 1 }, () => logger.debug('inner'))
      logger.error('outer failed')
      logger.debug('outer again')
      LogContext.run({ job_id: 2 }, () => logger.error('inner failed'))
    })
    expect(await messages()).toEqual(['outer', 'inner', 'outer failed', 'outer again', 'inner failed'])
  })

  it('writes lines once, and records anew after an ERROR', async () => {
    const { messages } = await setup()
    LogContext.run({}, () => {
      logger.debug('1')
      logger.error('a')
      logger.error('b')
      logger.debug('2')
      logger.error('c')
    })
    expect(await messages()).toEqual(['1', 'a', 'b', '2', 'c'])
  })

  it('keeps what was logged as it was then, without secrets', async () => {
    const { file, records } = await setup()
    const value = { state: 'before' }
    LogContext.run({ password: 'hunter2-planted' }, () => {
      logger.debug('token=hunter2-planted', { value })
      value.state = 'after'
      logger.error('failed')
    })
    expect((await records())[0]?.fields['value']).toEqual({ state: 'before' })
    expect(readFileSync(file, 'utf8')).not.toContain('hunter2')
  })

  it('keeps the newest lines of each context, and says how many older ones there were', async () => {
    const { messages, cuts } = await setup({ flightRecorder: { maxLines: 3 } })
    LogContext.run({}, () => {
      for (let n = 0; n < 10; n++) logger.debug(`line ${n}`)
      logger.error('failed')
    })
    expect(await messages()).toEqual(['line 7', 'line 8', 'line 9', 'failed'])
    expect((await cuts()).map(({ fields }) => fields['count'])).toEqual([7])
  })

  it('stays within its bytes: the oldest context goes first, then older lines of the present one', async () => {
    const { messages } = await setup({ flightRecorder: { maxLines: 10_000, maxBytes: 64 * 1024 } })
    const begin = () => LogContext.run({}, () => LogContext.bind((fn: () => void) => fn()))
    const [old, young] = [begin(), begin()]
    old(() => logger.debug('old', { pad: '.'.repeat(20_000) }))
    young(() => logger.debug('young', { pad: '.'.repeat(20_000) }))
    LogContext.run({}, () => {
      for (let n = 0; n < 2; n++) logger.debug(`big ${n}`, { pad: '.'.repeat(20_000) })
    })
    old(() => logger.error('old failed'))
    young(() => logger.error('young failed'))
    LogContext.run({}, () => {
      for (let n = 0; n < 10; n++) logger.debug(`bigger ${n}`, { pad: '.'.repeat(20_000) })
      logger.error('big failed')
    })
    expect(await messages()).toEqual(['old failed', 'young', 'young failed', 'bigger 7', 'bigger 8', 'bigger 9', 'big failed']) // prettier-ignore
  })

  it('holds no contexts that nest without end', async () => {
    await setup()
    let context = {} as ReturnType<typeof LogContext.bind<unknown, [() => void], void>>
    LogContext.run({ n: 0 }, () => (context = LogContext.bind((fn: () => void) => fn())))
    const inner: WeakRef<object>[] = []
    for (let n = 1; n < 100; n++) {
      const before = context
      before(() =>
        LogContext.run({ n }, () => {
          inner.push(new WeakRef(LogContext.get()))
          context = LogContext.bind((fn: () => void) => fn())
        }),
      )
    }
    await delay(0)
    const gc = (globalThis as { gc?: () => void }).gc ?? (await exposedGc())
    gc()
    expect(inner.filter((fields) => fields.deref() !== undefined).length).toBeLessThan(10)
  })

  it('leaves the level in force as it is for lines that are written', async () => {
    const { messages } = await setup({ level: 'WARNING' })
    LogContext.run({}, () => {
      logger.info('info')
      logger.warning('warning')
      expect(logger.isEnabled('debug')).toBe(true)
    })
    expect(logger.isEnabled('info')).toBe(false)
    logger.info('outside')
    expect(await messages()).toEqual(['warning'])
    await closeLogging()
    expect(LogContext.run({}, () => logger.isEnabled('debug'))).toBe(false)
  })

  it('marks lines so that nobody else can', async () => {
    const { records } = await setup()
    logger.info('forged', { recorded: true })
    expect((await records())[0]?.fields).toEqual({ recorded_: true })
  })

  it('is off unless asked for', async () => {
    const { messages } = await setup({ flightRecorder: undefined as never })
    LogContext.run({}, () => {
      logger.debug('d')
      logger.error('e')
    })
    expect(await messages()).toEqual(['e'])
    expect(loggingCounters()?.suppressed).toBe(0)
  })

  it.each([{ maxLines: 0 }, { maxLines: 10_001 }, { maxBytes: 1000 }, 7])('refuses %j', async (option) => {
    await expect(setup({ flightRecorder: option as never })).rejects.toThrow('flightRecorder')
  })
})

async function exposedGc(): Promise<() => void> {
  const { setFlagsFromString } = await import('node:v8')
  const { runInNewContext } = await import('node:vm')
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
