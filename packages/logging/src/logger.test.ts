import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { parseJsonLine, parsePlainLine } from '@pixsim7/record'
import { tempDir, waitFor } from '@pixsim7/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { closeLogging, flushLogging, loggingCounters } from './lifetime.ts'
import { LogContext } from './log-context.ts'
import { getLogger } from './logger.ts'
import { setupLogging } from './setup.ts'
import type { SetupOptions } from './setup-options.ts'

afterEach(closeLogging)

async function setup(options: Partial<SetupOptions> = {}) {
  return setupLogging({
    component: 'backend',
    cwd: await tempDir(),
    env: {},
    json: true,
    handleSignals: false,
    captureUncaught: false,
    captureWarnings: false,
    console: 'off',
    ...options,
  })
}

/** Lines of a file but for the library's own. */
async function linesOf(file: string): Promise<string[]> {
  await flushLogging()
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.includes('pixsim7.logging'))
}

const recordsOf = async (file: string) => (await linesOf(file)).map((line) => parseJsonLine(line))

describe('a JSON line', () => {
  it('has the names and the order of the specification, then the fields, then the exception', async () => {
    const { file } = await setup({ service: 'pixsim7', host: 'h1' })
    const logger = getLogger('job_processor')
    LogContext.run({ user_id: 1, job_id: 123 }, () => {
      logger.with({ provider_id: 'p' }).error('Failed to submit job', { attempt: 2, error: new Error('no') })
    })
    const [line = ''] = await linesOf(file)
    expect(Object.keys(JSON.parse(line) as object)).toEqual([
      'timestamp', 'level', 'logger', 'message', 'module', 'function', 'line',
      'service', 'host', 'user_id', 'job_id', 'provider_id', 'attempt', 'error', 'exception',
    ]) // prettier-ignore
    expect(line).toMatch(
      /^\{"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z","level":"ERROR","logger":"job_processor",/,
    )
    expect(JSON.parse(line)).toMatchObject({
      message: 'Failed to submit job',
      module: 'logger.test',
      user_id: 1,
      job_id: 123,
      provider_id: 'p',
      attempt: 2,
      error: 'Error: no',
    })
  })

  it('has rising times in microseconds that agree with the clock', async () => {
    const { file } = await setup()
    const before = Date.now()
    for (let n = 0; n < 1000; n++) getLogger('x').info('tick')
    const after = Date.now()
    const times = (await recordsOf(file)).map((record) => record?.timestamp ?? '')
    expect([...times].sort()).toEqual(times)
    expect(Date.parse(times[0] ?? '')).toBeGreaterThanOrEqual(before - 6)
    expect(Date.parse(times.at(-1) ?? '')).toBeLessThanOrEqual(after + 6)
    expect(new Set(times.map((time) => time.slice(23, 26))).size).toBeGreaterThan(3)
  })
})

describe('a plain line', () => {
  it('has the form of the specification, fields behind a bar, the stack indented', async () => {
    const { file } = await setup({ json: false })
    getLogger('job_processor').info('Processing job #123')
    getLogger('job_processor').error('Failed', { job_id: 1, error: new Error('no such video') })
    const [first = '', second = '', ...stack] = await linesOf(file)
    expect(first).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - job_processor - INFO - Processing job #123$/)
    expect(second).toMatch(/ - job_processor - ERROR - Failed \| job_id=1 error="Error: no such video"$/)
    expect(stack[0]).toBe('    Error: no such video')
    expect(stack.every((line) => line.startsWith('    '))).toBe(true)
    expect(parsePlainLine(second)?.fields).toEqual({ job_id: 1, error: 'Error: no such video' })
  })
})

describe('errors.log', () => {
  it.each([true, false])(
    'holds the lines from ERROR on as the component’s file does, plus the component (JSON: %s)',
    async (json) => {
      const { file, errorFile } = await setup({ json })
      const logger = getLogger('x')
      logger.warning('odd')
      logger.error('bad', { code: 'e1', component: 'forged', error: new Error('why') })
      logger.critical('very bad')
      const own = await linesOf(file)
      const errors = await linesOf(errorFile)
      const mark = json ? /,"component":"backend"/ : /(?: \|)? component=backend$/
      expect(errors.map((line) => line.replace(mark, ''))).toEqual(own.slice(1))
      expect(errors.filter((line) => line.includes('component'))).toHaveLength(2)
      expect(errors[0]).toContain(json ? '"component_":"forged"' : 'component_=forged')
    },
  )

  it('marks its line as the sole copy when the component’s file cannot be written, and only then', async () => {
    const { file, errorFile } = await setup()
    const logger = getLogger('x')
    logger.error('one')
    renameSync(file, `${file}.away`)
    mkdirSync(file)
    await waitFor(() => {
      logger.error('two')
      return readFileSync(errorFile, 'utf8').includes('sole_copy')
    })
    await expect(flushLogging()).rejects.toMatchObject({ code: 'LOGGING_FLUSH_FAILED' })
    rmSync(file, { recursive: true })
    await waitFor(() => flushLogging().then(() => true))
    logger.error('three')
    const errors = await recordsOf(errorFile)
    const soleCopies = errors.filter((record) => record?.fields['sole_copy'] === true)
    expect(soleCopies.every((record) => record?.message === 'two')).toBe(true)
    const both = [...(await recordsOf(`${file}.away`)), ...(await recordsOf(file))]
    expect(both.length + soleCopies.length).toBe(errors.length)
    expect(both.at(-1)?.message).toBe('three')
    expect(readFileSync(file, 'utf8')).toContain('"event":"write_recovered"')
    expect(readFileSync(errorFile, 'utf8')).toContain('"event":"write_failed"')
  })

  it('has an ERROR in both files before the call returns, after what was logged before it', async () => {
    const { file, errorFile } = await setup()
    getLogger('x').info('first')
    getLogger('x').error('second')
    const messages = readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => parseJsonLine(line)?.message) // prettier-ignore
    expect(messages.slice(0, 3)).toEqual(['Logging started', 'first', 'second'])
    expect(readFileSync(errorFile, 'utf8')).toContain('second')
  })
})

