import { createRequire } from 'node:module'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import type { LogRecord } from '@pixsim7/record'
import Fastify, { type FastifyBaseLogger } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pinoLogger, type PinoLogger } from '../src/adapters/pino.ts'
import { forceThreshold } from '../src/core/levels.ts'
import { LogContext } from '../src/index.ts'
import { collectLogsOfEachTest } from '../src/testing.ts'

type Levels = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'
type Log = (this: unknown, ...args: unknown[]) => void
interface RealLogger extends Record<Levels, Log> {
  child(bindings: object, options?: object): RealLogger
}

/** The pino that Fastify uses: the judge of what a message is. */
const require = createRequire(createRequire(import.meta.url).resolve('fastify'))
const realPino = require('pino') as (options: object, stream: Writable) => RealLogger

function realMessages(log: (logger: RealLogger) => void, options: object = {}): unknown[] {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(...chunk.toString().trimEnd().split('\n'))
      done()
    },
  })
  log(realPino({ level: 'trace', ...options }, stream))
  return lines.map((line) => (JSON.parse(line) as { msg?: unknown }).msg)
}

const logs = collectLogsOfEachTest({ beforeEach, afterEach })
const last = () => logs.records.at(-1) as LogRecord

describe('messages', () => {
  const now = { toString: () => 'now' }
  it.each<[name: string, args: unknown[]]>([
    ['a text', ['Job done']],
    ['an object and a text', [{ job_id: 5 }, 'Job done']],
    ['an object with msg', [{ msg: 'Job done' }]],
    ['placeholders', ['job %s of %d, %i%% in %f s', 'a', 5, 7.9, 1.25]],
    ['an object, then placeholders', [{ a: 1 }, 'job %s: %j', 5, { b: [1, 'x'] }]],
    ['%o and %O with text, function and object', ['%o %O %j', 'text', now.toString, { a: 1 }]],
    ['more placeholders than values', ['%s and %s', 'a']],
    ['a lone and an unknown placeholder', ['100% of %x and %', 'a']],
    ['null and undefined as values', ['%s %s %d', null, undefined, null]],
    ['no values for a percent sign', ['100%% sure']],
    ['null first', [null, 'Job done']],
    ['undefined first', [undefined, 'Job done']],
    ['an error and a text', [new Error('no'), 'Job failed']],
  ])('of %s are those of pino', (_name, args) => {
    const log = pinoLogger()
    log.info(...args)
    expect([last().message]).toEqual(realMessages((real) => real.info(...args)))
  })

  it('have the prefixes of parents and child', () => {
    const log = (logger: { child: RealLogger['child'] }) =>
      logger.child({}, { msgPrefix: '[a] ' }).child({}, { msgPrefix: '[b] ' }).info('x %s', 1)
    log(pinoLogger() as unknown as RealLogger)
    expect(logs.messages).toEqual(realMessages(log))
  })

  it('say what an error says when there is nothing else, with its stack', () => {
    const error = new TypeError('no video')
    const log = pinoLogger()
    log.error(error)
    log.error({ err: error, job_id: 5 })
    for (const { message, exception } of logs.records) {
      expect(message).toBe('TypeError: no video')
      expect(exception).toContain('pino.test.ts')
    }
    expect(last().fields).toEqual({ error: 'TypeError: no video', job_id: 5 })
  })

  it('drop no argument, where pino drops it', () => {
    pinoLogger().info('Job done', { job_id: 5 }, 7)
    expect(last()).toMatchObject({ message: 'Job done', fields: { job_id: 5, args: [7] } })
    pinoLogger().info('Job %s', 'a', { job_id: 5 })
    expect(last()).toMatchObject({ message: 'Job a', fields: { job_id: 5 } })
  })

  it('hold no secret of an object that was formatted into them', () => {
    pinoLogger().info(
      'login %o %j',
      { password: 'hunter2', deep: [{ api_key: 'hunter2' }] },
      { token: 'hunter2' },
    )
    pinoLogger().info('login %s', { user: 1, secret: 'hunter2' })
    expect(logs.messages.join()).not.toContain('hunter2')
    expect(logs.messages[0]).toContain('"password":"[redacted]"')
  })
})

describe('LOG_LEVEL', () => {
  it('is never gone below', () => {
    const log = pinoLogger({ level: 'trace' })
    forceThreshold('WARNING')
    expect([log.level, log.isLevelEnabled('info'), pinoLogger().level]).toEqual(['trace', false, 'warn'])
    log.info('Not this')
    log.warn('But this')
    expect(logs.messages).toEqual(['But this'])
  })
})

