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
import { httpClient } from './http-client.ts'
import type { Answer, HttpClient, SignedInUser } from './http-client.ts'
import { withDatabase } from './with-database.ts'
import type { TestPostgres } from './with-database.ts'

export { TEST_PASSWORD } from './http-client.ts'
export type { Answer, SignedInUser } from './http-client.ts'

export const TEST_SECRET_KEY = 'c2l4dGVlbi1ieXRlcy1vZi1ub3RoaW5nLWluLXRlc3Rz'

export interface LogLine {
  readonly level: string
  readonly logger: string
  readonly message: string
  readonly [field: string]: unknown
}

export interface TestApi extends HttpClient {
  readonly origin: string
  readonly database: Database
  readonly databaseUrl: string
  readonly secretBox: SecretBox
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
    try {
      return await work({
        origin,
        database,
        databaseUrl,
        secretBox,
        ...httpClient(origin),
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
