import { fork, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { constants, setPriority } from 'node:os'
import { StoreError, type StoreErrorCode } from '../store-error.ts'
import type { EngineOptions } from '../store-options.ts'
import type { FromEngine, ToEngine } from './protocol.ts'

/** Loading 566 MB from a cold disk blocks the process for 10 s and more, and a large store takes its time to open. */
const START_DEADLINE_MS = 120_000
/** A process that has said nothing for so long hangs: some faults of the engine end in a signal handler for ever. */
const SILENCE_LIMIT_MS = 5000
const CHECK_INTERVAL_MS = 1000
/** How long an engine may take to store what it has read before it is killed; nothing is lost by that. */
const CLOSE_DEADLINE_MS = 8000
const STDERR_KEPT_CHARACTERS = 2000

/** Of the host's environment only this: the engine needs no secrets, and no hooks of the host's. */
const PASSED_VARIABLES = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TZ',
  'LANG',
  'LC_ALL',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
]

export interface EngineProcessListener {
  onMessage(message: FromEngine): void
  /** Once, when the process has ended or was killed; `reason` says why, for people. */
  onEnd(reason: string, refusal: StoreError | undefined): void
}

/** One life of the engine's process: started by the constructor, ended by `kill`, `close`, itself or its own silence. */
export class EngineProcess {
  readonly #child: ChildProcess
  readonly #listener: EngineProcessListener
  readonly #ended: Promise<void>
  readonly #check: NodeJS.Timeout
  #isReady = false
  #isClosing = false
  #heardMs: number
  #checkedMs: number
  #killReason: string | undefined
  #refusal: StoreError | undefined
  #stderr = ''

  constructor(options: EngineOptions, listener: EngineProcessListener) {
    this.#listener = listener
    this.#heardMs = this.#checkedMs = performance.now()
    // Resolved by name, so that the built program is started wherever this file runs from.
    const program = createRequire(import.meta.url).resolve('@pixsim7/store/engine-child')
    const environment = PASSED_VARIABLES.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value] as const]
    })
    this.#child = fork(program, [], {
      // Asynchronous queries hold threads of libuv's pool, four by default, and would starve reading files.
      env: { ...Object.fromEntries(environment), UV_THREADPOOL_SIZE: '16' },
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#ended = new Promise((resolve) => {
      // 'close' comes after the last message and the last output, 'exit' may come before.
      this.#child.once('close', (code, signal) => {
        this.#finish(signal === null ? `it ended with status ${code}` : `it was ended by ${signal}`)
        resolve()
      })
      this.#child.once('error', (error) => {
        this.#finish(`it could not be started: ${error.message}`)
        resolve()
      })
    })
    this.#child.on('message', (message) => this.#receive(message as FromEngine))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT_CHARACTERS)
    })
    this.#check = setInterval(() => this.#checkSilence(), CHECK_INTERVAL_MS)
    lowerPriority(this.#child.pid)
    this.send({ type: 'open', options })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** False when the process is gone; what was asked then never comes back. */
  send(message: ToEngine): boolean {
    if (!this.#child.connected) return false
    // The callback keeps a channel that breaks in this moment from raising 'error'; the process's end is reported anyway.
    this.#child.send(message, () => undefined)
    return true
  }

  /** Ends the process at once. Safe at any moment: the store is meant to be killed. */
  kill(reason: string): void {
    this.#killReason ??= reason
    this.#child.kill('SIGKILL')
  }

  /** Lets the process store what it has read, then ends it. Resolves when it is gone. */
  async close(): Promise<void> {
    this.#isClosing = true
    if (!this.send({ type: 'close' })) this.kill('the store was closed')
    const deadline = setTimeout(() => this.kill('it did not close in time'), CLOSE_DEADLINE_MS)
    await this.#ended
    clearTimeout(deadline)
  }

  #receive(message: FromEngine): void {
    this.#heardMs = performance.now()
    if (message.type === 'ready') this.#isReady = true
    if (message.type === 'refused') {
      this.#refusal = new StoreError(message.code as StoreErrorCode, message.message)
    }
    this.#listener.onMessage(message)
  }

  #checkSilence(): void {
    const nowMs = performance.now()
    // When this process itself has stood still, the child's messages are waiting to be read: give them a turn.
    if (nowMs - this.#checkedMs > 2 * CHECK_INTERVAL_MS) this.#heardMs = nowMs
    this.#checkedMs = nowMs
    const limitMs = this.#isReady ? SILENCE_LIMIT_MS : START_DEADLINE_MS
    if (!this.#isClosing && nowMs - this.#heardMs > limitMs) {
      this.kill(`it had not answered for ${Math.round((nowMs - this.#heardMs) / 1000)} s and was killed`)
    }
  }

  #finish(how: string): void {
    clearInterval(this.#check)
    const said = this.#stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? ''
    const reason = this.#killReason ?? (said === '' ? how : `${how}; it said: ${said}`)
    this.#listener.onEnd(reason, this.#refusal)
  }
}

/**
 * Behind the applications of the machine, but not at the lowest: there, a busy machine leaves it less than 1 % of a core,
 * and it would be taken for hanging.
 */
function lowerPriority(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // Not allowed here, or ended already: it then runs at the usual priority.
  }
}
