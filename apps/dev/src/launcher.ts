/**
 * One run of the launcher: keep others out, end what an earlier one left, check, start, wait to be asked to stop, stop.
 * It knows no service by name; what to start is given as a plan.
 */
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { endLeftovers, RUN_VARIABLE } from './leftovers.ts'
import { LauncherError } from './launcher-error.ts'
import { PidFile, type PidFileContent, readPidFile } from './pid-file.ts'
import { identifyProcess, isRunning } from './process/process-table.ts'
import type { ServiceDefinition } from './service.ts'
import { listenForStopRequests } from './stop-requests.ts'
import { RESTART_POLICY, type RestartPolicy } from './supervised-service.ts'
import { Supervisor } from './supervisor.ts'
import type { Screen } from './terminal/screen.ts'

const KILLED_STATUS = 130

export interface LauncherPlan {
  /** Working folder of all services. */
  readonly cwd: string
  /** Holds the pid file; created when missing. */
  readonly dataFolder: string
  readonly services: readonly ServiceDefinition[]
  /** Environment of all services; the launcher adds its mark. */
  readonly environment: NodeJS.ProcessEnv
  readonly restartPolicy?: RestartPolicy
  /** Problems that keep it from starting, a sentence each; asked when no leftover holds a port any more. */
  readonly findProblems: () => Promise<readonly string[]>
  /** Text to print when all are ready; `announcementOf` gives what a service announced. */
  readonly summarise: (announcementOf: (name: string) => string | undefined, tookMs: number) => string
  /** Text that must be printed when the start ends before the summary was; undefined when there is nothing to lose. */
  readonly lastWords?: (announcementOf: (name: string) => string | undefined) => string | undefined
}

function pidFileOf(plan: LauncherPlan): string {
  return path.join(plan.dataFolder, 'dev.pid.json')
}

function alreadyRunning(pid: number | undefined): LauncherError {
  const who = pid === undefined ? '' : ` (process ${pid})`
  return new LauncherError(
    'ALREADY_RUNNING',
    `PixSim7 is already running in this folder${who}. Use that one, or stop it with Ctrl-C where it runs${pid === undefined ? '' : ` or with \`kill ${pid}\``}.`,
  )
}

/** What the launcher before us left; ends it when that launcher is gone. @throws LauncherError `ALREADY_RUNNING` when it is not */
async function clearLeftovers(file: string, screen: Screen): Promise<PidFileContent | undefined> {
  const earlier = readPidFile(file)
  if (earlier === undefined) return undefined
  if (isRunning(earlier.launcher)) throw alreadyRunning(earlier.launcher.pid)
  await endLeftovers(earlier, (name, pid) =>
    screen.print(`Ending what an earlier start left running: ${name} (process ${pid}) …`),
  )
  return earlier
}

function claimPidFile(file: string, run: string, stale: PidFileContent | undefined): PidFile {
  const own = identifyProcess(process.pid)
  const claimed = PidFile.claim(file, run, own ?? { pid: process.pid, startedAt: '' }, stale)
  if (claimed === undefined) throw alreadyRunning(readPidFile(file)?.launcher.pid)
  return claimed
}

/**
 * Runs the plan until somebody asks to stop. Resolves to the exit status: 0 stopped on request, 1 a service did not come up.
 * A second request to stop ends the process itself with 130.
 *
 * @throws LauncherError when it must not or cannot start; nothing is left running then
 */
export async function runLauncher(plan: LauncherPlan, screen: Screen): Promise<number> {
  const startedAt = performance.now()
  const file = pidFileOf(plan)
  let askToStop: (reason: string) => void = () => {}
  let isAskedToStop = false
  let killAll: () => Promise<void> = () => Promise.resolve()
  let killing: Promise<void> | undefined
  const stopRequested = new Promise<string>((resolve) => (askToStop = resolve))
  listenForStopRequests({
    onStop: (reason) => {
      isAskedToStop = true
      askToStop(reason)
    },
    onKill: () => {
      screen.print('Killing everything.')
      killing = killAll().finally(() => process.exit(KILLED_STATUS))
    },
  })

  const stale = await clearLeftovers(file, screen)
  const problems = await plan.findProblems()
  if (problems.length > 0) {
    throw new LauncherError(
      'START_REFUSED',
      ['PixSim7 cannot start:', ...problems.map((problem) => `  - ${problem}`)].join('\n'),
    )
  }
  if (isAskedToStop) return 0
  const run = randomBytes(12).toString('hex')
  const pidFile = claimPidFile(file, run, stale)
  const supervisor = new Supervisor(
    plan.services,
    {
      cwd: plan.cwd,
      environment: { ...plan.environment, [RUN_VARIABLE]: run },
      restartPolicy: plan.restartPolicy ?? RESTART_POLICY,
      onEvent: (event) => screen.show(event),
    },
    (name, identity) => pidFile.add(name, identity),
  )
  killAll = async () => {
    await supervisor.kill()
    pidFile.release()
  }
  // An exception nobody foresaw must not leave six processes behind.
  process.once('uncaughtException', (error) => {
    screen.print(`BUG: the launcher failed: ${error.stack ?? error.message}`)
    void killAll().finally(() => process.exit(1))
  })

  screen.begin(plan.services)
  const announcementOf = (name: string) => supervisor.announcementOf(name)
  let hasSummary = false
  const started = supervisor.start().then(() => {
    screen.settle()
    screen.print(`\n${plan.summarise(announcementOf, performance.now() - startedAt)}\n`)
    hasSummary = true
  })
  const failure = started.then(
    () => new Promise<never>(() => {}),
    (error: unknown) => error,
  )
  const outcome = await Promise.race([stopRequested, failure])
  screen.settle()
  screen.print(typeof outcome === 'string' ? `\nStopping (${outcome}) …` : '\nStopping the others …')
  const lastWords = hasSummary ? undefined : plan.lastWords?.(announcementOf)
  if (lastWords !== undefined) screen.print(lastWords)
  await supervisor.stop()
  // What was being stopped has been killed; the process ends when that is done.
  await killing
  pidFile.release()
  if (typeof outcome !== 'string') throw outcome
  screen.print('Stopped.')
  return 0
}
