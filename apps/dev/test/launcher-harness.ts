/** What the tests of the launcher share: a temporary folder, a plan of small real programs, the launcher as a process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { identifyProcess } from '../src/process/process-table.ts'
import { waitUntil } from '../src/process/signals.ts'
import type { ServiceDefinition } from '../src/service.ts'
import type { RestartPolicy } from '../src/supervised-service.ts'

const PROGRAMS = path.join(import.meta.dirname, 'programs')
/** Below the limit of a test, so that it says what it waited for. */
const PATIENCE_MS = 110_000

/** Quick enough for a test, with the shape of the real one. */
export const QUICK_POLICY: RestartPolicy = {
  maxFailedStarts: 3,
  firstPauseMs: 50,
  longestPauseMs: 200,
  stableAfterMs: 60_000,
}

/** One event that a test program noted: what, who, which process. */
export interface JournalEntry {
  readonly event: string
  readonly name: string
  readonly pid: number
}

/** A folder with blanks in its name, the launchers started in it, and what their services noted. */
export class Stage {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'launcher test '))
  readonly #launchers: ChildProcess[] = []

  get journalFile(): string {
    return path.join(this.folder, 'journal')
  }

  get pidFile(): string {
    return path.join(this.folder, 'data', 'dev.pid.json')
  }

  /** A service of the list; `behaviours` as in programs/service.mjs. */
  service(
    name: string,
    behaviours: readonly string[] = [],
    changes: Partial<ServiceDefinition> = {},
  ): ServiceDefinition {
    return {
      name,
      title: name,
      command: [process.execPath, path.join(PROGRAMS, 'service.mjs'), name, this.journalFile, ...behaviours],
      environment: {},
      after: [],
      readiness: { kind: 'line', pattern: '^READY (.*)$' },
      startTimeoutMs: PATIENCE_MS,
      stopTimeoutMs: PATIENCE_MS,
      ...changes,
    }
  }

  /** Starts the launcher with these services, and collects what it prints. */
  launch(
    services: readonly ServiceDefinition[],
    extra: { problems?: string[]; through?: readonly string[] } = {},
  ): Launch {
    const plan = {
      cwd: this.folder,
      dataFolder: path.join(this.folder, 'data'),
      services,
      restartPolicy: QUICK_POLICY,
      problems: extra.problems,
    }
    const planFile = path.join(this.folder, `plan-${this.#launchers.length}.json`)
    writeFileSync(planFile, JSON.stringify(plan))
    const words = [...(extra.through ?? []), process.execPath, path.join(PROGRAMS, 'launcher.mjs'), planFile]
    const child = spawn(words[0] ?? '', words.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#launchers.push(child)
    return new Launch(child)
  }

  journal(): JournalEntry[] {
    let text = ''
    try {
      text = readFileSync(this.journalFile, 'utf8')
    } catch {
      // No service has been started yet.
    }
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [event = '', name = '', pid = ''] = line.split(' ')
        return { event, name, pid: Number(pid) }
      })
  }

  /** Names of the services that noted `event`, in order. */
  noted(event: string): string[] {
    return this.journal()
      .filter((entry) => entry.event === event)
      .map(({ name }) => name)
  }

  /** Every process the test programs noted that is still running. */
  survivors(): JournalEntry[] {
    return this.journal().filter(({ event, pid }) => event === 'start' && identifyProcess(pid) !== undefined)
  }

  async close(): Promise<void> {
    for (const launcher of this.#launchers) launcher.kill('SIGKILL')
    for (const { pid } of this.survivors()) process.kill(pid, 'SIGKILL')
    await waitUntil(() => this.survivors().length === 0, PATIENCE_MS)
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A launcher that was started. */
export class Launch {
  readonly child: ChildProcess
  readonly exited: Promise<number | null>
  #output = ''

  constructor(child: ChildProcess) {
    this.child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text))
    }
    this.exited = new Promise((resolve) => child.once('close', (status) => resolve(status)))
  }

  get output(): string {
    return this.#output
  }

  get pid(): number {
    return this.child.pid ?? 0
  }

  /** Waits until it has printed `text`. @throws with everything it printed, when it does not */
  async says(text: string): Promise<void> {
    if (await waitUntil(() => this.#output.includes(text), PATIENCE_MS)) return
    throw new Error(`The launcher never printed "${text}", but:\n${this.#output}`)
  }
}

/** Waits for a condition. @throws naming it, when it is not met */
export async function until(what: string, isMet: () => boolean): Promise<void> {
  if (!(await waitUntil(isMet, PATIENCE_MS))) throw new Error(`Waited in vain until ${what}`)
}

/** A TCP port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
