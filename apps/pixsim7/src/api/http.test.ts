import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { readLogLines, withApi, withLogFiles } from '../../test/with-api.ts'
import type { TestApi } from '../../test/with-api.ts'
import { withPostgres } from '../../test/with-database.ts'
import { waitFor } from '@pixsim7/testkit'
import path from 'node:path'

const postgres = withPostgres()
const logs = withLogFiles()

/** Sends bytes as they are and returns the whole answer. */
function sendRaw({ origin }: TestApi, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => socket.write(bytes))
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk.toString()))
    socket.once('close', () => resolve(answer))
    socket.once('error', reject)
  })
}

describe('errors', () => {
  it('all have the same shape, with the id of the request', async () => {
    await withApi(postgres, async ({ call, register }) => {
      const { token } = await register('ann')
      const post = (body: unknown, headers = {}) => call('POST', 'jobs', { token, body, headers })
      const cases = [
        [await call('GET', '/nowhere'), 404, 'resource_not_found'],
        [await call('GET', '/api/v1/nowhere', { token }), 404, 'resource_not_found'],
        [await call('PUT', 'jobs', { token, body: {} }), 404, 'resource_not_found'],
        [await call('GET', '/%zz'), 400, 'malformed_url'],
        [await post('{"operation_type":'), 400, 'malformed_json'],
        [await post('{"__proto__":{"a":1}}'), 400, 'malformed_json'],
        [await post(''), 400, 'malformed_json'],
        [await post('null'), 422, 'validation_error'],
        [
          await post('a=1', { 'content-type': 'application/x-www-form-urlencoded' }),
          415,
          'unsupported_media_type',
        ],
        [await post({ filler: 'x'.repeat(300_000) }), 413, 'payload_too_large'],
        [
          await post({
            operation_type: 'fusion',
            params: JSON.parse('{"a":'.repeat(100) + '1' + '}'.repeat(100)),
          }),
          422,
          'validation_error',
        ],
      ] as const
      for (const [answer, status, code] of cases) {
        expect([answer.status, answer.body?.error?.code], answer.text).toEqual([status, code])
        expect(Object.keys(answer.body)).toEqual(['error'])
        expect(answer.body.error).toEqual({ code, message: expect.any(String), request_id: answer.requestId })
        expect(answer.text).not.toMatch(/\bat .*\.[jt]s:\d+|FST_|Fastify|node_modules/)
      }
    })
  })

  it('of our own make say nothing but internal_error, and everything in the log', async () => {
    await withApi(postgres, async ({ register, database, linesOf }) => {
      const user = await register('ann')
      await database.pool.query('alter table jobs rename to tasks')
      const answer = await user.call('GET', 'jobs')
      expect(answer.status).toBe(500)
      expect(answer.body).toEqual({
        error: { code: 'internal_error', message: 'internal_error', request_id: answer.requestId },
      })
      const line = (await linesOf(answer)).find(({ message }) => message === 'Request failed')
      expect(line).toMatchObject({
        level: 'ERROR',
        logger: 'api.http',
        status_code: 500,
        code: 'internal_error',
        user_id: user.id,
        path: '/api/v1/jobs',
      })
      expect(line?.['exception']).toContain('relation "jobs" does not exist')
      const errors = await readLogLines(path.join(logs.folder(), 'errors.log'))
      expect(errors).toContainEqual(
        expect.objectContaining({
          request_id: answer.requestId,
          component: 'backend',
          message: 'Request failed',
        }),
      )
    })
  })

  it('are logged as WARNING with the code when the client is to blame', async () => {
    await withApi(postgres, async ({ call, linesOf }) => {
      const answer = await call('GET', '/nowhere?token=geheim')
      const lines = await linesOf(answer)
      expect(lines).toContainEqual(
        expect.objectContaining({
          level: 'WARNING',
          logger: 'api.http',
          message: 'Request refused',
          status_code: 404,
          code: 'resource_not_found',
          path: '/nowhere',
        }),
      )
      expect(JSON.stringify(lines)).not.toContain('geheim')
    })
  })
})

