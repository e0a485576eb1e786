import { requireTool, runProgram, startNode, waitFor } from '@pixsim7/testkit'
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { codeOf, send, type RequestInit } from './http-client.ts'
import {
  appendLines,
  environmentOf,
  MAIN,
  projectFolder,
  startLogServer,
  startReadyLogServer,
  waitForRows,
  type RunningLogServer,
} from './running-log-server.ts'

function socketOf(folder: string): string {
  return path.join(folder, 'data/store/pixlogs.sock')
}

/** The socket is opened a moment after the store. */
async function waitForSocket(folder: string): Promise<string> {
  const socket = socketOf(folder)
  await waitFor(async () => (await send(socket, '/api/v1/health')).status === 200, {
    what: 'the local socket',
  })
  return socket
}

function ownLog(folder: string): string {
  return readFileSync(path.join(folder, 'data/logs/logserver.log'), 'utf8')
}

const LOGS = '/api/v1/logs'

/** For the tests that only ask. */
let shared: { readonly folder: string; readonly server: RunningLogServer; readonly socket: string }

beforeAll(async () => {
  const folder = await projectFolder('file')
  appendLines(folder, 'worker.log', [{ message: 'only for readers' }])
  const server = await startReadyLogServer(folder, { lifetime: 'file' })
  await waitForRows(server, 1)
  shared = { folder, server, socket: await waitForSocket(folder) }
})

test('at the local socket its owner asks without a token; over TCP nothing makes a client local', async () => {
  const { server, socket } = shared
  expect(lstatSync(socket).mode & 0o777).toBe(0o600)

  const local = await send(socket, `${LOGS}?component=worker`)
  expect([local.status, local.text]).toEqual([200, expect.stringContaining('only for readers')])
  expect((await send(socket, '/api/v1/auth/me')).json).toEqual({ username: 'admin' })
  // Files are told once a second.
  await waitFor(async () => (await send(socket, '/api/v1/health')).text.includes('worker.log'))

  const pretenders: RequestInit[] = [
    {},
    { headers: { host: 'localhost' } },
    { headers: { 'x-forwarded-for': 'unix:', forwarded: 'for=unix;by=pixlogs.sock' } },
    { headers: { 'x-real-ip': '', 'x-pixlogs-local': '1', authorization: 'local' } },
    { headers: { cookie: 'pixsim7-session=local' } },
  ]
  for (const init of pretenders) {
    const answer = await send(server.port, LOGS, init)
    expect([init, answer.status, codeOf(answer)]).toEqual([init, 401, 'unauthorized'])
  }
  // An address in absolute form changes neither way nor right.
  expect((await send(server.port, `http://localhost${LOGS}`)).status).not.toBe(200)
  expect((await send(server.port, '/api/v1/health')).text).not.toContain('worker.log')
})

test('connections through the socket change nothing for those over TCP beside them', async () => {
  const { server, socket } = shared
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) => send(index % 2 === 0 ? socket : server.port, LOGS)),
  )
  expect(answers.map(({ status }) => status)).toEqual(
    answers.map((_, index) => (index % 2 === 0 ? 200 : 401)),
  )
})

test('the socket keeps the checks of TCP: wrong tokens, foreign hosts and foreign pages are refused', async () => {
  const { socket } = shared
  const refusals: [RequestInit, number, string][] = [
    [{ headers: { authorization: 'Bearer wrong' } }, 401, 'unauthorized'],
    [{ headers: { host: 'rebound.example' } }, 403, 'host_not_allowed'],
    [{ headers: { host: 'localhost', origin: 'http://evil.example' } }, 403, 'foreign_origin'],
    [{ headers: { host: 'localhost', 'sec-fetch-site': 'cross-site' } }, 403, 'foreign_origin'],
  ]
  for (const [init, status, code] of refusals) {
    const answer = await send(socket, LOGS, init)
    expect([init, answer.status, codeOf(answer)]).toEqual([init, status, code])
  }
})

test('another user cannot connect, even where the folder lets him in', async (context) => {
  const setpriv = await requireTool(context, 'setpriv')
  const { folder, socket } = shared
  for (const part of ['', 'data', 'data/store']) chmodSync(path.join(folder, part), 0o755)
  const script = `require('net').connect(${JSON.stringify(socket)}).on('connect', () => console.log('connected')).on('error', (e) => console.log(e.code)).on('connect', function () { this.destroy() })`
  const asRoot = process.getuid?.() === 0
  // Without root nobody else can be played; then the mode, tested above, has to do.
  const nobody = asRoot ? [setpriv, '--reuid=65534', '--regid=65534', '--clear-groups'] : undefined
  const [command = '', ...args] = [...(nobody ?? []), process.execPath, '-e', script]
  const { stdout } = await runProgram(command, args)
  expect(stdout.trim()).toBe(asRoot ? 'EACCES' : 'connected')
})

