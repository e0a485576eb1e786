import { createClient } from '@pixsim7/protocol/client'
import { freePort, startNode, waitFor } from '@pixsim7/testkit'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { expect, test } from 'vitest'
import { codeOf, send } from './http-client.ts'
import {
  API_TOKEN,
  appendLines,
  environmentOf,
  MAIN,
  projectFolder,
  startLogServer,
  startReadyLogServer,
  waitForRows,
} from './running-log-server.ts'
import { cookieOf } from './with-app.ts'

const WORKER_ONLY = { LOGS_FILES: 'data/logs/worker.log' }

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function login(port: number, password: string) {
  return send(port, '/api/v1/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password }),
  })
}

/** Every file below a folder, read as text. */
function textOf(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')
}

async function startFailure(
  folder: string,
  env: Record<string, string>,
  args: readonly string[] = [],
): Promise<{ code: number | null; stderr: string; stdout: string }> {
  const { code, stderr, stdout } = await startNode(MAIN, args, { cwd: folder, env: environmentOf(env) }).exit
  return { code, stderr, stdout }
}

test('the log server answers before its store has opened', async () => {
  const server = await startLogServer(await projectFolder())
  const answers = []
  // The engine needs far longer to start than the first request takes.
  answers.push(await send(server.port, '/api/v1/logs', { headers: { authorization: `Bearer ${API_TOKEN}` } }))
  answers.push(await send(server.port, '/api/v1/health'))
  expect([answers[0]?.status, codeOf(answers[0] as never), answers[0]?.headers['retry-after']]).toEqual([
    503,
    'store_starting',
    '1',
  ])
  expect(answers[1]?.json).toMatchObject({ status: 'starting' })
  await waitFor(async () => (await server.client.health()).status === 'ok')
  expect((await server.client.logs()).total).toBeTypeOf('number')
})

test('a generated password is announced once, works, and stands in no file', async () => {
  const folder = await projectFolder()
  const first = await startReadyLogServer(folder)
  const password = first.password ?? ''
  expect(password).toMatch(/^[a-z0-9-]{20,}$/)
  const answer = await login(first.port, password)
  expect(answer.status).toBe(200)
  const token = cookieOf(answer).split('=')[1] ?? ''
  await login(first.port, 'typed-wrongly')
  await send(first.port, '/api/v1/logs', { headers: { authorization: 'Bearer sent-wrongly' } })
  await send(first.port, '/api/v1/logs?search=needle-of-a-search', {
    headers: { authorization: `Bearer ${API_TOKEN}` },
  })
  // Its own log is followed as well: what stands there would be in the store, too.
  await waitFor(
    async () => (await first.client.logs({ search: 'Signed in', component: ['logserver'] })).total > 0,
  )
  expect((await first.program.stop()).code).toBe(0)
  const kept = textOf(folder)
  expect(kept).toContain('Signed in')
  for (const secret of [password, API_TOKEN, token, 'typed-wrongly', 'sent-wrongly'])
    expect(kept).not.toContain(secret)
  expect(statSync(path.join(folder, 'data/store/auth.json')).mode & 0o777).toBe(0o600)
  expect(statSync(path.join(folder, 'data/store/sessions.json')).mode & 0o777).toBe(0o600)

  const second = await startLogServer(folder)
  expect(second.password).toBeNull()
  expect((await login(second.port, password)).status).toBe(200)
})

