/** The processes of a running system, by the launcher's pid file. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { startNode, startProgram, waitFor, type Lifetime, type Program } from '@pixsim7/testkit'
import { PATIENCE_MS, withoutSettings, type RunningSystem } from '../../support/running-system.ts'

const ROOT = path.join(import.meta.dirname, '../../..')
const MANIFEST = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>
}

interface PidFile {
  readonly processes: readonly { readonly name: string; readonly pid: number }[]
}

/** Process id of a service: `backend`, `worker`, `logs`, `postgres`, `provider`. */
export function pidOf({ folder }: RunningSystem, service: string): number {
  const file = path.join(folder, 'data/dev.pid.json')
  const { processes } = JSON.parse(readFileSync(file, 'utf8')) as PidFile
  const pid = processes.find(({ name }) => name === service)?.pid
  if (pid === undefined) throw new Error(`no process of ${service} in ${file}`)
  return pid
}

/** Waits until another process of the service has taken the place of `formerPid`. */
export async function waitForNextProcess(
  system: RunningSystem,
  service: string,
  formerPid: number,
): Promise<number> {
  return waitFor(
    () => {
      const pid = existsSync(system.folder) && pidOf(system, service)
      return pid !== formerPid && pid
    },
    { timeoutMs: PATIENCE_MS, what: `the next process of ${service}` },
  )
}

/** Ends PostgreSQL in order; the launcher starts it again in a moment. */
export function stopPostgres(system: RunningSystem): void {
  process.kill(pidOf(system, 'postgres'), 'SIGTERM')
}

/** What `npm run backend` or `npm run worker` gives to Node after the setup, to be run from any folder. */
export function argumentsOf(name: 'backend' | 'worker'): string[] {
  const command = /^node scripts\/setup\.mjs && exec node --import (\S+) (\S+)$/.exec(
    MANIFEST.scripts[name] ?? '',
  )
  if (command === null) throw new Error(`npm run ${name} is another command: ${MANIFEST.scripts[name]}`)
  const [, hook = '', script = ''] = command
  return ['--import', createRequire(import.meta.url).resolve(hook), path.join(ROOT, script)]
}

/**
 * Starts a component alone, as `npm run backend` does, without the setup before it.
 * @param folder Where its `.env` is.
 */
export function startComponent(
  name: 'backend' | 'worker',
  folder: string,
  options: { readonly environment?: Readonly<Record<string, string>>; readonly lifetime?: Lifetime } = {},
): Program {
  return startProgram(process.execPath, argumentsOf(name), {
    cwd: folder,
    env: { ...withoutSettings(), ...options.environment },
    ...(options.lifetime === undefined ? {} : { lifetime: options.lifetime }),
  })
}

/**
 * Starts the log server alone on the folder of a system that has been stopped, with its settings; returns the new password, which
 * it makes when it has no store.
 */
export async function startLogServer({
  folder,
}: RunningSystem): Promise<{ program: Program; password: string }> {
  const script = path.join(ROOT, 'packages/server/dist/main.js')
  const program = startNode(script, [], { cwd: folder, env: withoutSettings() })
  const [, password = ''] = await program.waitForLine(/with the password (\S+)/, { timeoutMs: PATIENCE_MS })
  return { program, password }
}