describe('levels', () => {
  it('are ours: trace is DEBUG, fatal is CRITICAL', () => {
    const log = pinoLogger({ name: 'lib' })
    for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const)
      log[level](level)
    expect(logs.records.map(({ level, message, logger }) => [message, level, logger])).toEqual([
      ['trace', 'DEBUG', 'lib'],
      ['debug', 'DEBUG', 'lib'],
      ['info', 'INFO', 'lib'],
      ['warn', 'WARNING', 'lib'],
      ['error', 'ERROR', 'lib'],
      ['fatal', 'CRITICAL', 'lib'],
    ])
  })

  it('follow LOG_LEVEL until one is set, then the stricter of the two', () => {
    const log = pinoLogger()
    expect([log.level, log.levelVal, log.isLevelEnabled('trace')]).toEqual(['debug', 20, true])
    log.level = 'warn'
    expect([log.level, log.isLevelEnabled('info'), log.isLevelEnabled('error')]).toEqual([
      'warn',
      false,
      true,
    ])
    log.info('Not this')
    log.level = 'silent'
    log.fatal('Nor this')
    expect([log.level, log.levelVal, log.isLevelEnabled('fatal')]).toEqual(['silent', Infinity, false])
    log.level = 'debug'
    log.trace('Nor this')
    log.debug('But this')
    expect(logs.messages).toEqual(['But this'])
  })

  it('of a parent reach children that have none of their own, also later', () => {
    const parent = pinoLogger()
    const child = parent.child({}).child({})
    const own = parent.child({}, { level: 'info' })
    parent.level = 'error'
    child.warn('Not this')
    own.info('But this')
    expect([child.level, own.level, logs.messages]).toEqual(['error', 'info', ['But this']])
  })

  it('tell of their change, and have numbers and words as in pino', () => {
    const log = pinoLogger({ level: 'info' })
    const heard: unknown[] = []
    log.on('level-change', (...args: unknown[]) => heard.push(args.slice(0, 4)))
    log.level = 'error'
    expect(heard).toEqual([['error', 50, 'info', 30]])
    expect(log.levels.values).toEqual({ trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 })
    expect([log.levels.labels[30], log.levels.values['silent']]).toEqual(['info', Infinity])
  })

  it('may be custom ones, which children have too', () => {
    const log = pinoLogger({ customLevels: { audit: 35, note: 25 } })
    const methods = log.child({ a: 1 }) as PinoLogger & Record<'audit' | 'note', (text: string) => void>
    methods.audit('Audit')
    methods.note('Note')
    expect(logs.records.map(({ level, message }) => [message, level])).toEqual([
      ['Audit', 'INFO'],
      ['Note', 'DEBUG'],
    ])
    methods.level = 'audit'
    methods.info('Not this')
    expect(logs.records).toHaveLength(2)
  })

  it.each(['loud', 'constructor', 35, null])('that are %j are refused', (level) => {
    const refused = expect.objectContaining({ code: 'LOGGING_LEVEL_UNKNOWN' }) as Error
    const log = pinoLogger()
    expect(() => Object.assign(log, { level })).toThrow(refused)
    expect(() => log.child({}, { level: level as string })).toThrow(refused)
    expect(log.isLevelEnabled(level as string)).toBe(false)
  })

  it.each([{ info: 35 }, { on: 35 }, { audit: 30 }, { audit: Number.NaN }])(
    '%j are refused',
    (customLevels) => {
      expect(() => pinoLogger({ customLevels })).toThrow(
        expect.objectContaining({ code: 'LOGGING_OPTION_REFUSED' }) as Error,
      )
    },
  )
})

describe('children', () => {
  it('have the bindings of all above, without keys twice, and those of the context', () => {
    const parent = pinoLogger({ bindings: { app: 'a', level: 'info' } })
    const child = parent.child({ reqId: 'r-1', app: 'b' }).child({ job_id: 5 })
    LogContext.run({ user_id: 1 }, () => child.info({ job_id: 6 }, 'x'))
    expect(last().fields).toEqual({ user_id: 1, app: 'b', request_id: 'r-1', job_id: 6 })
    expect(child.bindings()).toEqual({ app: 'b', reqId: 'r-1', job_id: 5 })
    child.setBindings({ more: 1 })
    child.info('y')
    expect([child.bindings()['more'], last().fields['more'], parent.bindings()]).toEqual([1, 1, { app: 'a' }])
  })

  it('serialize bindings and fields by key, the inner serializer winning; one that fails shows nothing', () => {
    const log = pinoLogger({
      serializers: {
        user: (user: { id: number }) => ({ id: user.id }),
        card: () => {
          throw new Error('no')
        },
      },
    })
    const child = log.child(
      { user: { id: 1, plain: 'x' } },
      { serializers: { job: (job: number) => `#${job}` } },
    )
    child.info({ job: 5, card: 'VISA' }, 'x')
    expect(last().fields).toEqual({ user: { id: 1 }, job: '#5', card: '[unreadable]' })
  })

  it('are told to onChild, also those of children', () => {
    const log = pinoLogger()
    const children: unknown[] = []
    log.onChild = (child) => children.push(child)
    const child = log.child({})
    const grandchild = child.child({})
    expect(children).toEqual([child, grandchild])
  })

  it('refuse redact, which would not be obeyed', () => {
    expect(() => pinoLogger().child({}, { redact: ['a.b'] } as object)).toThrow(/setupLogging as redaction/)
  })
})

