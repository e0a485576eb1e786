import { LOCAL_SOCKET_NAME, LOCAL_SOCKET_PATH_LIMIT_BYTES } from '@pixsim7/protocol/client'
import { connect } from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Agent, fetch as undiciFetch } from 'undici'
import { CliError } from '../cli-error.ts'
import { Progress } from '../output/progress.ts'
import { notStarted, OwnServer } from './own-server.ts'

/** What stands at the local socket: `denied` belongs to another user. */
export type SocketState = 'answers' | 'absent' | 'denied' | 'too_long'

/** A store that another process has open, without a socket, is waited for this long: its log server may be starting. */
const STORE_IN_USE_LIMIT_MS = 30_000
const PAUSE_MS = 100
/** The server of another command may end between our connection and its answer, ours may be killed; more is no accident. */
const ATTEMPTS = 4

export function localSocketPath(dataDir: string): string {
  return path.join(dataDir, LOCAL_SOCKET_NAME)
}

/** Looks whether somebody answers at the local socket of a data folder. */
export async function probeSocket(dataDir: string): Promise<SocketState> {
  const socketPath = localSocketPath(dataDir)
  // A longer path would be cut in silence, and lead elsewhere.
  if (Buffer.byteLength(socketPath) > LOCAL_SOCKET_PATH_LIMIT_BYTES) return 'too_long'
  return new Promise((resolve) => {
    const connection = connect(socketPath)
    const finish = (state: SocketState) => {
      connection.destroy()
      resolve(state)
    }
    connection.once('connect', () => finish('answers'))
    connection.once('error', (error: NodeJS.ErrnoException) =>
      finish(error.code === 'EACCES' ? 'denied' : 'absent'),
    )
  })
}

/**
 * The log server of this project, at its local socket. Where none runs, its program is started for as long as this object
 * lives; where another command has started one, that one answers, and when it goes another takes its place. Callers notice
 * nothing of that.
 */
export class LocalServer {
  readonly #dataDir: string
  readonly #agent: Agent
  #own: OwnServer | undefined
  #starting: Promise<void> | undefined

  constructor(dataDir: string) {
    this.#dataDir = dataDir
    this.#agent = new Agent({ connect: { socketPath: localSocketPath(dataDir) } })
  }

  /** Whether the server that answers was started for this command. */
  get isOwn(): boolean {
    return this.#own?.isRunning === true
  }

  /** fetch through the socket. @throws CliError CLI_SERVER_NOT_STARTED */
  readonly fetch: typeof fetch = async (input, init) => {
    for (let attempt = 1; ; attempt++) {
      await this.ensure()
      try {
        const options = { ...init, dispatcher: this.#agent } as unknown as Parameters<typeof undiciFetch>[1]
        return (await undiciFetch(input as string, options)) as unknown as Response
      } catch (error) {
        if (init?.signal?.aborted || attempt === ATTEMPTS) throw error
        await delay(PAUSE_MS)
      }
    }
  }

  /** Resolves when somebody answers at the socket. @throws CliError CLI_SERVER_NOT_STARTED */
  ensure(): Promise<void> {
    this.#starting ??= this.#ensure().finally(() => (this.#starting = undefined))
    return this.#starting
  }

  async #ensure(): Promise<void> {
    if ((await probeSocket(this.#dataDir)) === 'answers') return
    const giveUpAtMs = performance.now() + STORE_IN_USE_LIMIT_MS
    const progress = new Progress('No log server runs here; starting one for this command …')
    try {
      for (;;) {
        const outcome = await OwnServer.start()
        if (outcome instanceof OwnServer) {
          this.#own = outcome
          return
        }
        // Another command, or a log server that is just starting, was faster; or an earlier one is still ending.
        if (outcome.code !== 'STORE_IN_USE' || performance.now() > giveUpAtMs) throw notStarted(outcome)
        progress.update('The store is open in another process; waiting for it …')
        await delay(PAUSE_MS)
        if ((await probeSocket(this.#dataDir)) === 'answers') return
      }
    } finally {
      progress.end()
    }
  }

  /** Closes connections, and ends the server that was started for this command. */
  async close(): Promise<void> {
    await this.#agent.destroy()
    await this.#own?.stop()
  }
}

/** For a socket that is there and must not be opened, or cannot be there. */
export function unusableSocket(dataDir: string, state: 'denied' | 'too_long'): CliError {
  const socketPath = localSocketPath(dataDir)
  return new CliError(
    'CLI_SERVER_NOT_REACHED',
    state === 'denied'
      ? `The log server's socket ${socketPath} belongs to another user. Run pixlogs as that user, or give it the log server's token: --token, or LOGS_API_TOKEN.`
      : `The path of the log server's socket, ${socketPath}, is longer than the ${LOCAL_SOCKET_PATH_LIMIT_BYTES} bytes a socket can have. Set a shorter LOGS_DATA_DIR, or start the log server (npm run logs) and give pixlogs its token: --token, or LOGS_API_TOKEN.`,
  )
}