test('started by hand it tells people where to look and how to sign in', async () => {
  const folder = await projectFolder()
  const env = { ...environmentOf(), PIXSIM7_LAUNCHER: undefined }
  const first = startNode(MAIN, [], { cwd: folder, env })
  const [, url] = await first.waitForLine(/^PixSim7 Logs: (http:\/\/localhost:\d+)\/logs/)
  const [, password] = await first.waitForLine(
    /Sign in as admin with the password (\S+) \(shown only this once/,
  )
  expect((await login(Number(new URL(url ?? '').port), password ?? '')).status).toBe(200)
  for (const place of [
    path.join(folder, 'data/logs/*.log*'),
    path.join(folder, 'data/store'),
    path.join(folder, 'data/logs/logserver.log'),
  ]) {
    expect(first.stdout).toContain(place)
  }
  await first.stop()
  const second = startNode(MAIN, [], { cwd: folder, env })
  await second.waitForLine(
    /the password of the first start\. Forgotten\? Set LOGS_ADMIN_PASSWORD, or run: .*--reset-password/,
  )
  expect(second.stdout).not.toContain(password)
})

test('sessions outlive a restart, kill -9 included; answers are the same before and after', async () => {
  const folder = await projectFolder()
  appendLines(
    folder,
    'worker.log',
    Array.from({ length: 500 }, (_, index) => ({ message: `line ${index}`, job_id: index })),
  )
  const first = await startReadyLogServer(folder, { env: WORKER_ONLY })
  await waitForRows(first, 500)
  const cookie = cookieOf(await login(first.port, first.password ?? ''))
  const before = (await first.client.logs({ limit: 1000 })).logs
  const { engine } = await first.client.health()
  first.program.signal('SIGKILL')
  await first.program.exit
  await waitFor(() => !isAlive(engine.pid ?? 0), { what: 'the engine to end with its log server' })

  const second = await startReadyLogServer(folder, { env: WORKER_ONLY })
  expect((await send(second.port, '/api/v1/auth/me', { headers: { cookie } })).status).toBe(200)
  expect((await second.client.logs({ limit: 1000 })).logs).toEqual(before)
})

test('an engine that is killed is started again, and answers the same', async () => {
  const folder = await projectFolder()
  appendLines(
    folder,
    'worker.log',
    Array.from({ length: 200 }, (_, index) => ({ message: `line ${index}` })),
  )
  const server = await startReadyLogServer(folder, { env: WORKER_ONLY })
  await waitForRows(server, 200)
  const before = (await server.client.logs({ limit: 1000 })).logs
  const killed = (await server.client.health()).engine.pid ?? 0
  process.kill(killed, 'SIGKILL')
  const after = await waitFor(async () => {
    const { logs } = await server.client.logs({ limit: 1000 })
    return (await server.client.health()).engine.pid !== killed && logs
  })
  expect(after).toEqual(before)
  const { engine, status } = await server.client.health()
  expect([engine.restarts, status]).toEqual([1, 'ok'])
  // While it was gone, questions were answered 503, never with half an answer.
  await server.program.stop()
  expect(readFileSync(path.join(folder, 'data/logs/logserver.log'), 'utf8')).toContain('store_engine_lost')
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends tails, engine and process within ten seconds, with status 0',
  async (signal) => {
    const folder = await projectFolder()
    const server = await startReadyLogServer(folder)
    const enginePid = (await server.client.health()).engine.pid ?? 0
    const kinds: string[] = []
    const controller = new AbortController()
    const tail = (async () => {
      for await (const message of server.client.tail({}, { signal: controller.signal, retryMs: 60_000 })) {
        kinds.push(message.kind === 'waiting' ? message.error.code : message.kind)
        if (message.kind === 'waiting') controller.abort()
      }
    })()
    await waitFor(() => kinds.includes('open'))
    const startedAt = performance.now()
    server.program.signal(signal)
    const exit = await server.program.exit
    expect([exit.code, exit.signal]).toEqual([0, null])
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    await tail
    expect(kinds.at(-1)).toBe('shutting_down')
    await waitFor(() => !isAlive(enginePid))
    expect(readFileSync(path.join(folder, 'data/logs/logserver.log'), 'utf8')).toContain(
      'Log server stopping',
    )
  },
)

test('all settings that cannot be used are told in one go, secrets not repeated', async () => {
  const { code, stderr, stdout } = await startFailure(await projectFolder(), {
    LOGS_PORT: '70000',
    LOGS_HOST: 'not a host',
    LOGS_MEMORY: '5',
    LOGS_ENGINE: 'sqlite',
    LOGS_COMPONENTS: 'nonsense',
    LOGS_TRUSTED_PROXIES: '10.0.0.0/99',
    LOGS_ALLOWED_HOSTS: 'http://x/',
    LOG_LEVEL: 'LOUD',
    LOGS_ADMIN_PASSWORD: 'do-not-repeat',
  })
  expect(code).toBe(1)
  for (const name of [
    'LOGS_PORT',
    'LOGS_HOST',
    'LOGS_MEMORY',
    'LOGS_ENGINE',
    'LOGS_COMPONENTS',
    'LOGS_TRUSTED_PROXIES',
    'LOGS_ALLOWED_HOSTS',
    'LOG_LEVEL',
  ]) {
    expect(stderr).toContain(name)
  }
  expect(stderr + stdout).not.toContain('do-not-repeat')
  expect(stderr).not.toMatch(/^ {4}at /m)
})

test('a taken port is told in one line, and no password is generated for nobody', async () => {
  const port = await freePort()
  const other = createServer().listen(port, '127.0.0.1')
  try {
    const folder = await projectFolder()
    const { code, stderr, stdout } = await startFailure(folder, { LOGS_PORT: String(port) })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe(
      `Port ${port} at 127.0.0.1 is taken by another program. Stop it, or set LOGS_PORT to another port.\n`,
    )
    expect(() => statSync(path.join(folder, 'data/store/auth.json'))).toThrow('ENOENT')
  } finally {
    other.close()
  }
})

test('a store that another log server has open is not opened twice', async () => {
  const folder = await projectFolder()
  const first = await startReadyLogServer(folder)
  const { code, stderr } = await startFailure(folder, {})
  expect(code).toBe(1)
  expect(stderr).not.toMatch(/BUG|^ {4}at /m)
  expect(stderr).toContain('data/store')
  expect((await first.client.health()).status).toBe('ok')
})

test('open to the network, weak secrets are refused; on this machine they may do', async () => {
  const weak = { LOGS_ADMIN_PASSWORD: 'short', LOGS_API_TOKEN: 'short' }
  const { code, stderr } = await startFailure(await projectFolder(), { ...weak, LOGS_HOST: '0.0.0.0' })
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /LOGS_ADMIN_PASSWORD needs at least 8 characters, and LOGS_API_TOKEN needs at least 16/,
  )
  const server = await startLogServer(await projectFolder(), { env: weak })
  expect((await login(server.port, 'short')).status).toBe(200)
})

test('LOGS_ADMIN_PASSWORD holds from the start it is first given on, and ends older sessions', async () => {
  const folder = await projectFolder()
  const first = await startLogServer(folder)
  const cookie = cookieOf(await login(first.port, first.password ?? ''))
  await first.program.stop()
  const second = await startLogServer(folder, { env: { LOGS_ADMIN_PASSWORD: 'chosen by hand' } })
  expect(second.password).toBeNull()
  expect((await send(second.port, '/api/v1/auth/me', { headers: { cookie } })).status).toBe(401)
  expect((await login(second.port, first.password ?? '')).status).toBe(401)
  await createClient({ baseUrl: second.url }).login('admin', 'chosen by hand')
})

test('--reset-password prints a new password that holds from the next start on', async () => {
  const folder = await projectFolder()
  const first = await startLogServer(folder)
  await first.program.stop()
  const reset = await startNode(MAIN, ['--reset-password'], { cwd: folder, env: environmentOf() }).exit
  expect(reset.code).toBe(0)
  const password = /New password of admin: (\S+)/.exec(reset.stdout)?.[1] ?? ''
  const second = await startLogServer(folder)
  expect(second.password).toBeNull()
  expect((await login(second.port, first.password ?? '')).status).toBe(401)
  expect((await login(second.port, password)).status).toBe(200)
  expect(textOf(folder)).not.toContain(password)
})

test('--help names every setting; unknown arguments are refused', async () => {
  const folder = await projectFolder()
  const help = await startNode(MAIN, ['--help'], { cwd: folder }).exit
  expect(help.code).toBe(0)
  for (const name of [
    'LOGS_HOST',
    'LOGS_PORT',
    'LOGS_DATA_DIR',
    'LOGS_FILES',
    'LOGS_ADMIN_PASSWORD',
    'LOGS_API_TOKEN',
  ]) {
    expect(help.stdout).toContain(name)
  }
  expect((await startFailure(folder, {}, ['--verbose'])).code).toBe(1)
})

test('an auth.json that cannot be understood stops the start, and stays as it is', async () => {
  const folder = await projectFolder()
  const first = await startLogServer(folder)
  await first.program.stop()
  const file = path.join(folder, 'data/store/auth.json')
  writeFileSync(file, '{"version":2}')
  const { code, stderr } = await startFailure(folder, {})
  expect([code, stderr]).toEqual([1, expect.stringContaining(file)])
  expect(readFileSync(file, 'utf8')).toBe('{"version":2}')
})