describe('the id of a request', () => {
  it('is taken over when harmless and returned', async () => {
    await withApi(postgres, async ({ call, linesOf }) => {
      const id = 'edge-7:a.b_c/d+e=f'
      const answer = await call('GET', '/', { headers: { 'x-request-id': id } })
      expect(answer.requestId).toBe(id)
      expect((await linesOf(answer)).length).toBeGreaterThan(0)
    })
  })

  it.each([
    ['too long', 'x'.repeat(201)],
    ['with spaces', 'a b'],
    ['with markup', '<script>'],
    ['with quotes', 'a"b'],
  ])('is replaced when it is %s', async (_name, id) => {
    await withApi(postgres, async ({ call }) => {
      const answer = await call('GET', '/', { headers: { 'x-request-id': id } })
      expect(answer.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
    })
  })

  it('and the user never get into the lines of another request at the same time', async () => {
    await withApi(postgres, async ({ register, logLines }) => {
      const users = await Promise.all(['ann', 'bob', 'cleo'].map(register))
      const answers = await Promise.all(
        users.flatMap((user) =>
          Array.from({ length: 6 }, async () => ({
            user: user.id,
            answer: await user.call('POST', 'jobs', {
              operation_type: 'text_to_video',
              params: { prompt: 'x' },
            }),
          })),
        ),
      )
      const lines = await logLines()
      for (const { user, answer } of answers) {
        const own = lines.filter((line) => line['request_id'] === answer.requestId)
        expect(own.filter(({ message }) => message === 'Job created')).toHaveLength(1)
        expect(new Set(own.map((line) => line['user_id']).filter((id) => id !== undefined))).toEqual(
          new Set([user]),
        )
        // After the body was read and the token checked, queries run in the context too.
        expect(own.some((line) => line.logger === 'database.session' && line['user_id'] === user)).toBe(true)
      }
    })
  })
})

describe('the context of a request', () => {
  it('is found again behind a body that comes later than its head', async () => {
    await withApi(postgres, async (api) => {
      const body = JSON.stringify({ email: 'ann@example.com', username: 'ann', password: 'correct-horse' })
      const socket = connect(Number(new URL(api.origin).port), '127.0.0.1')
      socket.write(
        'POST /api/v1/auth/register HTTP/1.1\r\nHost: x\r\nX-Request-ID: slow-body\r\nConnection: close\r\n' +
          `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
      )
      const own = async () => (await api.logLines()).filter((line) => line['request_id'] === 'slow-body')
      await waitFor(async () => (await own()).some(({ message }) => message === 'Request received'))
      socket.write(body)
      await waitFor(async () => (await own()).some(({ message }) => message === 'Request answered'))
      expect((await own()).map(({ message }) => message)).toEqual(
        expect.arrayContaining(['Query', 'User registered']),
      )
    })
  })
})

describe('what is no proper HTTP', () => {
  it('is answered in the same shape and logged', async () => {
    await withApi(postgres, async (api) => {
      const cases = [
        ['NONSENSE\r\n\r\n', '400', 'malformed_http'],
        [`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, '431', 'headers_too_large'],
      ] as const
      for (const [bytes, status, code] of cases) {
        const answer = await sendRaw(api, bytes)
        expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
        const { error } = JSON.parse(answer.slice(answer.indexOf('{')))
        expect(error.code).toBe(code)
        const lines = await api.logLines()
        expect(lines).toContainEqual(
          expect.objectContaining({
            request_id: error.request_id,
            level: 'WARNING',
            logger: 'api.http',
            code,
            client_ip: '127.0.0.1',
          }),
        )
      }
    })
  })

  it('a client that hangs up is no failure of ours', async () => {
    await withApi(postgres, async (api) => {
      const before = (await api.logLines()).length
      const socket = connect(Number(new URL(api.origin).port), '127.0.0.1')
      socket.write(
        'POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
      )
      await waitFor(async () =>
        (await api.logLines()).slice(before).some(({ message }) => message === 'Request received'),
      )
      socket.destroy()
      await waitFor(async () =>
        (await api.logLines())
          .slice(before)
          .some(({ message }) => message === 'Request abandoned by the client'),
      )
      expect((await api.logLines()).slice(before).filter(({ level }) => level === 'ERROR')).toEqual([])
    })
  })
})

describe('the address of the client', () => {
  it('is that of the connection; a proxy is believed only when it is trusted', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.9' }
    const addressOf = async ({ call, linesOf }: TestApi) => {
      const lines = await linesOf(await call('GET', '/', { headers }))
      return lines.find(({ message }) => message === 'Request answered')?.['client_ip']
    }
    expect(await withApi(postgres, addressOf)).toBe('127.0.0.1')
    expect(await withApi(postgres, addressOf, { trustedProxies: ['127.0.0.1'] })).toBe('203.0.113.9')
  })
})
