import { createClient, type TailMessage } from '@pixsim7/protocol/client'
import { waitFor } from '@pixsim7/testkit'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { MAX_TAILS } from '../src/routes/tail-route.ts'
import { codeOf, send } from './http-client.ts'
import {
  API_TOKEN,
  appendLines,
  projectFolder,
  startReadyLogServer,
  type RunningLogServer,
} from './running-log-server.ts'

const bearer = { authorization: `Bearer ${API_TOKEN}` }
/** One file only: the log server's own lines would mix in. */
const WORKER_ONLY = { LOGS_FILES: 'data/logs/worker.log' }

const open: AbortController[] = []
afterEach(() => {
  for (const controller of open.splice(0)) controller.abort()
})

/** A tail read in the background. */
class Reader {
  readonly received: TailMessage[] = []
  readonly done: Promise<unknown>
  readonly controller = new AbortController()

  constructor(
    { client }: RunningLogServer,
    filter: Parameters<typeof client.tail>[0] = {},
    position?: string,
  ) {
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
  const folder = await projectFolder()
  appendLines(folder, 'worker.log', [{ message: 'written before' }])
  const server = await startReadyLogServer(folder, { env: WORKER_ONLY })
  await waitFor(async () => (await server.client.health()).rows === 1)
  const all = new Reader(server)
  const errors = new Reader(server, { level: ['error'] })
  await Promise.all([all.opened(), errors.opened()])
  const lines = Array.from({ length: 50 }, (_, index) => ({
    message: `line ${index}`,
    level: index % 10 === 0 ? 'ERROR' : 'INFO',
  }))
  appendLines(folder, 'worker.log', lines)
  await all.sees('line 49')
  await errors.sees('line 40')
  expect(all.messages).toEqual(lines.map(({ message }) => message))
  expect(errors.messages).toEqual(['line 0', 'line 10', 'line 20', 'line 30', 'line 40'])
})

test('the headers come at once, unbuffered and uncompressed, and a foreign page gets none', async () => {
  const server = await startReadyLogServer(await projectFolder())
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

test('a tail goes on from its position: what was written in between comes once, nothing comes twice', async () => {
  const folder = await projectFolder()
  const server = await startReadyLogServer(folder, { env: WORKER_ONLY })
  const first = new Reader(server)
  await first.opened()
  appendLines(folder, 'worker.log', [{ message: 'one' }])
  await first.sees('one')
  first.controller.abort()
  await first.done
  appendLines(folder, 'worker.log', [{ message: 'two' }, { message: 'three' }])
  await waitFor(async () => (await server.client.logs()).total === 3)
  const second = new Reader(server, {}, first.position)
  await second.sees('three')
  appendLines(folder, 'worker.log', [{ message: 'four' }])
  await second.sees('four')
  expect(second.messages).toEqual(['two', 'three', 'four'])
})

test('more than a tail carries is counted as skipped, not dropped in silence', async () => {
  const folder = await projectFolder()
  const server = await startReadyLogServer(folder, { env: WORKER_ONLY })
  const first = new Reader(server)
  await first.opened()
  appendLines(folder, 'worker.log', [{ message: 'start' }])
  await first.sees('start')
  first.controller.abort()
  appendLines(
    folder,
    'worker.log',
    Array.from({ length: 3000 }, (_, index) => ({ message: `line ${index}` })),
  )
  await waitFor(async () => (await server.client.logs({ limit: 1 })).total === 3001)
  const second = new Reader(server, {}, first.position)
  await second.sees('line 2999')
  expect(second.messages.length + second.skipped).toBe(3000)
  expect(second.skipped).toBeGreaterThan(0)
})

test.each(['forged', '000000000000-1', '0-99999999999999999999999999'])(
  'the position %j is answered with a problem, and the client goes on from now',
  async (position) => {
    const folder = await projectFolder()
    const server = await startReadyLogServer(folder, { env: WORKER_ONLY })
    const reader = new Reader(server, {}, position)
    await waitFor(() => reader.received.some(({ kind }) => kind === 'gap'))
    await waitFor(() => reader.received.at(-1)?.kind === 'open')
    appendLines(folder, 'worker.log', [{ message: 'after' }])
    await reader.sees('after')
  },
)

test('a Last-Event-ID that can be none is refused before the stream begins', async () => {
  const server = await startReadyLogServer(await projectFolder())
  for (const position of ['a b', 'x'.repeat(600)]) {
    const answer = await send(server.port, '/api/v1/logs/tail', {
      headers: { ...bearer, 'last-event-id': position },
    })
    expect([answer.status, codeOf(answer)]).toEqual([400, 'bad_cursor'])
  }
})

test('a reader that hangs up frees its tail; more than the limit are refused', async () => {
  const server = await startReadyLogServer(await projectFolder())
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
  const folder = await projectFolder()
  const server = await startReadyLogServer(folder, {
    env: { ...WORKER_ONLY, LOGS_ADMIN_PASSWORD: 'test password' },
  })
  const [mine, other] = [createClient({ baseUrl: server.url }), createClient({ baseUrl: server.url })]
  await mine.login('admin', 'test password')
  await other.login('admin', 'test password')
  const ending = new Reader({ ...server, client: mine })
  const staying = new Reader({ ...server, client: other })
  await Promise.all([ending.opened(), staying.opened()])
  await mine.logout()
  expect(await ending.done).toMatchObject({ code: 'unauthorized', status: 401 })
  appendLines(folder, 'worker.log', [{ message: 'still here' }])
  await staying.sees('still here')
  expect(ending.messages).toEqual([])
})

test('a tail outlives the death of the engine: nothing is missing, nothing comes twice', async () => {
  const folder = await projectFolder()
  const server = await startReadyLogServer(folder, { env: WORKER_ONLY })
  const reader = new Reader(server)
  await reader.opened()
  appendLines(folder, 'worker.log', [{ message: 'before' }])
  await reader.sees('before')
  const { engine } = await server.client.health()
  process.kill(engine.pid ?? 0, 'SIGKILL')
  appendLines(
    folder,
    'worker.log',
    Array.from({ length: 20 }, (_, index) => ({ message: `after ${index}` })),
  )
  await reader.sees('after 19')
  expect(reader.messages).toEqual(['before', ...Array.from({ length: 20 }, (_, index) => `after ${index}`)])
})

test('a tail outlives kill -9 of the log server', async () => {
  const folder = await projectFolder()
  const server = await startReadyLogServer(folder, { env: WORKER_ONLY })
  const reader = new Reader(server)
  await reader.opened()
  appendLines(folder, 'worker.log', [{ message: 'before' }])
  await reader.sees('before')
  server.program.kill('SIGKILL')
  await server.program.exit
  appendLines(folder, 'worker.log', [{ message: 'meanwhile' }])
  await startReadyLogServer(folder, { env: { ...WORKER_ONLY, LOGS_PORT: String(server.port) } })
  await reader.sees('meanwhile')
  appendLines(folder, 'worker.log', [{ message: 'after' }])
  await reader.sees('after')
  expect(reader.messages).toEqual(['before', 'meanwhile', 'after'])
})
