/** Keeps one service running: starts it, sees it become ready, starts it again when it dies, gives up when it never comes up. */
import { Child, describeExit } from './process/child.ts'
import type { ProcessIdentity } from './process/process-table.ts'
import { stopServer } from './process/server-pid-file.ts'
import { Pause } from './pause.ts'
import { waitForHttp } from './readiness.ts'
import type { ServiceDefinition, ServiceEvent, ServiceState } from './service.ts'
import { LauncherError } from './launcher-error.ts'

/** How patient the launcher is with a service that dies. */
export interface RestartPolicy {
  /** Failed starts in a row, before it was ever ready, after which the launcher gives up. */
  readonly maxFailedStarts: number
  /** Pause before the first restart; doubles with each further one. */
  readonly firstPauseMs: number
  readonly longestPauseMs: number
  /** A service that was ready for so long begins with the first pause again. */
  readonly stableAfterMs: number
}

/** Three attempts take a few seconds when a setting is wrong; a service that once ran is tried for ever, at most twice a minute. */
export const RESTART_POLICY: RestartPolicy = {
  maxFailedStarts: 3,
  firstPauseMs: 500,
  longestPauseMs: 30_000,
  stableAfterMs: 60_000,
}

export interface SupervisedServiceOptions {
  readonly cwd: string
  /** Shared by all services; the definition's own is added. */
  readonly environment: NodeJS.ProcessEnv
  readonly restartPolicy: RestartPolicy
  readonly onEvent: (event: ServiceEvent) => void
  /** Called after each start with what identifies the new process, before anything waits. */
  readonly onProcess: (identity: ProcessIdentity) => void
}

/** What came of one run: it was ready at some time (`readyForMs`) or not, and why it is over. */
interface RunResult {
  readonly readyForMs: number | null
  readonly reason: string
  readonly output: readonly string[]
}

/**
 * A service and its present process. `start` begins its life; `stop` ends it, whatever it is doing. States as in
 * {@link ServiceState}: waiting → starting → ready → (pausing → starting → ready)*, from each to stopping → stopped, and
 * from starting to failed when it never came up.
 */
export class SupervisedService {
  readonly definition: ServiceDefinition
  readonly #options: SupervisedServiceOptions
  readonly #pause = new Pause()
  #state: ServiceState = 'waiting'
  #child: Child | undefined
  #life: Promise<void> | undefined
  #isStopping = false
  #announcement: string | undefined

  constructor(definition: ServiceDefinition, options: SupervisedServiceOptions) {
    this.definition = definition
    this.#options = options
  }

  get state(): ServiceState {
    return this.#state
  }

  /** First group of the line that told that it was ready; undefined before, or when its readiness is another. */
  get announcement(): string | undefined {
    return this.#announcement
  }

