import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { CliError } from '../cli-error.ts'

/** How long the server may take to end before it is killed; its own limit is 9.5 s. */
const STOP_LIMIT_MS = 12_000
/** Of what it writes to stderr, the last part is kept, for the error when it does not start. */
const KEPT_STDERR_CHARACTERS = 2000

/** Why a start went wrong, as the log server tells it. */
export interface StartFailure {
  readonly code: string | null
  readonly message: string
}

/**
 * The log server's program, run for the length of one command: no port, only the local socket. It ends when its standard
 * input does, so it goes with this process however this process goes, kill -9 included.
 */
export class OwnServer {
  readonly #child: ChildProcess
  readonly #exited: Promise<void>
  #hasExited = false

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#exited = new Promise((resolve) => {
      child.once('exit', () => {
        this.#hasExited = true
        resolve()
      })
    })
  }

  get isRunning(): boolean {
    return !this.#hasExited
  }

  /** Starts it and waits until it answers at its socket. Resolves with the reason when it cannot. */
  static async start(): Promise<OwnServer | StartFailure> {
    const program = fileURLToPath(import.meta.resolve('@pixsim7/server/program'))
    const child = spawn(process.execPath, [program, '--local'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C is for us, and we end it in order.
      detached: true,
    })
    const server = new OwnServer(child)
    // It may end before it has read anything; then there is nobody to tell.
    child.stdin.on('error', () => {})
    let stderr = ''
    child.stderr.on(
      'data',
      (chunk: Buffer) => (stderr = (stderr + String(chunk)).slice(-KEPT_STDERR_CHARACTERS)),
    )
    const outcome = await new Promise<'ready' | StartFailure>((resolve) => {
      child.once('error', (error) => resolve({ code: null, message: error.message }))
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.startsWith('PIXSIM7_READY ')) resolve('ready')
        if (line.startsWith('PIXSIM7_FAILED ')) resolve(JSON.parse(line.slice(15)) as StartFailure)
      })
      void server.#exited.then(() =>
        resolve({ code: null, message: stderr.trim() || 'it ended without a word' }),
      )
    })
    if (outcome === 'ready') return server
    await server.stop()
    return outcome
  }

  /** Ends it; resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.#child.pid === undefined) return
    this.#child.stdin?.end()
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS)
    await this.#exited
    clearTimeout(killer)
  }
}

/** A start that went wrong, for the user. */
export function notStarted({ message }: StartFailure): CliError {
  return new CliError(
    'CLI_SERVER_NOT_STARTED',
    `No log server runs here, and one could not be started for this command: ${message}`,
  )
}
