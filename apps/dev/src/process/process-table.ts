/**
 * What the system knows about processes: whether one exists, since when, and what it runs. From /proc where there is one,
 * else (macOS) from `ps`.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { exists } from './signals.ts'

const HAS_PROC = existsSync('/proc/self/stat')

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it was started, in the system's own notation; equal only for the same process. */
  readonly startedAt: string
}

function readProc(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1')
  } catch {
    return undefined // It has ended, or belongs to somebody else.
  }
}

function askPs(pid: number, column: string): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' })
  return stdout?.trim() || undefined
}

/** Fields of /proc/PID/stat from the third on; the second, the program's name, may hold blanks and brackets. */
function statFields(pid: number): string[] | undefined {
  const stat = readProc(pid, 'stat')
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return '' // Some containers hide it; pid and ticks alone then tell processes apart.
  }
}

/** Who has this pid now; undefined when nobody, or only the remains of an ended process that its parent has not fetched. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  if (!HAS_PROC) {
    const startedAt = askPs(pid, 'lstart')
    return startedAt === undefined || askPs(pid, 'stat')?.startsWith('Z') === true
      ? undefined
      : { pid, startedAt }
  }
  const fields = statFields(pid)
  const ticks = fields?.[19]
  if (fields === undefined || ticks === undefined || fields[0] === 'Z') return undefined
  // Ticks count from the start of the machine, which may bring the same pid at the same tick again.
  return { pid, startedAt: `${bootId()}:${ticks}` }
}

/** True while exactly this process is running. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startedAt === identity.startedAt
}

/** The command line, words separated by blanks; undefined when the process has ended or is not ours to see. */
export function commandLineOf(pid: number): string | undefined {
  if (!HAS_PROC) return askPs(pid, 'command')
  return readProc(pid, 'cmdline')?.replaceAll('\0', ' ').trim() || statFields(pid)?.[0]
}

function listPids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
}

/**
 * True while a process of this group is running. Ended ones that nobody fetches, as in a container whose first process does
 * not care for orphans, do not count where /proc tells them apart.
 */
export function isGroupRunning(groupId: number): boolean {
  if (!exists(-groupId)) return false
  return !HAS_PROC || listPids().some((pid) => isInGroup(pid, groupId))
}

function isInGroup(pid: number, groupId: number): boolean {
  const fields = statFields(pid)
  return fields?.[0] !== 'Z' && Number(fields?.[2]) === groupId
}

/** Running processes that were started with `assignment` (`NAME=value`) in their environment; empty where there is no /proc. */
export function listMarked(assignment: string): ProcessIdentity[] {
  if (!HAS_PROC) return []
  return listPids()
    .filter(
      (pid) => pid !== process.pid && readProc(pid, 'environ')?.split('\0').includes(assignment) === true,
    )
    .flatMap((pid) => identifyProcess(pid) ?? [])
}
