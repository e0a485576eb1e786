import { createClient, type LogClient, type TailMessage } from '@pixsim7/protocol/client'
import { waitFor } from '@pixsim7/testkit'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { MAX_TAILS } from '../src/routes/tail-route.ts'
import { codeOf, send } from './http-client.ts'
import {
  API_TOKEN,
  appendLines,
  projectFolder,
  startReadyLogServer,
  type LineFields,
  type RunningLogServer,
} from './running-log-server.ts'

const bearer = { authorization: `Bearer ${API_TOKEN}` }
const PASSWORD = 'password of the tests'
/** One file only: the log server's own lines would mix in. */
const ENV = { LOGS_FILES: 'data/logs/worker.log', LOGS_ADMIN_PASSWORD: PASSWORD }

let folder: string
let server: RunningLogServer
beforeAll(async () => {
  folder = await projectFolder('file')
  server = await startReadyLogServer(folder, { lifetime: 'file', env: ENV })
})

const open: AbortController[] = []
afterEach(() => {
  for (const controller of open.splice(0)) controller.abort()
})

let written = 0
/** Appends lines and waits until they are stored. */
async function store(lines: readonly LineFields[]): Promise<void> {
  appendLines(folder, 'worker.log', lines)
  written += lines.length
  await waitFor(async () => (await server.client.health()).rows === written, { what: `${written} rows` })
}

/** A tail read in the background. */
class Reader {
  readonly received: TailMessage[] = []
  readonly done: Promise<unknown>
  readonly controller = new AbortController()

  constructor(client: LogClient, filter: Parameters<LogClient['tail']>[0] = {}, position?: string) {
    open.push(this.controller)
    const tail = client.tail(filter, { signal: this.controller.signal, position, retryMs: 50 })
    this.done = (async () => {
      for await (const message of tail) this.received.push(message)
    })().catch((error: unknown) => error)
  }

  get messages(): string[] {
    return this.received.flatMap((message) =>
      message.kind === 'entries' ? message.logs.map((entry) => entry.message) : [],
    )
  }

  get skipped(): number {
    return this.received.reduce((sum, message) => sum + (message.kind === 'entries' ? message.skipped : 0), 0)
  }

  get position(): string | undefined {
    return this.received.filter((message) => message.kind === 'entries').at(-1)?.position
  }

  opened(times = 1): Promise<unknown> {
    return waitFor(() => this.received.filter(({ kind }) => kind === 'open').length >= times, {
      what: 'the tail to be open',
    })
  }

  sees(message: string): Promise<unknown> {
    return waitFor(() => this.messages.includes(message), { what: `${message} in the tail` })
  }
}

/** The raw answer of a tail, as a browser's EventSource would ask for it. */
function openRaw(
  port: number,
  headers: Record<string, string>,
  path = '/api/v1/logs/tail',
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, headers, agent: false }, resolve)
    request.on('error', reject)
    request.end()
  })
}

test('a tail is open at once, and then shows what is written, filtered, in order', async () => {
  await store([{ message: 'written before' }])
  const all = new Reader(server.client)
  const errors = new Reader(server.client, { level: ['error'] })
  await Promise.all([all.opened(), errors.opened()])
  const lines = Array.from({ length: 50 }, (_, index) => ({
    message: `line ${index}`,
    level: index % 10 === 0 ? 'ERROR' : 'INFO',
  }))
  await store(lines)
  await all.sees('line 49')
  await errors.sees('line 40')
  expect(all.messages).toEqual(lines.map(({ message }) => message))
  expect(errors.messages).toEqual(['line 0', 'line 10', 'line 20', 'line 30', 'line 40'])
})

test('the headers come at once, unbuffered and uncompressed, and a foreign page gets none', async () => {
  const response = await openRaw(server.port, { ...bearer, 'accept-encoding': 'gzip' })
  expect(response.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  })
  expect(response.headers['content-encoding']).toBeUndefined()
  response.destroy()
  const foreign = await openRaw(server.port, { ...bearer, origin: 'https://evil.example' })
  expect(foreign.statusCode).toBe(403)
  foreign.destroy()
})

test('a tail has a position before anything has matched', async () => {
  const reader = new Reader(server.client, { search: 'matches nothing at all' })
  await waitFor(() => reader.position)
  expect(reader.received.map(({ kind }) => kind)).toEqual(['open', 'entries'])
})

test('a tail goes on from its position: what was written in between comes once, nothing comes twice', async () => {
  const first = new Reader(server.client)
  await first.opened()
  await store([{ message: 'one' }])
  await first.sees('one')
  first.controller.abort()
  await first.done
  await store([{ message: 'two' }, { message: 'three' }])
  const second = new Reader(server.client, {}, first.position)
  await second.sees('three')
  await store([{ message: 'four' }])
  await second.sees('four')
  expect(second.messages).toEqual(['two', 'three', 'four'])
})