describe('what libraries do with an instance', () => {
  it('may be wrapped in a proxy, derived from, and flushed', async () => {
    const log = pinoLogger({ bindings: { a: 1 } })
    new Proxy(log, {}).info('by proxy')
    const derived = Object.create(log) as PinoLogger
    derived.child({ b: 2 }).info('derived')
    expect(logs.records.map(({ fields }) => fields)).toEqual([{ a: 1 }, { a: 1, b: 2 }])
    await new Promise<void>((resolve, reject) => log.flush((error) => (error ? reject(error) : resolve())))
  })

  it('never throws, whatever it is given', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const throwing = {
      get msg(): string {
        throw new Error('no')
      },
    }
    const log = pinoLogger()
    const odd = [
      proxy,
      throwing,
      null,
      undefined,
      Symbol('s'),
      5n,
      () => 1,
      new Map([['a', 1]]),
      [1],
      Object.create(null),
    ]
    for (const value of odd) {
      log.info(value)
      log.info(value, 'x %s %d %j', value, value, value)
      log.child(value as object).info('%o', value)
    }
    expect(logs.records).toHaveLength(odd.length * 3)
  })

  it('names the place of the call, not the adapter', () => {
    function submit() {
      pinoLogger().child({}).warn({ a: 1 }, 'x')
    }
    submit()
    expect(last()).toMatchObject({ module: 'pino.test', function: 'submit' })
  })

  it('takes a request and an answer of Node as they are', async () => {
    const log = pinoLogger()
    const server = createServer((request, response) => {
      log.info(request)
      response.end('x')
      log.info(response)
      log.info({ req: request, res: response, responseTime: 1.23456 }, 'request completed')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a/b?token=hunter2`)).text()
    server.close()
    const fields = logs.records.filter(({ logger }) => logger === 'pino').map((record) => record.fields)
    const request = { method: 'GET', path: '/a/b', client_ip: '127.0.0.1' }
    expect(fields).toEqual([
      request,
      { status_code: 200 },
      { ...request, status_code: 200, duration_ms: 1.235 },
    ])
  })
})

describe('Fastify with loggerInstance', () => {
  it('logs requests, errors, levels and serializers of routes, and children of its own making', async () => {
    const instance = pinoLogger({ name: 'api' })
    const app = Fastify({ loggerInstance: instance, genReqId: () => 'r-1' })
    app.get('/jobs/:id', (request) => {
      request.log.info({ job_id: 5 }, 'Looking at %s', 'job')
      return { ok: true }
    })
    app.get('/fails', () => {
      throw new Error('no database')
    })
    app.get('/quiet', { logLevel: 'error' }, () => 1)
    app.get('/own', { logSerializers: { user: (user: { id: number }) => user.id } }, (request) => {
      request.log.info({ user: { id: 7, name: 'x' } }, 'Own')
      return 1
    })
    await app.inject({ url: '/jobs/5?token=hunter2', remoteAddress: '10.1.2.3' })
    const [incoming, looking, completed, ...others] = logs.records
    expect(others).toEqual([])
    expect(incoming).toMatchObject({
      level: 'INFO',
      logger: 'api',
      message: 'incoming request',
      fields: { request_id: 'r-1', method: 'GET', path: '/jobs/5', client_ip: '10.1.2.3' },
    })
    expect(looking).toMatchObject({ message: 'Looking at job', fields: { request_id: 'r-1', job_id: 5 } })
    expect(completed?.fields).toMatchObject({ status_code: 200, duration_ms: expect.any(Number) as number })
    logs.clear()
    await app.inject('/fails')
    const failed = logs.records.find(({ level }) => level === 'ERROR')
    expect(failed).toMatchObject({ message: 'no database', fields: { error: 'Error: no database' } })
    expect(failed?.exception).toContain('pino.test.ts')
    logs.clear()
    await app.inject('/quiet')
    expect(logs.records).toEqual([])
    await app.inject('/own')
    expect(logs.records.find(({ message }) => message === 'Own')?.fields).toMatchObject({ user: 7 })
    app.log.level = 'silent'
    await app.inject('/jobs/5')
    expect(logs.records.filter(({ message }) => message === 'Looking at job')).toEqual([])
    await app.close()
  })

  it('takes it for a logger by its types', () => {
    const forFastify: FastifyBaseLogger = pinoLogger()
    expect(forFastify.level).toBe('debug')
  })
})
