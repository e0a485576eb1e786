import { ProtocolError, type Entry, type LogsQuery } from '@pixsim7/protocol/client'
import { waitFor } from '@pixsim7/testkit'
import { beforeAll, expect, test } from 'vitest'
import { codeOf, send } from './http-client.ts'
import {
  API_TOKEN,
  appendLines,
  projectFolder,
  startReadyLogServer,
  waitForRows,
  type RunningLogServer,
} from './running-log-server.ts'

const XSS = '<script>alert(1)</script><img src=x onerror=alert(2)>\u001b[31m\u2028${jndi:ldap://x}'
const BACKEND_ROWS = 40
const ROWS = BACKEND_ROWS + 4

let server: RunningLogServer
beforeAll(async () => {
  const folder = await projectFolder('file')
  const at = (second: number) => `2025-11-11T22:30:${String(second).padStart(2, '0')}.000001Z`
  appendLines(
    folder,
    'backend.log',
    Array.from({ length: BACKEND_ROWS }, (_, index) => ({
      timestamp: at(index),
      level: index % 10 === 0 ? 'WARNING' : 'INFO',
      logger: index % 2 === 0 ? 'http' : 'http_client',
      message: `Request ${index} done`,
      user_id: index % 4,
      request_id: `req-${index}`,
    })),
  )
  const failed = {
    timestamp: at(50),
    level: 'ERROR',
    logger: 'job_processor',
    message: 'Failed to submit job',
    job_id: 123,
  }
  appendLines(folder, 'worker.log', [
    { timestamp: at(45), logger: 'job_processor', message: 'Processing job #123', job_id: 123, user_id: 1 },
    { ...failed, exception: 'Error: API timeout\n    at submit (provider.ts:45:1)' },
    { timestamp: at(51), level: 'CRITICAL', logger: 'worker', message: 'Database connection lost' },
    { timestamp: at(52), level: 'INFO', logger: XSS, message: XSS, job_id: XSS, note: XSS },
  ])
  // The same records again, as errors.log repeats them.
  appendLines(folder, 'errors.log', [
    { ...failed, component: 'worker', exception: 'Error: API timeout\n    at submit (provider.ts:45:1)' },
  ])
  // Named one by one: the log server's own lines would be counted with the rest.
  server = await startReadyLogServer(folder, {
    lifetime: 'file',
    env: { LOGS_FILES: 'data/logs/backend.log,data/logs/worker.log,data/logs/errors.log' },
  })
  await waitForRows(server, ROWS)
})

const messages = async (query: LogsQuery) =>
  (await server.client.logs({ limit: 1000, ...query })).logs.map(({ message }) => message)

async function failure(promise: Promise<unknown>): Promise<ProtocolError> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ProtocolError)
  return error as ProtocolError
}

test('a page has the newest entries first, with total and cursors', async () => {
  const page = await server.client.logs({ limit: 2 })
  expect(page.logs.map(({ message }) => message)).toEqual([XSS, 'Database connection lost'])
  expect(page).toMatchObject({ total: ROWS, total_is_exact: true, prev_cursor: null, notice: null })
  expect(page.next_cursor).toBeTypeOf('string')
  expect(await messages({ order: 'asc', limit: 2 })).toEqual(['Request 0 done', 'Request 1 done'])
})

test('following next_cursor visits every entry once, and prev_cursor leads back', async () => {
  const seen: string[] = []
  let cursor: string | null = null
  let previous: string | null = null
  do {
    const page: Awaited<ReturnType<typeof server.client.logs>> = await server.client.logs({
      limit: 7,
      ...(cursor === null ? {} : { cursor }),
    })
    seen.push(...page.logs.map(({ id }) => id))
    cursor = page.next_cursor
    previous = page.prev_cursor
  } while (cursor !== null)
  expect(seen).toHaveLength(ROWS)
  expect(new Set(seen).size).toBe(ROWS)
  const back = await server.client.logs({ limit: 7, cursor: previous ?? '' })
  expect(back.logs.map(({ id }) => id)).toEqual(seen.slice(35, 42))
})

test.each<[string, LogsQuery, readonly string[]]>([
  [
    'several levels, by alias and in any case',
    { level: ['error', 'FATAL'] },
    ['Database connection lost', 'Failed to submit job'],
  ],
  ['an exact logger', { logger: 'worker' }, ['Database connection lost']],
  ['a pattern of loggers', { logger: 'job*' }, ['Failed to submit job', 'Processing job #123']],
  ['a part of the message, in any case', { search: 'CONNECTION LO' }, ['Database connection lost']],
  ['a part of the exception', { search: 'api timeout' }, ['Failed to submit job']],
  ['a job', { job_id: '123' }, ['Failed to submit job', 'Processing job #123']],
  ['a user and a level', { user_id: '0', level: ['warn'], search: '20' }, ['Request 20 done']],
  ['a request', { request_id: 'req-7' }, ['Request 7 done']],
  ['a component', { component: ['worker'], level: ['ERROR'] }, ['Failed to submit job']],
  [
    'a range of time, its end excluded',
    { from: '2025-11-11T22:30:45Z', to: '2025-11-11T22:30:50.000001Z' },
    ['Processing job #123'],
  ],
  ['hostile text, taken literally', { search: XSS.slice(0, 20) }, [XSS]],
  ['what looks like SQL', { search: "' OR 1=1 --", job_id: "x'; DROP TABLE logs; --" }, []],
  ['what looks like a pattern', { search: '%' }, []],
])('%s', async (_name, query, expected) => {
  expect(await messages(query)).toEqual(expected)
})