  /**
   * Starts it and resolves when it is ready for the first time; never settles when it is stopped before.
   * @throws LauncherError `SERVICE_FAILED` after the policy's number of failed starts; it is then not tried again
   */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#life ??= this.#live(resolve, reject)
    })
  }

  /** Ends it. Resolves when nothing of it is left. Safe twice, and while it is starting or pausing. */
  async stop(): Promise<void> {
    if (this.#isStopping) return this.#life
    this.#isStopping = true
    this.#pause.end()
    if (this.#life === undefined) return
    const startedAt = performance.now()
    const wasRunning = this.#child !== undefined && !this.#child.hasExited
    if (wasRunning) this.#tell('stopping', 0)
    await this.#child?.stop(this.definition.stopTimeoutMs)
    if (this.definition.serverPidFile !== undefined) await stopServer(this.definition.serverPidFile, false)
    await this.#life
    if (wasRunning) this.#tell('stopped', performance.now() - startedAt)
  }

  /** SIGKILL to all of it, at once. Resolves when a server outside its group has ended too. */
  async kill(): Promise<void> {
    this.#isStopping = true
    this.#pause.end()
    this.#child?.kill()
    if (this.definition.serverPidFile !== undefined) await stopServer(this.definition.serverPidFile, true)
  }

  /** Runs it again and again until it is stopped or given up. Never rejects. */
  async #live(onReady: () => void, onGivenUp: (error: LauncherError) => void): Promise<void> {
    const policy = this.#options.restartPolicy
    let wasEverReady = false
    let deaths = 0
    while (!this.#isStopping) {
      const result = await this.#run(() => {
        wasEverReady = true
        onReady()
      })
      if (this.#isStopping) return
      deaths = (result.readyForMs ?? 0) >= policy.stableAfterMs ? 1 : deaths + 1
      if (!wasEverReady && deaths >= policy.maxFailedStarts) {
        this.#tell('failed', 0, result)
        onGivenUp(new LauncherError('SERVICE_FAILED', this.#failureMessage(result)))
        return
      }
      const pauseMs = Math.min(policy.firstPauseMs * 2 ** (deaths - 1), policy.longestPauseMs)
      this.#tell('pausing', pauseMs, result)
      await this.#pause.wait(pauseMs)
    }
  }

  /** One process, from its start to its end. */
  async #run(onReady: () => void): Promise<RunResult> {
    const { definition } = this
    const startedAt = performance.now()
    this.#tell('starting', 0)
    let announce = () => {}
    const announced = new Promise<void>((resolve) => (announce = resolve))
    const child = new Child({
      command: definition.command,
      cwd: this.#options.cwd,
      environment: { ...this.#options.environment, ...definition.environment },
      onLine: (line) => this.#readLine(line, announce),
    })
    this.#child = child
    if (child.identity !== undefined) this.#options.onProcess(child.identity)
    const attempt = new AbortController()
    const becameReady = this.#waitForReadiness(announced, attempt.signal)
    const timer = setTimeout(() => attempt.abort(), definition.startTimeoutMs)
    const first = await Promise.race([
      child.exited.then(() => 'exited' as const),
      becameReady.then(() => 'ready' as const),
      new Promise<'late'>((resolve) => attempt.signal.addEventListener('abort', () => resolve('late'))),
    ])
    clearTimeout(timer)
    let readyAt: number | null = null
    if (first === 'ready' && !child.hasExited && !this.#isStopping) {
      readyAt = performance.now()
      this.#tell('ready', readyAt - startedAt)
      onReady()
    }
    const isLate = first === 'late' && !this.#isStopping
    if (isLate) await child.stop(definition.stopTimeoutMs)
    const exit = await child.exited
    attempt.abort()
    // What it had started itself must not hold the port against the next one.
    await child.stop(0)
    const seconds = Math.round(definition.startTimeoutMs / 1000)
    return {
      readyForMs: readyAt === null ? null : performance.now() - readyAt,
      reason: isLate ? `was not ready after ${seconds} s` : describeExit(exit),
      output: child.output(),
    }
  }

  async #waitForReadiness(announced: Promise<void>, signal: AbortSignal): Promise<void> {
    const { readiness } = this.definition
    if (readiness.kind === 'http') return waitForHttp(readiness, signal)
    await announced
    if (readiness.confirmation !== undefined) await waitForHttp(readiness.confirmation, signal)
  }

  /** Claims the line that announces readiness: it may hold what must not be shown. */
  #readLine(line: string, onAnnouncement: () => void): boolean {
    const { readiness } = this.definition
    const match = readiness.kind === 'line' ? new RegExp(readiness.pattern).exec(line) : null
    if (match === null) return false
    this.#announcement ??= match[1]
    onAnnouncement()
    return true
  }

  #failureMessage({ reason }: RunResult): string {
    const { title, logFile } = this.definition
    const log = logFile === undefined ? '' : ` Its log: ${logFile}.`
    return `${title} does not start: it ${reason}, ${this.#options.restartPolicy.maxFailedStarts} times in a row.${log}`
  }

  #tell(state: ServiceState, tookMs: number, result?: RunResult): void {
    this.#state = state
    const { name, title } = this.definition
    const why = result === undefined ? {} : { reason: result.reason, output: result.output }
    this.#options.onEvent({ name, title, state, tookMs, ...why })
  }
}
