import { waitFor } from '@pixsim7/testkit'
import { beforeAll, expect, test } from 'vitest'
import { codeOf, messageOf, send } from './http-client.ts'
import {
  API_TOKEN,
  appendLines,
  projectFolder,
  startReadyLogServer,
  waitForRows,
  type RunningLogServer,
} from './running-log-server.ts'

let server: RunningLogServer
let folder: string

beforeAll(async () => {
  folder = await projectFolder('file')
  const at = (second: number) => `2025-11-11T22:30:${String(second).padStart(2, '0')}.000001Z`
  appendLines(folder, 'worker.log', [
    { timestamp: at(1), level: 'INFO', logger: 'job_processor', message: 'Processing job #123', job_id: 123 },
    {
      timestamp: at(2),
      level: 'WARNING',
      logger: 'auth-service',
      message: 'Slow answer',
      job_id: 1234,
      duration_ms: 1600,
    },
    {
      timestamp: at(3),
      level: 'ERROR',
      logger: 'auth-token',
      message: 'Gave up',
      job_id: '123',
      provider: 'pixverse',
    },
  ])
  server = await startReadyLogServer(folder, {
    lifetime: 'file',
    env: { LOGS_FILES: 'data/logs/worker.log' },
  })
  await waitForRows(server, 3)
})

const messages = async (q: string) => (await server.client.logs({ q })).logs.map(({ message }) => message)

test.each([
  ['job_id:123', ['Gave up', 'Processing job #123']],
  ['level>=warning', ['Gave up', 'Slow answer']],
  ['logger:auth-* -provider:*', ['Slow answer']],
  ['duration_ms:>1.5s', ['Slow answer']],
  ['"gave up" OR processing', ['Gave up', 'Processing job #123']],
])('%s', async (q, expected) => {
  expect(await messages(q)).toEqual(expected)
  const { buckets } = await server.client.histogram({ q })
  const counted = buckets
    .flatMap(({ counts }) => Object.values(counts))
    .reduce((sum, count) => sum + count, 0)
  expect(counted).toBe(expected.length)
})

test('the answer says how the query was understood, and nothing when there was none', async () => {
  const { query } = await server.client.logs({ q: 'level>=warn -timeout' })
  expect(query).toEqual({ words: 'level is at least WARNING and does not have "timeout"', problem: null })
  expect((await server.client.logs({})).query).toBeNull()
  expect((await server.client.logs({ q: '' })).query).toBeNull()
})

test('what does not parse is searched as text, and the answer says so', async () => {
  const { logs, query } = await server.client.logs({ q: 'job #12 (' })
  expect(logs).toEqual([])
  expect(query).toMatchObject({
    words: 'message or exception contains "job #12 ("',
    problem: { offset: 9, message: expect.stringContaining('missing at the end') },
  })
  expect(await messages('level:laud')).toEqual([])
  appendLines(folder, 'worker.log', [{ message: 'level:laud (it says' }])
  await waitFor(async () => (await messages('level:laud')).length === 1)
  expect(await messages('LAUD (')).toEqual(['level:laud (it says'])
})

test('a query that is too large is refused', async () => {
  for (const q of ['a '.repeat(300), '('.repeat(2000)]) {
    const answer = await send(server.port, `/api/v1/logs?q=${encodeURIComponent(q)}`, {
      headers: { authorization: `Bearer ${API_TOKEN}` },
    })
    expect([answer.status, codeOf(answer)]).toEqual([400, 'bad_parameter'])
    expect(messageOf(answer)).toMatch(/^The query /)
  }
})

test('facets, the requests per minute and slow operations take a query, and facets any field', async () => {
  const fields = 'provider,duration_ms,none'
  expect((await server.client.facets({ q: 'level>=warning', fields })).facets).toEqual({
    provider: [{ value: 'pixverse', count: 1 }],
    duration_ms: [{ value: '1600', count: 1 }],
    none: [],
  })
  expect((await server.client.slow({ q: 'logger:auth-*', over_ms: 1000 })).total).toBe(1)
  expect((await server.client.slow({ q: '-logger:auth-*', over_ms: 1000 })).total).toBe(0)
  const { points } = await server.client.requestRate({ q: 'job_id:123' })
  expect(points.reduce((sum, { records }) => sum + records, 0)).toBe(2)
})

test('the tail takes a query', async () => {
  const controller = new AbortController()
  const seen: string[] = []
  const done = (async () => {
    for await (const message of server.client.tail(
      { q: 'level:error job_id:9' },
      { signal: controller.signal },
    )) {
      if (message.kind !== 'entries') continue
      if (seen.length === 0 && message.logs.length === 0) {
        appendLines(folder, 'worker.log', [
          { level: 'ERROR', message: 'not this', job_id: 99 },
          { level: 'ERROR', message: 'this', job_id: 9 },
        ])
      }
      seen.push(...message.logs.map((entry) => entry.message))
    }
  })().catch((error: unknown) => error)
  await waitFor(() => seen.length > 0)
  controller.abort()
  await done
  expect(seen).toEqual(['this'])
})
