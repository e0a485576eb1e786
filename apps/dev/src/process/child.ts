/** One run of one program: a process group of its own, the end of its output, its end. */
import { spawn } from 'node:child_process'
import { OutputTail } from './output-tail.ts'
import { identifyProcess, isGroupRunning, type ProcessIdentity } from './process-table.ts'
import { sendSignal, waitUntil } from './signals.ts'

/** How long what else is in the group may go on after the program itself has ended well. */
const GROUP_GRACE_MS = 2000
const KILL_PATIENCE_MS = 5000
/** After its end its own children may hold the pipes open for ever: what has arrived by then is what there is. */
const LAST_OUTPUT_MS = 500

export interface ChildOptions {
  readonly command: readonly [string, ...string[]]
  readonly cwd: string
  readonly environment: NodeJS.ProcessEnv
  /** Sees each line it prints; true claims the line, which is then not kept. */
  readonly onLine: (line: string) => boolean
}

/** How a program ended. */
export interface ChildExit {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  /** Set when the program could not even be started. */
  readonly error?: Error
}

/** `ended with status 1`, `was ended by SIGKILL`, `could not be started: …`. */
export function describeExit(exit: ChildExit): string {
  if (exit.error !== undefined) return `could not be started: ${exit.error.message}`
  return exit.signal === null ? `ended with status ${exit.status}` : `was ended by ${exit.signal}`
}

/** A started program. Whoever starts one sees to it that {@link stop} or {@link kill} is called, or waits for {@link exited}. */
export class Child {
  /** Undefined when it could not be started, or was gone before anybody could look. */
  readonly identity: ProcessIdentity | undefined
  /** Resolves, never rejects, when the program has ended and its output is read. */
  readonly exited: Promise<ChildExit>
  readonly #tail: OutputTail
  readonly #pid: number | undefined
  #hasExited = false

  constructor(options: ChildOptions) {
    const [program, ...args] = options.command
    this.#tail = new OutputTail(options.onLine)
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group (and session) of its own: Ctrl-C in the terminal reaches the launcher alone, which stops all in order.
      detached: true,
    })
    this.#pid = child.pid
    this.identity = child.pid === undefined ? undefined : identifyProcess(child.pid)
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => this.#tail.write(text))
    }
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => {
        // Also emitted for a signal that could not be sent; then it is still running.
        if (child.pid !== undefined) return
        this.#hasExited = true
        resolve({ status: null, signal: null, error })
      })
      child.once('exit', (status, signal) => {
        this.#hasExited = true
        const end = () => {
          clearTimeout(timer)
          child.stdout.destroy()
          child.stderr.destroy()
          resolve({ status, signal })
        }
        const timer = setTimeout(end, LAST_OUTPUT_MS)
        child.once('close', end)
      })
    })
  }

  get hasExited(): boolean {
    return this.#hasExited
  }

  /** Its last lines of output, safe to print. */
  output(): readonly string[] {
    return this.#tail.lines()
  }

  /** SIGTERM; after `timeoutMs` SIGKILL to its whole group. Resolves when nothing of the group is left. Safe twice. */
  async stop(timeoutMs: number): Promise<void> {
    if (this.#pid === undefined) return
    if (!this.#hasExited) sendSignal(this.#pid, 'SIGTERM')
    const hasEnded = await waitUntil(() => this.#hasExited, timeoutMs)
    // Its own children end by themselves when it ends in order; what does not gets no second chance.
    if (hasEnded && (await waitUntil(() => !this.#hasGroup(), GROUP_GRACE_MS))) return
    this.kill()
    await this.exited
    await waitUntil(() => !this.#hasGroup(), KILL_PATIENCE_MS)
  }

  /** SIGKILL to the whole group at once. */
  kill(): void {
    if (this.#pid !== undefined) sendSignal(-this.#pid, 'SIGKILL')
  }

  #hasGroup(): boolean {
    return this.#pid !== undefined && isGroupRunning(this.#pid)
  }
}
