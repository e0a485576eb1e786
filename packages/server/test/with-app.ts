import type { Level } from '@pixsim7/record'
import type { FastifyInstance } from 'fastify'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Access } from '../src/access/access.ts'
import { LoginLimit } from '../src/access/login-limit.ts'
import { hashPassword } from '../src/access/password.ts'
import { Sessions } from '../src/access/sessions.ts'
import { buildApp, type AppOptions } from '../src/app.ts'
import { OwnLog } from '../src/host/own-log.ts'
import { StoreHolder } from '../src/host/store-holder.ts'
import { codeOf, send, type Answer, type RequestInit } from './http-client.ts'

export const PASSWORD = 'correct horse battery'
export const TOKEN = 'token-of-a-script-0123456789'

/** The app on a free port, its store still starting, and what a test needs to reach into it. */
export interface RunningApp {
  readonly port: number
  readonly folder: string
  readonly stopping: AbortController
  readonly stores: StoreHolder
  readonly ownLines: { level: Level; message: string; fields: Readonly<Record<string, unknown>> }[]
  /** Moves the clock that sessions and limits go by. */
  advance(ms: number): void
  send(path: string, init?: RequestInit): Promise<Answer>
  login(password?: string, init?: RequestInit): Promise<Answer>
  /** Value for the Cookie header of a fresh session. */
  sessionCookie(): Promise<string>
}

const passwordHash = hashPassword(PASSWORD)

/** Runs the HTTP side alone, on real sockets and files; the store is whatever `options.stores` holds. */
export async function withApp(
  use: (app: RunningApp) => Promise<void>,
  options: Partial<AppOptions> = {},
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pixsim7-app-'))
  const panelFolder = path.join(folder, 'panel')
  await mkdir(path.join(panelFolder, 'assets'), { recursive: true })
  await mkdir(path.join(panelFolder, 'types'))
  await writeFile(path.join(panelFolder, 'index.html'), '<!doctype html><title>panel</title>')
  await writeFile(path.join(panelFolder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  await writeFile(path.join(panelFolder, 'assets/index-3f2a1b.js'), 'console.log(1)')
  await writeFile(path.join(panelFolder, 'types/main.d.ts'), 'export {}')
  await writeFile(path.join(panelFolder, '.secret'), 'CANARY')
  await writeFile(path.join(folder, 'outside.txt'), 'CANARY')

  let skewMs = 0
  const now = () => Date.now() + skewMs
  const ownLines: RunningApp['ownLines'] = []
  const ownLog = new OwnLog((level, message, fields) => ownLines.push({ level, message, fields }), now)
  const sessions = await Sessions.open({
    dataFolder: folder,
    passwordHash: await passwordHash,
    now,
    onFileError: (error) => ownLog.tell('sessions_file_failed', { error }),
  })
  const access = new Access({
    passwordHash: await passwordHash,
    apiToken: TOKEN,
    sessions,
    loginLimit: new LoginLimit(now),
    ownLog,
    isLocal: () => false,
  })
  const stopping = new AbortController()
  const stores = new StoreHolder()
  const app: FastifyInstance = await buildApp({
    stores,
    access: Promise.resolve(access),
    ownLog,
    panelFolder,
    bindHost: '127.0.0.1',
    allowedHosts: [],
    trustedProxies: [],
    version: '0.0.0-test',
    engine: 'auto',
    retention: { environment: null, days: null, errorDays: null },
    stopping: stopping.signal,
    now,
    ...options,
  })
  try {
    await app.listen({ host: '127.0.0.1', port: 0 })
    const port = (app.server.address() as AddressInfo).port
    const login = (password = PASSWORD, init: RequestInit = {}) =>
      send(port, '/api/v1/auth/login', {
        method: 'POST',
        body: JSON.stringify({ username: 'admin', password }),
        ...init,
        headers: { 'content-type': 'application/json', ...init.headers },
      })
    await use({
      port,
      folder,
      stopping,
      stores,
      ownLines,
      advance: (ms) => (skewMs += ms),
      send: (target, init) => send(port, target, init),
      login,
      sessionCookie: async () => cookieOf(await login()),
    })
  } finally {
    stopping.abort()
    app.server.closeAllConnections()
    await app.close()
    await sessions.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The session cookie that an answer sets, as a Cookie header sends it back. */
export function cookieOf(answer: Answer): string {
  const cookie = cookiesOf(answer).find((line) => line.includes('-session='))
  if (cookie === undefined) throw new Error(`no session cookie in ${answer.status} ${codeOf(answer) ?? ''}`)
  return cookie.split(';', 1)[0] ?? ''
}

export function cookiesOf(answer: Answer): string[] {
  return answer.headers['set-cookie'] ?? []
}
