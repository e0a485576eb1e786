import { existsSync } from 'node:fs'
import { createClient, ProtocolError, type LogClient } from '@pixsim7/protocol/client'
import { CliError } from '../cli-error.ts'
import { logFiles } from '../log-files.ts'
import { formatBytes } from '../output/numbers.ts'
import { addressOf, readCliSettings, type CliSettings } from '../settings.ts'
import { waitUntilCaughtUp } from './caught-up.ts'
import { LocalServer, probeSocket, unusableSocket } from './local-server.ts'
import { patientFetch } from './patient-fetch.ts'

export interface ConnectOptions {
  /** `--url` */
  readonly url?: string | undefined
  /** `--token` */
  readonly token?: string | undefined
}

/** Where answers come from. */
export interface LogSource {
  readonly client: LogClient
  /** For words: `the log server at http://127.0.0.1:5173`. */
  readonly name: string
  /** The server at the local socket; undefined over TCP. */
  readonly local: LocalServer | undefined
  close(): Promise<void>
}

/**
 * Finds the log server to ask, in this order: the one `--url`, `PIXLOGS_URL` or `--token` point to; the one of this project,
 * at its local socket; with LOGS_API_TOKEN, the one at LOGS_HOST and LOGS_PORT. Undefined when none of them is there.
 *
 * The socket comes before a token from the settings because it lies in this project's own data folder: what answers there
 * cannot be another project's log server that happens to have the port.
 *
 * @throws CliError
 */
export async function findRunning({ url, token }: ConnectOptions): Promise<LogSource | undefined> {
  const settings = readCliSettings()
  const baseUrl = url ?? settings.url
  if (baseUrl !== undefined || token !== undefined)
    return atAddress(baseUrl ?? addressOf(settings), token ?? settings.apiToken)
  const state = await probeSocket(settings.dataDir)
  if (state === 'answers') return atSocket(settings.dataDir)
  if (settings.apiToken !== undefined) {
    const server = atAddress(addressOf(settings), settings.apiToken)
    if (await answers(server.client)) return server
  }
  if (state === 'denied' || state === 'too_long') throw unusableSocket(settings.dataDir, state)
  return undefined
}

/**
 * The log server to ask; where none runs, one is started for this command. One that was started just now has read what
 * the log files hold when this resolves.
 *
 * @param onNotice is told what the user must know before the answers
 * @throws CliError
 */
export async function openLogSource(
  options: ConnectOptions,
  onNotice: (notice: string) => void,
): Promise<LogSource> {
  const source = (await findRunning(options)) ?? startOwn()
  const { client, local } = source
  if (local === undefined) return source
  try {
    await local.ensure()
    const leftBytes = await waitUntilCaughtUp(client, local.isOwn)
    if (leftBytes > 0)
      onNotice(
        `${formatBytes(leftBytes)} at the end of log files are not read: a line without its end, or a file that cannot be read. pixlogs doctor tells which.`,
      )
    return source
  } catch (error) {
    await source.close()
    throw error
  }
}

/** @throws CliError CLI_NO_PROJECT */
function startOwn(): LogSource {
  const settings = readCliSettings()
  assertProject(settings)
  return atSocket(settings.dataDir)
}

/** A store made in a folder where nothing logs would answer nothing, and be left behind. */
function assertProject({ dataDir, files }: CliSettings): void {
  const { folder } = logFiles()
  if (files !== undefined || existsSync(dataDir) || existsSync(folder)) return
  throw new CliError(
    'CLI_NO_PROJECT',
    `There is nothing to ask here: neither ${folder} nor ${dataDir} exists, and no log server runs. Change to the project's folder, or set LOG_DIR, LOGS_FILES or PIXLOGS_URL.`,
  )
}

function atAddress(baseUrl: string, token: string | undefined): LogSource {
  const client = createClient({
    baseUrl,
    fetch: patientFetch(fetch),
    ...(token === undefined ? {} : { token }),
  })
  return { client, name: `the log server at ${baseUrl}`, local: undefined, close: async () => {} }
}

function atSocket(dataDir: string): LogSource {
  const local = new LocalServer(dataDir)
  const client = createClient({ baseUrl: 'http://localhost', fetch: patientFetch(local.fetch) })
  return { client, name: `the log server of ${dataDir}`, local, close: () => local.close() }
}

/** Whether a log server is there at all; a refusal is an answer, too. */
async function answers(client: LogClient): Promise<boolean> {
  try {
    await client.health()
    return true
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return false
  }
}
