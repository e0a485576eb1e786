/** All of PixSim7, started as `npm start` does it, on free ports and in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findPortHolder } from '../src/checks/port-holder.ts'
import { RUN_VARIABLE } from '../src/leftovers.ts'
import { readPidFile } from '../src/pid-file.ts'
import { identifyProcess, listMarked, type ProcessIdentity } from '../src/process/process-table.ts'
import { findServer, stopServer } from '../src/process/server-pid-file.ts'
import { freePort, Launch, until } from './launcher-harness.ts'

const LAUNCHER = path.join(import.meta.dirname, '../dist/main.js')
/** Starting everything, on a machine that is busy with other tests. */
const TEST_TIMEOUT_MS = 300_000

const folder = mkdtempSync(path.join(tmpdir(), 'whole system '))
const pidFile = path.join(folder, 'data/dev.pid.json')
const postmaster = path.join(folder, 'data/postgres/cluster/postmaster.pid')
const launchers: ChildProcess[] = []
const runs = new Set<string>()
let ports: { backend: number; logs: number; provider: number; postgres: number }
let password = ''

function launch(...args: string[]): Launch {
  // Settings of whoever runs the tests must not decide them.
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(npm_|PORT$|HOST$|LOG|JSON_LOGS|PROVIDER_|PIX|DATABASE_URL|SECRET_KEY|[A-Z]+_LOG_)/.test(name),
    ),
  )
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  launchers.push(child)
  return new Launch(child)
}

async function launchAndWait(...args: string[]): Promise<Launch> {
  const started = launch(...args)
  await started.says('Ctrl-C')
  runs.add(readPidFile(pidFile)?.run ?? '')
  return started
}

/** Processes of all launchers of this test that are running, wherever they hang. */
function survivors(): ProcessIdentity[] {
  const marked = [...runs].flatMap((run) => listMarked(`${RUN_VARIABLE}=${run}`))
  return [...marked, ...[findServer(postmaster)].filter((server) => server !== undefined)]
}

async function getJson(
  port: number,
  route: string,
  headers: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${port}${route}`, { headers })
  return { http_status: response.status, ...((await response.json()) as object) }
}

async function signIn(): Promise<Record<string, string>> {
  const response = await fetch(`http://127.0.0.1:${ports.logs}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password }),
  })
  expect(response.status).toBe(200)
  return {
    cookie: response.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; '),
  }
}

/** Asks the log server until it has lines of the component. */
async function waitForLines(component: string, headers: Record<string, string>): Promise<void> {
  let answer: Record<string, unknown> = {}
  const deadline = Date.now() + 120_000
  do answer = await getJson(ports.logs, `/api/v1/logs?component=${component}&limit=5`, headers)
  while (((answer['logs'] as unknown[] | undefined)?.length ?? 0) === 0 && Date.now() < deadline)
  expect(answer['logs'], component).toContainEqual(expect.objectContaining({ component }))
}

function filesBelow(start: string): string[] {
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
}

beforeAll(async () => {
  ports = {
    backend: await freePort(),
    logs: await freePort(),
    provider: await freePort(),
    postgres: await freePort(),
  }
  const settings = {
    PORT: ports.backend,
    LOGS_PORT: ports.logs,
    PROVIDER_PORT: ports.provider,
    PIXSIM7_POSTGRES_PORT: ports.postgres,
    PROVIDER_GENERATION_SEC: 1,
    PROVIDER_ANSWER_MS: 20,
    PROVIDER_POLL_INTERVAL: '500ms',
  }
  writeFileSync(
    path.join(folder, '.env'),
    Object.entries(settings)
      .map((pair) => `${pair.join('=')}\n`)
      .join(''),
  )
})

afterAll(async () => {
  for (const child of launchers) child.kill('SIGKILL')
  for (const { pid } of survivors()) process.kill(pid, 'SIGKILL')
  await stopServer(postmaster, true)
  await until('nothing is left', () => survivors().length === 0)
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}, TEST_TIMEOUT_MS)

// A story: each test goes on where the one before it has stopped.
describe('the whole system', () => {
  it(
    'starts with one command, is healthy, and shows the lines of backend and worker',
    async () => {
      const started = await launchAndWait()
      password = /user admin, password (\S+)/.exec(started.output)?.[1] ?? ''
      expect(password).not.toBe('')
      expect(started.output).toContain(`http://localhost:${ports.logs}/logs`)
      expect(await getJson(ports.backend, '/health')).toMatchObject({
        http_status: 200,
        status: 'ok',
        database: 'connected',
      })
      expect(await getJson(ports.logs, '/api/v1/health')).toMatchObject({ http_status: 200, status: 'ok' })
      const reader = await signIn()
      for (const component of ['backend', 'worker']) await waitForLines(component, reader)
      // JSON, because nothing else was asked for.
      expect(readFileSync(path.join(folder, 'data/logs/backend.log'), 'utf8')).toMatch(/^\{"timestamp":"/)
    },
    TEST_TIMEOUT_MS,
  )

  it(
    'keeps a second one out, and starts a killed part again',
    async () => {
      const second = launch()
      expect(await second.exited).toBe(1)
      expect(second.output).toContain('PixSim7 is already running in this folder')
      const workerOf = () => readPidFile(pidFile)?.processes.find(({ name }) => name === 'worker')?.pid ?? 0
      const killed = workerOf()
      process.kill(killed, 'SIGKILL')
      await until(
        'there is another worker',
        () => workerOf() !== killed && identifyProcess(workerOf()) !== undefined,
      )
    },
    TEST_TIMEOUT_MS,
  )

  it(
    'ends what a killed launcher has left, and starts again on the same data',
    async () => {
      const [former] = launchers
      former?.kill('SIGKILL')
      await until('its traffic has stopped', () => former?.signalCode === 'SIGKILL')
      expect(survivors().length).toBeGreaterThan(4)
      const next = await launchAndWait('--no-demo')
      expect(next.output).toContain('Ending what an earlier start left running: backend')
      expect(next.output).toContain('the password that the first start printed')
      expect(next.output).not.toContain('Visitors ready')
      await signIn()
    },
    TEST_TIMEOUT_MS,
  )

  it(
    'leaves no process, no port, no pid file and no secret behind after Ctrl-C',
    async () => {
      launchers.at(-1)?.kill('SIGINT')
      await until('the launcher has ended', () => launchers.at(-1)?.exitCode === 0)
      expect(survivors()).toEqual([])
      expect(Object.values(ports).flatMap((port) => findPortHolder(port) ?? [])).toEqual([])
      expect(readPidFile(pidFile)).toBeUndefined()
      // The generated password went to the terminal only.
      const holders = filesBelow(path.join(folder, 'data')).filter((file) =>
        readFileSync(file, 'latin1').includes(password),
      )
      expect(holders).toEqual([])
    },
    TEST_TIMEOUT_MS,
  )
})
