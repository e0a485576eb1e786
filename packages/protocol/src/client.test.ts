import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createClient, ProtocolError, type LogClient, type TailMessage } from './client.ts'

/** A server that answers the nth request with the nth handler (the last one for all further), on a free port. */
async function withServer(
  handlers: ((request: IncomingMessage, response: ServerResponse) => void)[],
  use: (client: LogClient, seen: IncomingMessage[], baseUrl: string) => Promise<void>,
): Promise<void> {
  const seen: IncomingMessage[] = []
  const server = createServer((request, response) => {
    seen.push(request)
    handlers[Math.min(seen.length, handlers.length) - 1]?.(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    await use(createClient({ baseUrl }), seen, baseUrl)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (_: IncomingMessage, response: ServerResponse) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  json(status, { error: { code, message: `because ${code}`, request_id: 'r1' } }, headers)
const stream =
  (...chunks: string[]) =>
  (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    for (const chunk of chunks) response.write(chunk)
    response.end()
  }
const entries = (id: string, message: string) =>
  `id: ${id}\nevent: entries\ndata: ${JSON.stringify({ logs: [{ message }], skipped: 0 })}\n\n`

async function failure(promise: Promise<unknown>): Promise<ProtocolError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ProtocolError)
  return error as ProtocolError
}

async function take(tail: AsyncGenerator<TailMessage>, count: number): Promise<TailMessage[]> {
  const messages: TailMessage[] = []
  for await (const message of tail) {
    messages.push(message)
    if (messages.length === count) break
  }
  return messages
}

test('parameters are sent encoded, repeatable ones repeated, absent and empty ones left out', () =>
  withServer([json(200, { logs: [] })], async (client, seen) => {
    await client.logs({
      level: ['ERROR', 'CRITICAL'],
      search: 'a&b=ü',
      limit: 5,
      user_id: undefined,
      job_id: '',
    })
    expect(seen[0]?.url).toBe('/api/v1/logs?level=ERROR&level=CRITICAL&search=a%26b%3D%C3%BC&limit=5')
  }))

test('an entry is asked by an id alone: what is none never reaches another route', () =>
  withServer([json(200, {})], async (client, seen) => {
    for (const id of [
      'facets',
      'histogram',
      'tail',
      '',
      '.',
      '..',
      'a/../b?c',
      '1.2',
      '1.2.3/../..',
      '1.2.3?x',
    ]) {
      expect(await failure(client.entry(id))).toMatchObject({ code: 'not_found', status: 404 })
      expect(await failure(client.context(id))).toMatchObject({ code: 'not_found', status: 404 })
    }
    expect(seen).toEqual([])
    await client.entry('hoibdf0xz4.2.69op')
    await client.context('-1.2.3', { before: 1 })
    expect(seen.map(({ url }) => url)).toEqual([
      '/api/v1/logs/hoibdf0xz4.2.69op',
      '/api/v1/logs/-1.2.3/context?before=1',
    ])
  }))

test('a problem is thrown with its code, status, request id, message and the wait asked for', () =>
  withServer([problem(429, 'too_many_attempts', { 'retry-after': '7' })], async (client) => {
    const error = await failure(client.login('admin', 'wrong'))
    expect(error).toMatchObject({
      code: 'too_many_attempts',
      status: 429,
      request_id: 'r1',
      message: 'because too_many_attempts',
      retryAfterSeconds: 7,
    })
  }))

test.each([
  ['a page of a proxy', 502, '<html>bad gateway</html>'],
  ['a success that is no JSON', 200, 'hello'],
  [
    'a code that no log server knows',
    400,
    JSON.stringify({ error: { code: 'toString', message: '', request_id: '' } }),
  ],
])('%s is a bad_answer, not a crash', (_name, status, body) =>
  withServer([(_request, response) => response.writeHead(status).end(body)], async (client) => {
    expect(await failure(client.me())).toMatchObject({ code: 'bad_answer', status })
  }),
)

test('a server that is not there is a network error that names the address', async () => {
  let address = ''
  await withServer([], async (_client, _seen, baseUrl) => {
    address = baseUrl
  })
  const error = await failure(createClient({ baseUrl: address }).health())
  expect(error).toMatchObject({ code: 'network', status: 0, request_id: null })
  expect(error.message).toContain(address)
})

test("the caller's abort comes back as its own reason", () =>
  withServer([() => {}], async (client, seen) => {
    const controller = new AbortController()
    const reason = new Error('changed my mind')
    const answer = client.logs({}, { signal: controller.signal })
    const outcome = expect(answer).rejects.toBe(reason)
    await expect.poll(() => seen.length).toBe(1)
    controller.abort(reason)
    await outcome
  }))

test('in Node each cookie is kept until the server takes it back, and a token is sent as bearer', () =>
  withServer(
    [
      (_request, response) =>
        response
          .writeHead(200, { 'set-cookie': ['sid=abc; Path=/; HttpOnly', 'device=d=1; Max-Age=100'] })
          .end(JSON.stringify({ username: 'admin' })),
      json(200, {}),
      json(200, {}, { 'set-cookie': 'sid=; Max-Age=0; Path=/' }),
      json(200, {}),
    ],
    async (client, seen, baseUrl) => {
      await client.login('admin', 'x')
      await client.me()
      await client.logout()
      await client.me()
      expect(seen.map((request) => request.headers.cookie)).toEqual([
        undefined,
        'sid=abc; device=d=1',
        'sid=abc; device=d=1',
        'device=d=1',
      ])
      await createClient({ baseUrl, token: 't0ken' }).me()
      expect(seen[4]?.headers.authorization).toBe('Bearer t0ken')
    },
  ))

test('a tail that breaks goes on from its last position', () =>
  withServer(
    [stream(entries('p1', 'one'), 'id: p2\nevent: ent'), stream(entries('p3', 'two'))],
    async (client, seen) => {
      const messages = await take(client.tail({ level: ['ERROR'] }, { retryMs: 1 }), 5)
      expect(messages.map(({ kind }) => kind)).toEqual(['open', 'entries', 'waiting', 'open', 'entries'])
      expect(messages[1]).toEqual({ kind: 'entries', logs: [{ message: 'one' }], skipped: 0, position: 'p1' })
      expect(messages[4]).toMatchObject({ logs: [{ message: 'two' }], position: 'p3' })
      // p2 came with an event that never ended: it is no position.
      expect(seen.map((request) => request.headers['last-event-id'])).toEqual([undefined, 'p1'])
      expect(seen[0]?.url).toBe('/api/v1/logs/tail?level=ERROR')
    },
  ))

test('a tail that breaks before its first position says that there is a gap', () =>
  withServer([stream(': hello\n\n'), stream(entries('p1', 'one'))], async (client) => {
    const messages = await take(client.tail({}, { retryMs: 1 }), 5)
    expect(messages.map(({ kind }) => kind)).toEqual(['open', 'waiting', 'open', 'gap', 'entries'])
  }))

test('a position that the server no longer knows is given up, with a gap', () =>
  withServer(
    [
      stream('event: problem\ndata: {"code":"bad_cursor","message":"unknown position"}\n\n'),
      stream(entries('p1', 'one')),
    ],
    async (client, seen) => {
      const messages = await take(client.tail({}, { position: 'old', retryMs: 1 }), 5)
      expect(messages.map(({ kind }) => kind)).toEqual(['open', 'gap', 'waiting', 'open', 'entries'])
      expect(seen.map((request) => request.headers['last-event-id'])).toEqual(['old', undefined])
    },
  ))

test('a starting store is waited for as long as it asks; a busy one is tried again', () =>
  withServer(
    [
      problem(503, 'store_starting', { 'retry-after': '0.05' }),
      problem(429, 'too_many_tails'),
      stream(entries('p1', 'one')),
    ],
    async (client) => {
      const messages = await take(client.tail({}, { retryMs: 1 }), 4)
      expect(messages.map(({ kind }) => kind)).toEqual(['waiting', 'waiting', 'open', 'entries'])
      expect(messages[0]).toMatchObject({ error: { code: 'store_starting' }, retryInMs: 50 })
    },
  ))

test.each([
  [401, 'unauthorized'],
  [400, 'bad_parameter'],
  [403, 'foreign_origin'],
])('a tail answered %i %s throws: waiting would not mend it', (status, code) =>
  withServer([problem(status, code)], async (client, seen) => {
    expect(await failure(take(client.tail({}, { retryMs: 1 }), 9))).toMatchObject({ code, status })
    expect(seen).toHaveLength(1)
  }),
)

test('aborting ends a tail that is open, and one that waits, without an error', () =>
  withServer(
    [
      (_request, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders(),
      problem(500, 'internal'),
    ],
    async (client) => {
      for (const kind of ['open', 'waiting']) {
        const controller = new AbortController()
        const kinds: string[] = []
        for await (const message of client.tail({}, { signal: controller.signal, retryMs: 60_000 })) {
          kinds.push(message.kind)
          setTimeout(() => controller.abort(), 5)
        }
        expect(kinds).toEqual([kind])
      }
    },
  ))

test('leaving the loop closes the connection', () =>
  withServer(
    [
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(entries('p1', 'one'))
      },
    ],
    async (client, seen) => {
      await take(client.tail(), 2)
      await expect.poll(() => seen[0]?.socket.destroyed).toBe(true)
    },
  ))