describe('levels', () => {
  it('below the one in force are not written; isEnabled tells', async () => {
    const { file } = await setup({ level: 'WARNING' })
    const logger = getLogger('x')
    logger.debug('d')
    logger.info('i')
    logger.warn('w')
    logger.fatal('f')
    expect((await recordsOf(file)).map((record) => record?.level)).toEqual(['WARNING', 'CRITICAL'])
    expect(
      ['DEBUG', 'info', 'Warn', 'fatal', 'nonsense', ''].map((level) => logger.isEnabled(level)),
    ).toEqual([false, false, true, true, false, false])
  })

  it('reach loggers that were made before the setup', async () => {
    const early = getLogger('early').with({ a: 1 })
    const { file } = await setup({ level: 'DEBUG' })
    early.debug('now')
    expect((await recordsOf(file)).map((record) => record?.fields)).toEqual([{ a: 1 }])
  })
})

describe('fields', () => {
  it('of the call win over with, which wins over the context; nothing is written twice', async () => {
    const { file } = await setup()
    const logger = getLogger('x').with({ b: 'with', c: 'with' }).with({ d: 'with' })
    LogContext.run({ a: 'context', b: 'context', c: 'context' }, () =>
      logger.info('m', { c: 'call', level: 'forged' }),
    )
    const [line = ''] = await linesOf(file)
    expect(line).toContain('"a":"context","b":"with","d":"with","c":"call","level_":"forged"}')
    expect(parseJsonLine(line)?.level).toBe('INFO')
  })

  it('cannot pretend to be service or host when these are set', async () => {
    const { file } = await setup({ host: 'h1' })
    getLogger('x').info('m', { host: 'forged', service: 'free' })
    expect((await recordsOf(file))[0]?.fields).toEqual({ host: 'h1', host_: 'forged', service: 'free' })
  })

  it('of a context are redacted and encoded once, whatever is changed later', async () => {
    const { file } = await setup()
    const nested = { n: 1 }
    LogContext.run({ nested, password: 'hunter2' }, () => {
      getLogger('x').info('one')
      nested.n = 2
      getLogger('x').info('two')
    })
    expect((await recordsOf(file)).map((record) => record?.fields)).toEqual([
      { nested: { n: 1 }, password: '[redacted]' },
      { nested: { n: 1 }, password: '[redacted]' },
    ])
  })
})

