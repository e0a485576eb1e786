/** Which process a pid names: pids are used again, and a killed process may linger as a zombie nobody waits for. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** True while the system knows this pid, be it only as a zombie, whoever owns it. */
export function isKnown(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function ps(format: string, pid: number): string | undefined {
  return spawnSync('ps', ['-o', format, '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() || undefined
}

/** What tells this process from any later one with the same pid: when it was started. Undefined when it has ended. */
export function processIdentity(pid: number): string | undefined {
  if (!isKnown(pid)) return undefined
  if (process.platform === 'linux') {
    try {
      // After the name, which may hold anything, in parentheses: state, …, start time as the 20th.
      const [state, ...rest] = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
      return state === 'Z' || state === 'X' ? undefined : rest[18]
    } catch {
      return undefined // It ended between the two looks.
    }
  }
  const state = ps('stat=', pid)
  return state === undefined || state.startsWith('Z') ? undefined : ps('lstart=', pid)
}

/** True while the process runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  return processIdentity(pid) !== undefined
}

/** The command line of a process, its words separated by spaces; undefined when it has ended. */
export function commandLineOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return ps('command=', pid)
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return undefined // It ended between the two looks.
  }
}
