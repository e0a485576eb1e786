import { createClient, type LogClient } from '@pixsim7/protocol/client'
import { startNode, tempDir, waitFor, type Program } from '@pixsim7/testkit'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))
export const API_TOKEN = 'token-of-the-tests-0123456789abcdef'

type Lifetime = 'test' | 'file'
export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly lifetime?: Lifetime
}

/** The log server as its own process, over a folder of its own. */
export interface RunningLogServer {
  readonly program: Program
  readonly port: number
  readonly url: string
  /** As it was announced: a generated password, or null. */
  readonly password: string | null
  /** With the API token. */
  readonly client: LogClient
}

/** An empty project folder: `.env`, `data/logs`. */
export async function projectFolder(lifetime: Lifetime = 'test'): Promise<string> {
  const folder = await tempDir(lifetime)
  mkdirSync(path.join(folder, 'data/logs'), { recursive: true })
  writeFileSync(path.join(folder, '.env'), '')
  return folder
}

/** The environment a log server in `folder` is started with; its port is one the system chooses. */
export function environmentOf(env: StartOptions['env'] = {}): Record<string, string> {
  return { LOGS_PORT: '0', LOGS_API_TOKEN: API_TOKEN, LOGS_MEMORY: '512MB', PIXSIM7_LAUNCHER: '1', ...env }
}

/** Starts a log server in `folder`; it listens, its store may still be starting. */
export async function startLogServer(folder: string, options: StartOptions = {}): Promise<RunningLogServer> {
  const program = startNode(MAIN, [], {
    cwd: folder,
    env: environmentOf(options.env),
    lifetime: options.lifetime ?? 'test',
  })
  const [, json = ''] = await program.waitForLine(/^PIXSIM7_READY (\{.*\})$/)
  const { url, password } = JSON.parse(json) as { url: string; password: string | null }
  const port = Number(new URL(url).port)
  return { program, port, url, password, client: createClient({ baseUrl: url, token: API_TOKEN }) }
}

/** The same, with its store open. */
export async function startReadyLogServer(
  folder: string,
  options: StartOptions = {},
): Promise<RunningLogServer> {
  const server = await startLogServer(folder, options)
  await waitFor(async () => (await server.client.health()).status === 'ok', { what: 'the store to open' })
  return server
}

/** Waits until the store holds `count` entries. */
export async function waitForRows({ client }: RunningLogServer, count: number): Promise<void> {
  await waitFor(async () => (await client.logs({ limit: 1 })).total >= count, {
    what: `${count} stored entries`,
  })
}

export interface LineFields {
  readonly timestamp?: string
  readonly level?: string
  readonly logger?: string
  readonly message: string
  readonly [field: string]: unknown
}

/** Appends records as the logging library writes them with JSON_LOGS=true. */
export function appendLines(folder: string, file: string, lines: readonly LineFields[]): void {
  const text = lines
    .map(({ timestamp = new Date()
        .toISOString()
        .replace('Z', '000Z'), level = 'INFO', logger = 'test', message, ...fields }) =>
      JSON.stringify({
        timestamp,
        level,
        logger,
        message,
        module: null,
        function: null,
        line: null,
        ...fields,
      }),
    )
    .join('\n')
  appendFileSync(path.join(folder, 'data/logs', file), `${text}\n`)
}
