/** The API in this process: a real server on a free port, a fresh database, logging into real files. */
import { closeLogging, flushLogging, setupLogging } from '@pixsim7/logging'
import { tempDir } from '@pixsim7/testkit'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { buildServer } from '../src/api/build-server.ts'
import { createRateLimiters } from '../src/api/rate-limits.ts'
import type { Database } from '../src/database/open-database.ts'
import type { Provider } from '../src/provider/provider.ts'
import { createProviderRegistry } from '../src/provider/provider-registry.ts'
import { PixverseProvider } from '../src/provider/pixverse/pixverse-provider.ts'
import { Passwords } from '../src/security/passwords.ts'
import { SecretBox } from '../src/security/secret-box.ts'
import { Tokens } from '../src/security/tokens.ts'
import { AuthService } from '../src/users/auth-service.ts'
import { withDatabase } from './with-database.ts'
import type { TestPostgres } from './with-database.ts'

export const TEST_SECRET_KEY = 'c2l4dGVlbi1ieXRlcy1vZi1ub3RoaW5nLWluLXRlc3Rz'
export const TEST_PASSWORD = 'correct-horse-battery'

export interface LogLine {
  readonly level: string
  readonly logger: string
  readonly message: string
  readonly [field: string]: unknown
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Parsed JSON; undefined when there is none. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into whatever came
  readonly body: any
  readonly text: string
  readonly requestId: string
}

export interface SignedInUser {
  readonly id: number
  readonly token: string
  readonly email: string
  call(method: string, route: string, body?: unknown): Promise<Answer>
}

export interface TestApi {
  readonly origin: string
  readonly database: Database
  readonly databaseUrl: string
  readonly secretBox: SecretBox
  /** Sends a request below `/api/v1`, or to an absolute path; objects are sent as JSON, strings as they are. */
  call(
    method: string,
    route: string,
    options?: { readonly token?: string; readonly body?: unknown; readonly headers?: Record<string, string> },
  ): Promise<Answer>
  register(name: string): Promise<SignedInUser>
  makeAdmin(user: SignedInUser): Promise<void>
  /** Moves the clock that tokens, sessions and rate limits see. */
  advance(ms: number): void
  /** All lines logged in this test file so far. */
  logLines(): Promise<LogLine[]>
  /** The lines of one request. */
  linesOf(answer: Answer): Promise<LogLine[]>
}

let logFolder = ''

/** Sets up logging for a test file: JSON, DEBUG, into a temporary folder. Call at its top. */
export function withLogFiles(): { readonly folder: () => string } {
  beforeAll(async () => {
    logFolder = await tempDir('file')
    setupLogging({
      component: 'backend',
      env: {
        LOG_LEVEL: 'DEBUG',
        JSON_LOGS: 'true',
        LOG_CONSOLE: 'off',
        LOG_FILE: path.join(logFolder, 'backend.log'),
        ERROR_LOG_FILE: path.join(logFolder, 'errors.log'),
      },
      cwd: logFolder,
      handleSignals: false,
      captureUncaught: false,
    })
  })
  afterAll(closeLogging)
  return { folder: () => logFolder }
}

export async function readLogLines(file = path.join(logFolder, 'backend.log')): Promise<LogLine[]> {
  await flushLogging()
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as LogLine)
}

export interface TestApiOptions {
  readonly providers?: readonly Provider[]
  readonly trustedProxies?: readonly string[]
}

/** Runs `work` against an API of its own and closes it. */
export async function withApi<T>(
  postgres: TestPostgres,
  work: (api: TestApi) => Promise<T>,
  options: TestApiOptions = {},
): Promise<T> {
  return withDatabase(postgres, async (database, databaseUrl) => {
    let offsetMs = 0
    const now = () => Date.now() + offsetMs
    const secretBox = new SecretBox(TEST_SECRET_KEY)
    const pixverse = new PixverseProvider({ baseUrl: 'http://127.0.0.1:9/openapi/v2', timeoutMs: 1000 })
    const app = await buildServer(
      {
        database,
        auth: new AuthService({
          db: database.db,
          passwords: new Passwords(),
          tokens: new Tokens(TEST_SECRET_KEY, now),
          tokenLifetimeDays: 30,
          now,
        }),
        tokenLifetimeSec: 30 * 86_400,
        registry: createProviderRegistry(options.providers ?? [pixverse]),
        secretBox,
        storageFolder: path.join(logFolder, 'storage'),
        limiters: createRateLimiters(now),
      },
      options,
    )
    const origin = await app.listen({ host: '127.0.0.1', port: 0 })
    const call: TestApi['call'] = async (method, route, { token, body, headers } = {}) => {
      const response = await fetch(`${origin}${urlPath(route)}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
      return {
        status: response.status,
        headers: response.headers,
        body: isJson && text !== '' ? JSON.parse(text) : undefined,
        text,
        requestId: response.headers.get('x-request-id') ?? '',
      }
    }
    const register = async (name: string): Promise<SignedInUser> => {
      const email = `${name}@example.com`
      const { status, body, text } = await call('POST', 'auth/register', {
        body: { email, username: name, password: TEST_PASSWORD },
      })
      if (status !== 201) throw new Error(`registration failed: ${text}`)
      const token: string = body.access_token
      return {
        id: body.user.id,
        token,
        email,
        call: (method, route, sent) => call(method, route, { token, body: sent }),
      }
    }
    try {
      return await work({
        origin,
        database,
        databaseUrl,
        secretBox,
        call,
        register,
        makeAdmin: async ({ id }) => {
          await database.db.updateTable('users').set({ role: 'admin' }).where('id', '=', id).execute()
        },
        advance: (ms) => {
          offsetMs += ms
        },
        logLines: () => readLogLines(),
        linesOf: async ({ requestId }) =>
          (await readLogLines()).filter((line) => line['request_id'] === requestId),
      })
    } finally {
      await app.close()
    }
  })
}

/** `jobs` is short for `/api/v1/jobs`; what begins with a slash is taken as it is. */
function urlPath(route: string): string {
  return route.startsWith('/') ? route : `/api/v1/${route}`
}
