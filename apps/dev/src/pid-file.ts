/**
 * `data/dev.pid.json`: which launcher runs in this folder and what it has started. It keeps a second one out, and tells the
 * next one what to stop when this one was killed.
 */
import {
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import type { ProcessIdentity } from './process/process-table.ts'

/** Raised when the fields change their meaning; a file of another version is not believed. */
const VERSION = 1
const MAX_BYTES = 64 * 1024

export interface StartedProcess extends ProcessIdentity {
  /** Name of its service. */
  readonly name: string
}

export interface PidFileContent {
  readonly version: typeof VERSION
  /** Random; stands in the environment of everything this launcher starts. */
  readonly run: string
  readonly launcher: ProcessIdentity
  /** In the order of starting; of each service only the latest process. */
  readonly processes: readonly StartedProcess[]
}

function isIdentity(value: unknown): value is ProcessIdentity {
  const { pid, startedAt } = (value ?? {}) as Record<string, unknown>
  return Number.isSafeInteger(pid) && (pid as number) > 1 && typeof startedAt === 'string'
}

/**
 * What the file says; undefined when there is none, or when it holds something else: cut short by a full disk, another
 * version. Signals are sent by it, so nothing is guessed.
 */
export function readPidFile(file: string): PidFileContent | undefined {
  try {
    const text = readFileSync(file, 'utf8')
    if (text.length > MAX_BYTES) return undefined
    const content = JSON.parse(text) as Partial<Record<keyof PidFileContent, unknown>>
    const { version, run, launcher, processes } = content
    if (version !== VERSION || typeof run !== 'string' || run === '' || !isIdentity(launcher))
      return undefined
    if (!Array.isArray(processes) || !processes.every(isIdentity)) return undefined
    return content as PidFileContent
  } catch {
    return undefined // Missing, or not JSON.
  }
}

/** Gives `written` the name `file` unless that exists: unlike a rename, a link never replaces a file. @throws EEXIST */
function createOnce(written: string, file: string): void {
  try {
    linkSync(written, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
    // A file system without links (exFAT, some shared folders); for a moment a reader may see half of the file.
    copyFileSync(written, file, constants.COPYFILE_EXCL)
  }
}

/** The pid file of this launcher, held from {@link claim} to {@link release}. */
export class PidFile {
  readonly #file: string
  #content: PidFileContent

  private constructor(file: string, content: PidFileContent) {
    this.#file = file
    this.#content = content
  }

  /** Creates the file; undefined when another launcher was faster. `stale` is the content that may be replaced. */
  static claim(
    file: string,
    run: string,
    launcher: ProcessIdentity,
    stale: PidFileContent | undefined,
  ): PidFile | undefined {
    const own = new PidFile(file, { version: VERSION, run, launcher, processes: [] })
    const written = own.#writeAside()
    try {
      // Only what was looked at is replaced: another launcher may have put its own there since.
      if (readPidFile(file)?.run === stale?.run) rmSync(file, { force: true })
      createOnce(written, file)
      return own
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined
      throw error
    } finally {
      rmSync(written, { force: true })
    }
  }

  /** Notes a process that was started, in place of the service's former one. */
  add(name: string, identity: ProcessIdentity): void {
    const others = this.#content.processes.filter((process) => process.name !== name)
    this.#content = { ...this.#content, processes: [...others, { name, ...identity }] }
    try {
      renameSync(this.#writeAside(), this.#file)
    } catch {
      // A full disk must not end a run. Where there is /proc, the mark in its environment still leads to the process.
    }
  }

  /** Removes the file, when everything noted in it has ended. Safe twice. */
  release(): void {
    if (readPidFile(this.#file)?.run === this.#content.run) rmSync(this.#file, { force: true })
  }

  /** Written beside and moved, so that a reader never sees half a file. */
  #writeAside(): string {
    // The mode of the log folders, whose parent it is.
    mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o750 })
    const aside = `${this.#file}.${this.#content.launcher.pid}`
    writeFileSync(aside, `${JSON.stringify(this.#content, null, 2)}\n`, { mode: 0o600 })
    return aside
  }
}
