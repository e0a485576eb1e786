import { readFileSync } from 'node:fs'
import { parseJsonLine, type LogRecord } from '@pixsim7/record'
import { tempDir } from '@pixsim7/testkit'
import Fastify from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { closeLogging, fastifyLogger, flushLogging, LogContext, setupLogging } from '../src/index.ts'

afterEach(closeLogging)

async function serve() {
  const { file } = setupLogging({
    component: 'backend',
    cwd: await tempDir(),
    env: {},
    json: true,
    level: 'DEBUG',
    handleSignals: false,
  })
  const app = Fastify({ loggerInstance: fastifyLogger('api'), genReqId: () => 'r-1' })
  const records = async (): Promise<LogRecord[]> => {
    await flushLogging()
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    return lines.flatMap((line) => parseJsonLine(line) ?? []).filter(({ logger }) => logger === 'api')
  }
  return { app, records }
}

describe('fastifyLogger', () => {
  it('logs requests of a real server with our names of fields and without the query', async () => {
    const { app, records } = await serve()
    app.get('/jobs/:id', (request) => {
      request.log.info({ job_id: 5 }, 'Looking at job')
      request.log.debug('Detail')
      return { ok: true }
    })
    await app.inject({ url: '/jobs/5?token=hunter2', remoteAddress: '10.1.2.3' })
    await app.close()
    const [incoming, looking, detail, completed] = await records()
    expect(incoming).toMatchObject({
      level: 'INFO',
      fields: { request_id: 'r-1', method: 'GET', path: '/jobs/5', client_ip: '10.1.2.3' },
    })
    expect(looking).toMatchObject({
      message: 'Looking at job',
      module: 'fastify.test',
      fields: { request_id: 'r-1', job_id: 5 },
    })
    expect(detail).toMatchObject({ level: 'DEBUG' })
    expect(completed?.fields).toMatchObject({ status_code: 200, duration_ms: expect.any(Number) as number })
  })

  it('logs an error of a handler with its stack', async () => {
    const { app, records } = await serve()
    app.get('/', () => {
      throw new Error('no database')
    })
    await app.inject('/')
    await app.close()
    const error = (await records()).find(({ level }) => level === 'ERROR')
    expect(error).toMatchObject({ fields: { error: 'Error: no database', request_id: 'r-1' } })
    expect(error?.exception).toContain('fastify.test.ts')
  })

  it('respects the level of a route, and carries the context', async () => {
    const { app, records } = await serve()
    expect(app.log.level).toBe('debug')
    app.get('/quiet', { logLevel: 'warn' }, (request) => {
      expect(request.log.level).toBe('warn')
      request.log.info('Not this')
      LogContext.run({ user_id: 7 }, () => request.log.warn('But this'))
      return 1
    })
    app.get('/silent', { logLevel: 'silent' }, (request) => {
      request.log.fatal('Nothing at all')
      return 1
    })
    await app.inject('/quiet')
    await app.inject('/silent')
    await app.close()
    expect((await records()).map(({ message, fields }) => [message, fields['user_id']])).toEqual([
      ['But this', 7],
    ])
  })
})
