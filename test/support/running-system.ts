/** The whole of PixSim7 as `npm start` runs it, in a folder of its own, for tests that read what it really logs. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { freePort, startNode, withTempDir, type Lifetime, type Program } from '@pixsim7/testkit'

const LAUNCHER = path.join(import.meta.dirname, '../../apps/dev/dist/main.js')

/** A limit against hanging, not a measurement: real jobs take seconds, and the machine may be busy. */
export const PATIENCE_MS = 180_000

export interface SystemOptions {
  /** Further lines of `.env`, which also win over what the tests set to be quick. */
  readonly settings?: Readonly<Record<string, string | number>>
  /** Text of `.env` before these lines, as it stands. */
  readonly envFile?: string
  /** Environment of the launcher, which wins over `.env`; `TZ` for instance. */
  readonly environment?: Readonly<Record<string, string>>
  /** Arguments of the launcher, such as `--no-demo`. */
  readonly args?: readonly string[]
  /** Until when it runs if nobody stops it; default `test`, for `beforeAll` use `file`. */
  readonly lifetime?: Lifetime
}

export interface RunningSystem {
  readonly folder: string
  /** `data/logs` in it. */
  readonly logs: string
  readonly program: Program
  /** Of the panel, `http://localhost:<port>/logs`. */
  readonly panelUrl: string
  /** Of the log server, without a path. */
  readonly logServerUrl: string
  /** Of the API, without a path. */
  readonly apiUrl: string
  /** Of the user `admin`. */
  readonly password: string
  /** A bearer token with all rights on the log server. */
  readonly token: string
}

/** Settings of whoever runs the tests must not decide them. */
export function withoutSettings(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) =>
    /^(npm_|PORT$|HOST$|LOG|JSON_LOGS|PROVIDER_|PIX|DATABASE_URL|SECRET_KEY|[A-Z]+_LOG_)/.test(name),
  )
  return Object.fromEntries(names.map((name) => [name, undefined]))
}

/** Starts everything in `folder` and resolves once all of it is ready. The program ends with its test at the latest. */
export async function startSystem(folder: string, options: SystemOptions = {}): Promise<RunningSystem> {
  const ports = { api: await freePort(), logs: await freePort() }
  const settings = {
    PORT: ports.api,
    LOGS_PORT: ports.logs,
    PROVIDER_PORT: await freePort(),
    PIXSIM7_POSTGRES_PORT: await freePort(),
    PROVIDER_GENERATION_SEC: 1,
    PROVIDER_POLL_INTERVAL: '500ms',
    LOGS_API_TOKEN: 'token-of-the-tests-0123456789',
    ...options.settings,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
  writeFileSync(path.join(folder, '.env'), `${options.envFile ?? ''}\n${lines.join('')}`)
  const program = startNode(LAUNCHER, [...(options.args ?? [])], {
    cwd: folder,
    env: { ...withoutSettings(), ...options.environment },
    ...(options.lifetime === undefined ? {} : { lifetime: options.lifetime }),
  })
  await program.waitForLine(/Ctrl-C/, { timeoutMs: PATIENCE_MS })
  const chosen = options.settings?.['LOGS_ADMIN_PASSWORD']
  const password =
    chosen === undefined ? /user admin, password (\S+)/.exec(program.stdout)?.[1] : String(chosen)
  if (password === undefined) throw new Error(`no password in:\n${program.stdout}`)
  const logServerUrl = `http://localhost:${ports.logs}`
  return {
    folder,
    logs: path.join(folder, 'data/logs'),
    program,
    panelUrl: `${logServerUrl}/logs`,
    logServerUrl,
    apiUrl: `http://localhost:${ports.api}`,
    password,
    token: String(settings.LOGS_API_TOKEN),
  }
}

/** Ends everything in order, as Ctrl-C does. */
export async function stopSystem({ program }: RunningSystem): Promise<void> {
  program.signal('SIGINT')
  await program.exit
}

/** Runs `use` with everything started in a temporary folder, and stops it afterwards. */
export async function withSystem(
  options: SystemOptions,
  use: (system: RunningSystem) => Promise<void>,
): Promise<void> {
  await withTempDir(async (folder) => {
    const system = await startSystem(folder, options)
    try {
      await use(system)
    } finally {
      await stopSystem(system)
    }
  })
}

/** The lines of a log file, without the empty one at its end. */
export function readLines(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').slice(0, -1)
}
