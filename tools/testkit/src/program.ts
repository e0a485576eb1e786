import { spawn, type ChildProcess } from 'node:child_process'
import type { Writable } from 'node:stream'
import { cleanUpAfter, type Lifetime } from './cleanup.ts'
import { Output } from './output.ts'
import { DEFAULT_TIMEOUT_MS } from './wait-for.ts'

export interface ProgramOptions {
  readonly cwd?: string
  /** Added to this process's environment, without what vitest puts there; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Text for its standard input, which then ends. Without it the input stays open, see `Program.stdin`. */
  readonly input?: string
  /** Until when it may run: it is killed, with its children, after the test (the default) or the file's last test. */
  readonly lifetime?: Lifetime
}

export interface ProgramExit {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

const running = new Set<Program>()
// The last resort when the test run itself is ended.
process.on('exit', () => {
  for (const program of running) program.kill('SIGKILL')
})

/** How long output is still collected after the end of a program whose children hold it open. */
const OUTPUT_GRACE_MS = 1000

/** A child process in a process group of its own, whose output is collected. */
export class Program {
  readonly pid: number
  readonly stdin: Writable
  /** Resolves when it has ended and its output is complete; rejects when it could not be started. */
  readonly exit: Promise<ProgramExit>
  readonly #child: ChildProcess
  readonly #command: string
  readonly #stdout: Output
  readonly #stderr: Output
  readonly #lines: string[] = []
  readonly #watchers = new Set<() => void>()
  #hasEnded = false

  constructor(command: string, args: readonly string[], options: ProgramOptions) {
    this.#command = [command, ...args].join(' ')
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: environment(options.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, so that children of the child are reached too.
      detached: process.platform !== 'win32',
    })
    this.#child = child
    this.pid = child.pid ?? -1
    this.stdin = child.stdin
    // It may end before it has read its input; then there is nobody to tell.
    child.stdin.on('error', () => {})
    if (options.input !== undefined) child.stdin.end(options.input)
    const onLine = (line: string) => {
      this.#lines.push(line)
      this.#wake()
    }
    this.#stdout = new Output(child.stdout, onLine)
    this.#stderr = new Output(child.stderr, onLine)
    this.exit = this.#watchExit(options.lifetime ?? 'test')
    // Not every test waits for the end; who does, still sees the rejection.
    this.exit.catch(() => {})
  }

  get stdout(): string {
    return this.#stdout.text
  }

  get stderr(): string {
    return this.#stderr.text
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /**
   * Waits for a line, of either stream, that matches; lines printed earlier count too.
   *
   * @throws Error with all output, when the program ends without one or `timeoutMs` (default 60,000) have passed.
   */
  async waitForLine(
    pattern: RegExp,
    options: { readonly timeoutMs?: number } = {},
  ): Promise<RegExpExecArray> {
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
    const expression = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''))
    let seen = 0
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer)
        this.#watchers.delete(look)
        settle()
      }
      const look = () => {
        for (; seen < this.#lines.length; seen += 1) {
          const match = expression.exec(this.#lines[seen] ?? '')
          if (match !== null) return finish(() => resolve(match))
        }
        if (this.#hasEnded) finish(() => reject(this.#noLine(pattern, 'it ended')))
      }
      const timer = setTimeout(
        () => finish(() => reject(this.#noLine(pattern, `${timeoutMs} ms passed`))),
        timeoutMs,
      )
      this.#watchers.add(look)
      look()
    })
  }

  /** Sends a signal to it and all its children, those too that have outlived it. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    if (this.pid === -1) return
    try {
      if (process.platform === 'win32') this.#child.kill(signal)
      else process.kill(-this.pid, signal)
    } catch {
      // Nobody is left in its group.
    }
  }

  /** Sends a signal to it alone, not to its children. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Asks it to end (SIGTERM to it alone), kills it and its children when it has not within `timeoutMs` (default 30,000). */
  async stop(options: { readonly timeoutMs?: number } = {}): Promise<ProgramExit> {
    this.signal('SIGTERM')
    const timer = setTimeout(() => this.kill(), options.timeoutMs ?? 30_000)
    try {
      return await this.exit
    } finally {
      clearTimeout(timer)
    }
  }

  #watchExit(lifetime: Lifetime): Promise<ProgramExit> {
    const child = this.#child
    running.add(this)
    const forget = cleanUpAfter(lifetime, async () => {
      this.kill()
      running.delete(this)
      await this.exit.catch(() => {})
    })
    return new Promise<ProgramExit>((resolve, reject) => {
      const ended = (settle: () => void) => {
        if (this.#hasEnded) return
        this.#hasEnded = true
        // Children that outlive it are left alone, for tests that watch what they do; they end with the lifetime.
        if (!this.#hasGroup()) {
          running.delete(this)
          forget()
        }
        settle()
        this.#wake()
      }
      child.once('error', (error) => {
        if (child.pid === undefined)
          ended(() => reject(new Error(`Could not start ${this.#command}`, { cause: error })))
      })
      const finish = (code: number | null, signal: NodeJS.Signals | null) =>
        ended(() => resolve({ code, signal, stdout: this.stdout, stderr: this.stderr }))
      child.once('close', finish)
      // A child of its own that has inherited the output may hold it open for ever.
      child.once(
        'exit',
        (code, signal) => void setTimeout(() => finish(code, signal), OUTPUT_GRACE_MS).unref(),
      )
    })
  }

  #hasGroup(): boolean {
    if (this.pid === -1 || process.platform === 'win32') return false
    try {
      process.kill(-this.pid, 0)
      return true
    } catch {
      // The group is empty.
      return false
    }
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }

  #noLine(pattern: RegExp, why: string): Error {
    const output = `--- stdout\n${this.stdout}\n--- stderr\n${this.stderr}`
    return new Error(
      `${this.#command} (pid ${this.pid}) printed no line like ${String(pattern)} before ${why}.\n${output}`,
    )
  }
}

/** Starts a program. It is killed with its children at the end of its lifetime, by default the running test. */
export function startProgram(
  command: string,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): Program {
  return new Program(command, args, options)
}

/** Starts a JavaScript file with this Node; `args` may begin with options of Node only through `nodeArgs`. */
export function startNode(
  script: string,
  args: readonly string[] = [],
  options: ProgramOptions & { readonly nodeArgs?: readonly string[] } = {},
): Program {
  return new Program(process.execPath, [...(options.nodeArgs ?? []), script, ...args], options)
}

/** Runs a program to its end. It is killed after `timeoutMs` (default 60,000), which `signal` then shows. */
export async function runProgram(
  command: string,
  args: readonly string[] = [],
  options: ProgramOptions & { readonly timeoutMs?: number } = {},
): Promise<ProgramExit> {
  const program = new Program(command, args, { ...options, input: options.input ?? '' })
  const timer = setTimeout(() => program.kill(), options.timeoutMs ?? DEFAULT_TIMEOUT_MS)
  try {
    return await program.exit
  } finally {
    clearTimeout(timer)
  }
}

function environment(changes: ProgramOptions['env'] = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_ENV$|TEST$|NODE_OPTIONS$)/.test(name),
  )
  // Entries that are undefined are left out by spawn.
  return { ...Object.fromEntries(inherited), ...changes }
}
