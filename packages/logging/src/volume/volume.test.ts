import { readFileSync } from 'node:fs'
import { parseJsonLine, type LogRecord } from '@pixsim7/record'
import { tempDir } from '@pixsim7/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { closeLogging, flushLogging, loggingCounters } from '../lifetime.ts'
import { LogContext } from '../log-context.ts'
import { getLogger } from '../logger.ts'
import { setupLogging } from '../setup.ts'
import type { SetupOptions } from '../setup-options.ts'

afterEach(async () => {
  vi.useRealTimers()
  await closeLogging()
})

/** Longer than any test: the interval ends only when a test lets it. */
const HOUR_MS = 3_600_000

async function setup(options: Partial<SetupOptions>) {
  const { file } = setupLogging({
    component: 'backend',
    cwd: await tempDir(),
    env: {},
    json: true,
    level: 'DEBUG',
    handleSignals: false,
    captureUncaught: false,
    captureWarnings: false,
    console: 'off',
    ...options,
  })
  const all = (): LogRecord[] =>
    readFileSync(file, 'utf8').split('\n').flatMap((line) => parseJsonLine(line) ?? []) // prettier-ignore
  const isOwn = ({ logger }: LogRecord) => logger === 'pixsim7.logging'
  return {
    file,
    records: async () => {
      await flushLogging()
      return all().filter((record) => !isOwn(record))
    },
    floods: async () => {
      await flushLogging()
      return all().filter(({ fields }) => fields['event'] === 'flood_suppressed')
    },
    counters: () => all().filter(({ fields }) => fields['event'] === 'counters'),
  }
}

const sumOf = (floods: LogRecord[]) => floods.reduce((sum, { fields }) => sum + Number(fields['count']), 0)

describe('flood control', () => {
  it('writes so many lines of a call site in an interval, then one with the count, then again', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { records, floods } = await setup({ flood: { maxLines: 3, intervalMs: HOUR_MS } })
    const logger = getLogger('x')
    const flood = (times: number) => {
      for (let n = 0; n < times; n++) logger.info(`line ${n}`)
    }
    const other = () => logger.info('another place')
    flood(10)
    other()
    expect(loggingCounters()).toMatchObject({ suppressed: 7 })
    expect(loggingCounters()?.files.map(({ levels }) => levels.INFO.suppressed)).toEqual([7, 0])
    vi.advanceTimersByTime(HOUR_MS)
    flood(2)
    vi.advanceTimersByTime(HOUR_MS)
    expect((await records()).map(({ message }) => message)).toEqual([
      'line 0', 'line 1', 'line 2', 'another place', 'line 0', 'line 1',
    ]) // prettier-ignore
    const [first] = await records()
    expect(await floods()).toMatchObject([
      {
        level: 'WARNING',
        module: 'volume.test',
        line: first?.line,
        fields: { count: 7, of_logger: 'x', call_site: `volume.test:${first?.line}`, levels: { info: 7 } },
      },
    ])
  })

  it('leaves ERROR and above, audit and security alone', async () => {
    const { records } = await setup({ flood: { maxLines: 1, intervalMs: HOUR_MS } })
    for (let n = 0; n < 5; n++) {
      getLogger('x').error('e')
      getLogger('x').critical('c')
      getLogger('audit').info('a')
      getLogger('security.login').warning('s')
      getLogger('x').warning('w')
    }
    const messages = (await records()).map(({ message }) => message)
    expect(['e', 'c', 'a', 's', 'w'].map((text) => messages.filter((message) => message === text).length)).toEqual([5, 5, 5, 5, 1]) // prettier-ignore
  })

  it('of one client leaves the lines of others alone, and names it', async () => {
    const { records, floods } = await setup({
      flood: { maxLines: 5, intervalMs: HOUR_MS, by: 'client_ip' },
    })
    const logger = getLogger('api')
    const request = () => logger.info('Request received')
    const from = (client: string) => LogContext.run({ client_ip: client }, request)
    for (let n = 0; n < 50_000; n++) {
      from('203.0.113.9')
      if (n % 20_000 === 0) from('198.51.100.7')
    }
    await closeLogging()
    const clients = (await records()).map(({ fields }) => fields['client_ip'])
    expect(clients.filter((client) => client === '203.0.113.9')).toHaveLength(5)
    expect(clients.filter((client) => client === '198.51.100.7')).toHaveLength(3)
    expect((await floods()).map(({ fields }) => fields)).toMatchObject([
      { count: 49_995, where: { client_ip: '203.0.113.9' } },
    ])
  })

  it('keeps its memory and its own news bounded, and loses no count, when values never repeat', async () => {
    const { records, floods } = await setup({ flood: { maxLines: 1, intervalMs: HOUR_MS, by: 'id' } })
    const logger = getLogger('x')
    for (let n = 0; n < 30_000; n++) for (let again = 0; again < 2; again++) logger.debug('m', { id: n })
    await closeLogging()
    const told = await floods()
    expect(told.length).toBeLessThanOrEqual(21)
    expect((await records()).length + sumOf(told)).toBe(60_000)
    expect((await records()).length).toBe(10_001)
  })

  it('tells what it suppressed in code that never pauses, and at the end', async () => {
    const { records, floods } = await setup({ flood: { maxLines: 10, intervalMs: 100 } })
    const logger = getLogger('x')
    let logged = 0
    for (const end = performance.now() + 350; performance.now() < end; logged++) logger.info('m')
    expect((await floods()).length).toBeGreaterThan(1)
    await closeLogging()
    expect((await records()).length + sumOf(await floods())).toBe(logged)
  })

  it('finds the place in plain lines, where it is not written', async () => {
    const { file } = await setup({ json: false, flood: { maxLines: 1, intervalMs: HOUR_MS } })
    const flood = () => {
      for (let n = 0; n < 3; n++) getLogger('x').info('m')
    }
    flood()
    await closeLogging()
    expect(readFileSync(file, 'utf8')).toMatch(/ - WARNING - Lines were suppressed \| event=flood_suppressed count=2 of_logger=x call_site="?volume\.test:\d+/) // prettier-ignore
  })

  it('is off unless asked for', async () => {
    const { records } = await setup({})
    for (let n = 0; n < 1000; n++) getLogger('x').info('m')
    expect(await records()).toHaveLength(1000)
  })
})