test('more than a tail carries is counted as skipped, not dropped in silence', async () => {
  const first = new Reader(server.client)
  const position = await waitFor(() => first.position)
  first.controller.abort()
  await store(Array.from({ length: 3000 }, (_, index) => ({ message: `many ${index}` })))
  const second = new Reader(server.client, {}, position)
  await second.sees('many 2999')
  expect(second.messages.length + second.skipped).toBe(3000)
  expect(second.skipped).toBeGreaterThan(0)
})

test.each(['forged', '000000000000-1', '0-99999999999999999999999999'])(
  'the position %j is answered with a problem, and the client goes on from now, with a gap',
  async (position) => {
    const reader = new Reader(server.client, {}, position)
    await waitFor(() => reader.position)
    expect(reader.received.map(({ kind }) => kind)).toEqual(['open', 'gap', 'waiting', 'open', 'entries'])
    await store([{ message: `after ${position}` }])
    await reader.sees(`after ${position}`)
  },
)

test('a Last-Event-ID that can be none is refused before the stream begins', async () => {
  for (const position of ['a b', 'x'.repeat(600)]) {
    const answer = await send(server.port, '/api/v1/logs/tail', {
      headers: { ...bearer, 'last-event-id': position },
    })
    expect([answer.status, codeOf(answer)]).toEqual([400, 'bad_cursor'])
  }
})

test('a reader that hangs up frees its tail; more than the limit are refused', async () => {
  const responses = await Promise.all(Array.from({ length: MAX_TAILS }, () => openRaw(server.port, bearer)))
  expect(responses.map(({ statusCode }) => statusCode)).toEqual(Array<number>(MAX_TAILS).fill(200))
  const refused = await send(server.port, '/api/v1/logs/tail', { headers: bearer })
  expect([refused.status, codeOf(refused), refused.headers['retry-after']]).toEqual([
    429,
    'too_many_tails',
    '10',
  ])
  for (const response of responses) response.destroy()
  await waitFor(async () => {
    const response = await openRaw(server.port, bearer)
    response.destroy()
    return response.statusCode === 200
  })
})

test('signing out ends the tails of that session at once, and of no other', async () => {
  const [mine, other] = [createClient({ baseUrl: server.url }), createClient({ baseUrl: server.url })]
  await mine.login('admin', PASSWORD)
  await other.login('admin', PASSWORD)
  const ending = new Reader(mine)
  const staying = new Reader(other)
  await Promise.all([ending.opened(), staying.opened()])
  await mine.logout()
  expect(await ending.done).toMatchObject({ code: 'unauthorized', status: 401 })
  await store([{ message: 'still here' }])
  await staying.sees('still here')
  expect(ending.messages).toEqual([])
})

// The last two, because they kill what the others share.
test('a tail outlives the death of the engine: nothing is missing, nothing comes twice', async () => {
  const reader = new Reader(server.client)
  await reader.opened()
  await store([{ message: 'before' }])
  await reader.sees('before')
  const { engine } = await server.client.health()
  process.kill(engine.pid ?? 0, 'SIGKILL')
  await store(Array.from({ length: 20 }, (_, index) => ({ message: `after ${index}` })))
  await reader.sees('after 19')
  expect(reader.messages).toEqual(['before', ...Array.from({ length: 20 }, (_, index) => `after ${index}`)])
})

test('a tail outlives kill -9 of the log server, and one that has seen nothing yet misses nothing either', async () => {
  const all = new Reader(server.client)
  const quiet = new Reader(server.client, { level: ['CRITICAL'] })
  await waitFor(() => quiet.position)
  await all.opened()
  await store([{ message: 'before the kill' }])
  await all.sees('before the kill')
  server.program.kill('SIGKILL')
  await server.program.exit
  appendLines(folder, 'worker.log', [{ message: 'meanwhile', level: 'CRITICAL' }])
  written++
  await startReadyLogServer(folder, { lifetime: 'file', env: { ...ENV, LOGS_PORT: String(server.port) } })
  await Promise.all([all.sees('meanwhile'), quiet.sees('meanwhile')])
  await store([{ message: 'at last', level: 'CRITICAL' }])
  await Promise.all([all.sees('at last'), quiet.sees('at last')])
  expect(all.messages).toEqual(['before the kill', 'meanwhile', 'at last'])
  expect(quiet.messages).toEqual(['meanwhile', 'at last'])
  for (const reader of [all, quiet]) expect(reader.received.map(({ kind }) => kind)).not.toContain('gap')
})