test('a stop removes the socket and ends tails through it; a killed server leaves one that the next replaces', async () => {
  const folder = await projectFolder()
  const first = await startReadyLogServer(folder)
  const socket = await waitForSocket(folder)
  first.program.signal('SIGKILL')
  await first.program.exit
  expect(lstatSync(socket).isSocket()).toBe(true)
  await expect(send(socket, LOGS)).rejects.toThrow('ECONNREFUSED')

  const second = await startReadyLogServer(folder)
  await waitForSocket(folder)
  const tail = send(socket, '/api/v1/logs/tail')
  await waitFor(async () => (await send(socket, LOGS)).status === 200)
  second.program.signal('SIGTERM')
  expect((await tail).text).toContain('shutting_down')
  expect((await second.program.exit).code).toBe(0)
  expect(existsSync(socket)).toBe(false)
})

test('a connection that is held open does not hold up the stop', async () => {
  const folder = await projectFolder()
  const server = await startReadyLogServer(folder)
  const idle = connect(await waitForSocket(folder))
  idle.on('error', () => {})
  await new Promise((resolve) => idle.once('connect', resolve))
  idle.write('GET /api/v1/logs HTTP/1.1\r\n')
  expect((await server.program.stop({ timeoutMs: 9000 })).code).toBe(0)
  idle.destroy()
})

test('what is no socket is left alone; the log server goes on without and says so in its log', async () => {
  const folder = await projectFolder()
  mkdirSync(path.join(folder, 'data/store'), { recursive: true })
  writeFileSync(socketOf(folder), 'precious')
  const server = await startReadyLogServer(folder)
  await waitFor(() => ownLog(folder).includes('local_socket_failed'))
  expect(ownLog(folder)).toContain('is taken by something else')
  expect((await server.client.logs()).total).toBeTypeOf('number')
  await server.program.stop()
  expect(readFileSync(socketOf(folder), 'utf8')).toBe('precious')
})

test('a path that is too long for a socket is told once, and TCP with a token goes on', async () => {
  const folder = await projectFolder()
  const dataDir = path.join(folder, 'x'.repeat(104 - folder.length))
  const server = await startReadyLogServer(folder, { env: { LOGS_DATA_DIR: dataDir } })
  await waitFor(() => ownLog(folder).includes('local_socket_failed'))
  expect(ownLog(folder)).toMatch(/has \d{3} bytes, and sockets take 103/)
  expect(existsSync(path.join(dataDir, 'pixlogs.sock'))).toBe(false)
  expect((await server.client.logs()).total).toBeTypeOf('number')
})

test('what comes second over the same store leaves the socket to the first; --local tells its caller why', async () => {
  const { folder, socket } = shared
  const { ino } = lstatSync(socket)
  const local = startNode(MAIN, ['--local'], { cwd: folder, env: environmentOf() })
  const second = await startLogServer(folder)
  const [, json = ''] = await local.waitForLine(/^PIXSIM7_FAILED (\{.*\})$/)
  expect(JSON.parse(json)).toMatchObject({ code: 'STORE_IN_USE' })
  expect([(await local.exit).code, (await second.program.exit).code]).toEqual([1, 1])
  expect([lstatSync(socket).ino, (await send(socket, LOGS)).status]).toEqual([ino, 200])
})

test('--local answers at the socket only, keeps no password or session, logs nothing, and ends with its input', async () => {
  const folder = await projectFolder()
  appendLines(folder, 'worker.log', [{ message: 'one' }])
  const env = environmentOf({ LOGS_PORT: '1' })
  const server = startNode(MAIN, ['--local'], { cwd: folder, env })
  await server.waitForLine(/^PIXSIM7_READY \{\}$/)
  const socket = socketOf(folder)
  await waitFor(async () => ((await send(socket, LOGS)).json as { total: number }).total === 1)
  server.stdin.end()
  expect(await server.exit).toMatchObject({ code: 0, stderr: '' })
  expect(existsSync(socket)).toBe(false)
  for (const file of ['data/store/auth.json', 'data/store/sessions.json', 'data/logs/logserver.log'])
    expect([file, existsSync(path.join(folder, file))]).toEqual([file, false])
})