test('a relative time counts from now', async () => {
  expect(await messages({ from: '-15m' })).toEqual([])
  expect(await messages({ from: '-9999w', to: 'now' })).toHaveLength(ROWS)
})

test('the histogram counts every entry once, by level', async () => {
  const { buckets, interval_seconds } = await server.client.histogram({
    from: '2025-11-11T22:30:00Z',
    to: '2025-11-11T22:31:00Z',
    buckets: 6,
  })
  const sums: Record<string, number> = {}
  for (const { counts } of buckets)
    for (const [level, count] of Object.entries(counts)) sums[level] = (sums[level] ?? 0) + count
  expect(sums).toEqual({ INFO: BACKEND_ROWS - 4 + 2, WARNING: 4, ERROR: 1, CRITICAL: 1 })
  expect(interval_seconds).toBe(10)
})

test('facets count the values of the fields asked for', async () => {
  const { facets } = await server.client.facets({ fields: 'level,component,user_id' })
  expect(facets['component']).toEqual([
    { value: 'backend', count: BACKEND_ROWS },
    { value: 'worker', count: 4 },
  ])
  expect(facets['user_id']).toContainEqual({ value: '1', count: 11 })
  expect(Object.keys(facets)).toEqual(['level', 'component', 'user_id'])
  expect(Object.keys((await server.client.facets()).facets)).toEqual(['level', 'component', 'logger'])
})

test('one entry by its id, and what stands around it in its file', async () => {
  const [found] = (await server.client.logs({ level: ['ERROR'] })).logs
  const entry = await server.client.entry(found?.id ?? '')
  expect(entry).toEqual(found)
  expect(entry).toMatchObject({
    timestamp: '2025-11-11T22:30:50.000001Z',
    component: 'worker',
    job_id: 123,
    file: 'worker.log',
    exception: expect.stringContaining('provider.ts:45'),
  } satisfies Partial<Entry>)
  const context = await server.client.context(entry.id, { before: 1, after: 1 })
  expect(context.logs.map(({ message }) => message)).toEqual([
    'Processing job #123',
    'Failed to submit job',
    'Database connection lost',
  ])
})

test.each(['no-such-id', '../../etc/passwd', '..%2f..', "x' OR 1=1", '\u0000', '∕etc', 'x'.repeat(256)])(
  'the id %j is of no entry: 404, or 400 where it can be none',
  async (id) => {
    // Asked as a script would: the client itself refuses such ids.
    for (const end of ['', '/context']) {
      const answer = await send(server.port, `/api/v1/logs/${encodeURIComponent(id)}${end}`, {
        headers: { authorization: `Bearer ${API_TOKEN}` },
      })
      expect([400, 404]).toContain(answer.status)
      expect(answer.text).not.toMatch(/SELECT|\/data\/|\.ts:/)
    }
  },
)

test.each(['forged', 'dn.', 'dn.AAAA', 'x'.repeat(512), "' OR 1=1"])(
  'the cursor %j is refused',
  async (cursor) => {
    expect(await failure(server.client.logs({ cursor }))).toMatchObject({ status: 400, code: 'bad_cursor' })
  },
)

test('a cursor of the other order is refused', async () => {
  const { next_cursor } = await server.client.logs({ limit: 2 })
  expect(
    await failure(server.client.logs({ limit: 2, order: 'asc', cursor: next_cursor ?? '' })),
  ).toMatchObject({ code: 'bad_cursor' })
})

test('hostile text stays text: JSON, sent as JSON, never sniffed', async () => {
  const answer = await send(server.port, '/api/v1/logs?limit=1', {
    headers: { authorization: `Bearer ${API_TOKEN}` },
  })
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'x-content-type-options': 'nosniff',
  })
  const [entry] = (answer.json as { logs: Entry[] }).logs
  expect(entry).toMatchObject({ message: XSS, logger: XSS, job_id: XSS })
  expect(entry?.fields['note']).toBe(XSS)
})

test('health tells the public states and counts, and a signed-in reader which files', async () => {
  const anonymous = await send(server.port, '/api/v1/health')
  expect(anonymous.json).toMatchObject({ status: 'ok', files: [], engine: { pid: null, last_error: null } })
  expect(anonymous.text).not.toContain('/')
  // The engine tells how its files stand once a second.
  const health = await waitFor(async () => {
    const answer = await server.client.health()
    return answer.files.length === 3 && answer.files.every(({ lag_bytes }) => lag_bytes === 0) && answer
  })
  expect(health.rows).toBe(ROWS)
  expect(health.engine.pid).toBeTypeOf('number')
  expect(health.files.map(({ component, lag_bytes }) => [component, lag_bytes]).sort()).toEqual([
    ['backend', 0],
    ['errors', 0],
    ['worker', 0],
  ])
  for (const file of health.files) {
    expect(file.lines, file.path).toBe(file.rows + file.continuation_lines + file.copies)
    expect([file.bad_lines, file.cut_lines, file.lost_bytes, file.last_error]).toEqual([0, 0, 0, null])
  }
  expect(health.files.find(({ component }) => component === 'errors')).toMatchObject({ rows: 0, copies: 1 })
})

test('nobody gets data without signing in: not a page, not a count, not a value', async () => {
  for (const path of [
    '/logs',
    '/logs/histogram',
    '/logs/facets',
    '/logs/tail',
    '/logs/x',
    '/logs/x/context',
  ]) {
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { cookie: 'pixsim7-session=forged' }]) {
      const answer = await send(server.port, `/api/v1${path}`, { headers })
      expect([answer.status, codeOf(answer), Object.keys(answer.json as object)]).toEqual([
        401,
        'unauthorized',
        ['error'],
      ])
    }
  }
})
