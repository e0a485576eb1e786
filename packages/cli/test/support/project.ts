import { runProgram, startNode, tempDir, waitFor, type Program, type ProgramExit } from '@pixsim7/testkit'
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const PIXLOGS = fileURLToPath(new URL('../../bin/pixlogs.js', import.meta.url))
const SERVER = fileURLToPath(import.meta.resolve('@pixsim7/server/program'))
export const TOKEN = 'token-of-the-tests-0123456789abcdef'

type Lifetime = 'test' | 'file'

/** What a test's programs are run with; nothing of the machine's own settings gets in. */
export const ENVIRONMENT: Readonly<Record<string, string | undefined>> = {
  LOGS_MEMORY: '512MB',
  LOGS_API_TOKEN: undefined,
  PIXLOGS_URL: undefined,
  NO_COLOR: undefined,
  TZ: 'UTC',
}

/** An empty project folder: `.env`, `data/logs`. */
export async function projectFolder(lifetime: Lifetime = 'test'): Promise<string> {
  const folder = await tempDir(lifetime)
  mkdirSync(path.join(folder, 'data/logs'), { recursive: true })
  writeFileSync(path.join(folder, '.env'), '')
  return folder
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
  const text = lines.map(
    ({ timestamp = new Date().toISOString(), level = 'INFO', logger = 'test', message, ...fields }) => {
      const head = { timestamp: timestamp.replace(/(\.\d{3})Z$/, '$1000Z'), level, logger, message }
      return `${JSON.stringify({ ...head, module: null, function: null, line: null, ...fields })}\n`
    },
  )
  appendFileSync(path.join(folder, 'data/logs', file), text.join(''))
}

export function socketOf(folder: string): string {
  return path.join(folder, 'data/store/pixlogs.sock')
}

/** Starts the log server in a folder and waits until it answers at its socket. */
export async function startServer(
  folder: string,
  options: { readonly lifetime?: Lifetime; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly program: Program; readonly url: string }> {
  const program = startNode(SERVER, [], {
    cwd: folder,
    env: { ...ENVIRONMENT, LOGS_PORT: '0', LOGS_API_TOKEN: TOKEN, PIXSIM7_LAUNCHER: '1', ...options.env },
    lifetime: options.lifetime ?? 'test',
  })
  const [, json = ''] = await program.waitForLine(/^PIXSIM7_READY (\{.*\})$/)
  await waitFor(() => existsSync(socketOf(folder)), { what: 'the local socket' })
  return { program, url: (JSON.parse(json) as { url: string }).url }
}

/** Runs pixlogs to its end. */
export function pixlogs(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<ProgramExit> {
  return runProgram(process.execPath, [PIXLOGS, ...args], { cwd: folder, env: { ...ENVIRONMENT, ...env } })
}

/** Starts pixlogs without waiting for its end. */
export function startPixlogs(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Program {
  return startNode(PIXLOGS, args, { cwd: folder, env: { ...ENVIRONMENT, ...env } })
}

/** Runs a line of shell in which `pixlogs` is our program, as a user would type it. */
export function shell(folder: string, line: string): Promise<ProgramExit> {
  const script = `pixlogs() { ${JSON.stringify(process.execPath)} ${JSON.stringify(PIXLOGS)} "$@"; }\n${line}`
  return runProgram('bash', ['-o', 'pipefail', '-c', script], { cwd: folder, env: ENVIRONMENT })
}

/** The lines of a text that ends with a newline. */
export function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

/** Whether a process of that number runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