describe('sampling', () => {
  it('writes all lines of a context or none, the same in every program, and every ERROR', async () => {
    const run = async () => {
      const { records, counters } = await setup({ sampling: { rate: 0.25 } })
      for (let id = 0; id < 2000; id++) {
        LogContext.run({ request_id: `r-${id}` }, () => {
          getLogger('a').info('begin')
          LogContext.run({ job_id: id }, () => getLogger('b').debug('inner'))
          getLogger('audit').info('audit')
          if (id < 20) getLogger('c').error('error')
        })
      }
      getLogger('a').info('in no context')
      const suppressed = loggingCounters()?.suppressed
      await closeLogging()
      const lines = await records()
      const idsOf = (message: string) =>
        lines.filter((line) => line.message === message).map(({ fields }) => fields['request_id'])
      expect(idsOf('inner')).toEqual(idsOf('begin'))
      expect([idsOf('error').length, idsOf('audit').length, idsOf('in no context').length]).toEqual([20, 2000, 1]) // prettier-ignore
      expect(suppressed).toBe(2 * (2000 - idsOf('begin').length))
      // Told at the end, not only by the minute.
      expect(counters().at(-1)?.fields['suppressed']).toBe(suppressed)
      return idsOf('begin')
    }
    const kept = await run()
    expect(kept.length).toBeGreaterThan(400)
    expect(kept.length).toBeLessThan(600)
    expect(await run()).toEqual(kept)
  })

  it.each([
    [0, 0],
    [1, 200],
  ])('at a rate of %d writes %d of 200 contexts', async (rate, count) => {
    const { records } = await setup({ sampling: { rate, by: ['user_id'] } })
    for (let id = 0; id < 200; id++) getLogger('x').info('m', { user_id: id })
    expect(await records()).toHaveLength(count)
  })
})

describe('options', () => {
  it.each<[name: string, options: Partial<SetupOptions>]>([
    ['flood', { flood: { maxLines: 0 } }],
    ['flood', { flood: { maxLines: 1.5 } }],
    ['flood', { flood: { intervalMs: 10 } }],
    ['flood', { flood: { by: '' } }],
    ['flood', { flood: 5 as never }],
    ['sampling', { sampling: {} as never }],
    ['sampling', { sampling: { rate: 1.1 } }],
    ['sampling', { sampling: { rate: Number.NaN } }],
    ['sampling', { sampling: { rate: 0.5, by: [] } }],
  ])('%s %j is refused', async (name, options) => {
    await expect(setup(options)).rejects.toThrow(name)
  })
})