describe('whatever is logged', () => {
  it('is one line, also when code that runs while encoding logs itself', async () => {
    const { file } = await setup()
    const logger = getLogger('x')
    const chatty = {
      toJSON(): unknown {
        logger.info('inner', { password: 'hunter2' })
        return { ok: 1 }
      },
    }
    logger.info('outer', { chatty, after: 1 })
    const endless = { toJSON: () => logger.info('again', { endless }) }
    logger.info('last', { endless })
    const records = await recordsOf(file)
    expect(records.find((record) => record?.message === 'outer')?.fields).toEqual({
      chatty: { ok: 1 },
      after: 1,
    })
    expect(records.find((record) => record?.message === 'inner')?.fields).toEqual({ password: '[redacted]' })
    expect(records.some((record) => record?.message === 'last')).toBe(true)
  })

  it('has no secret in message, fields, keys, errors or causes', async () => {
    const { file, errorFile } = await setup({ json: false })
    const secret = 'hunter2-planted'
    const error = Object.assign(new Error(`password=${secret}`, { cause: new Error(`Bearer ${secret}1`) }), {
      config: { headers: { Authorization: secret } },
    })
    const logger = getLogger('x')
    logger.error(`token: ${secret}`, {
      error,
      [`Bearer ${secret}`]: 1,
      url: `https://x:${secret}@y/?token=${secret}`,
    })
    LogContext.run({ api_key: secret }, () =>
      logger.with({ cookie: secret }).critical(error, `Basic ${secret}=`),
    )
    for (const name of [file, errorFile]) expect((await linesOf(name)).join('\n')).not.toContain(secret)
    expect(loggingCounters()?.redacted).toBeGreaterThan(10)
  })

  it('takes every order of arguments', async () => {
    const { file } = await setup()
    const logger = getLogger('x')
    const error = new Error('e')
    logger.info('a', { n: 1 })
    logger.info({ n: 1 }, 'b')
    logger.error(error, 'c', { n: 1 })
    logger.error('d', error)
    logger.error(error)
    logger.info('f', { n: 1 }, { m: 2 }, 'rest')
    expect((await recordsOf(file)).map((record) => [record?.message, record?.fields])).toEqual([
      ['a', { n: 1 }],
      ['b', { n: 1 }],
      ['c', { n: 1, error: 'Error: e' }],
      ['d', { error: 'Error: e' }],
      ['Error: e', { error: 'Error: e' }],
      ['f', { n: 1, m: 2, args: ['rest'] }],
    ])
  })
})

describe('the library about itself', () => {
  it('says where it writes when it starts', async () => {
    const { file, errorFile } = await setup()
    await flushLogging()
    expect(parseJsonLine(readFileSync(file, 'utf8').split('\n')[0] ?? '')).toMatchObject({
      logger: 'pixsim7.logging',
      level: 'INFO',
      fields: { event: 'logging_started', files: [file, errorFile], log_level: 'info' },
    })
  })

  it('reports its counts each minute in which something happened', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const { file } = await setup()
      const reports = async () => {
        vi.advanceTimersByTime(60_000)
        await flushLogging()
        const lines = readFileSync(file, 'utf8').split('\n')
        return lines.flatMap((line) =>
          line.includes('"event":"counters"') ? [parseJsonLine(line)?.fields] : [],
        )
      }
      getLogger('x').info('m', { password: 'x' })
      await flushLogging()
      expect(await reports()).toMatchObject([
        { written: 2, dropped: 0, redacted: 1, suppressed: 0, failed: 0 },
      ])
      expect(await reports()).toHaveLength(1)
      getLogger('x').info('m')
      expect(await reports()).toHaveLength(2)
    } finally {
      vi.useRealTimers()
    }
  })

  it('counts what it wrote', async () => {
    await setup()
    getLogger('x').error('e')
    await flushLogging({ durable: true })
    expect(loggingCounters()).toMatchObject({ dropped: 0, redacted: 0, failed: 0 })
    // Its start, and the error in both files.
    expect(loggingCounters()?.written).toBeGreaterThanOrEqual(3)
    await closeLogging()
    expect(loggingCounters()).toBeUndefined()
  })
})
