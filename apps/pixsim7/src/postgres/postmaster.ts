/**
 * Who holds a data folder: reads `postmaster.pid`, which a running server keeps there and a killed one leaves behind.
 */
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { commandLineOf, isAlive, isKnown } from './process-identity.ts'

/** A server that is running on a data folder. */
export interface Postmaster {
  readonly pid: number
  readonly port: number
}

function readPidFile(clusterFolder: string): Postmaster | undefined {
  let lines: string[]
  try {
    lines = readFileSync(path.join(clusterFolder, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return undefined // No such file: no server.
  }
  // Line 1 is the pid, line 4 the port (absent while the server is only just starting).
  const pid = Number(lines[0])
  return Number.isInteger(pid) && pid > 0 ? { pid, port: Number(lines[3] ?? 0) } : undefined
}

/** The server running on this data folder, if there is one. A pid that now belongs to another program is no server. */
export function findPostmaster(clusterFolder: string): Postmaster | undefined {
  const postmaster = readPidFile(clusterFolder)
  if (postmaster === undefined || !isAlive(postmaster.pid)) return undefined
  return commandLineOf(postmaster.pid)?.includes(clusterFolder) === true ? postmaster : undefined
}

/**
 * True while a process of the last server, a query it was still busy with, uses the shared memory named in the pid file:
 * a new server on the same files would then write against the old one. Linux only; elsewhere PostgreSQL's own check stands
 * alone, which is lost only where the pid file must be removed by hand.
 */
export function hasSurvivors(clusterFolder: string): boolean {
  let segments: string
  let pidFile: string
  try {
    pidFile = readFileSync(path.join(clusterFolder, 'postmaster.pid'), 'utf8')
    segments = readFileSync('/proc/sysvipc/shm', 'utf8')
  } catch {
    return false // No pid file, or no /proc.
  }
  // Line 7: key and id of the segment. Columns of the table: key, shmid, perms, size, cpid, lpid, nattch, …
  const id = /^\s*\d+\s+(\d+)/.exec(pidFile.split('\n')[6] ?? '')?.[1]
  const row = segments
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find((columns) => columns[1] === id)
  return id !== undefined && row !== undefined && Number(row[6]) > 0
}

/**
 * Removes a pid file that a killed server left and whose pid another program, or nobody's zombie, has now. PostgreSQL itself
 * removes one whose pid is free, but takes a process of the same user for a server. Call only where {@link findPostmaster}
 * found no server and {@link hasSurvivors} says no.
 */
export function removeStalePidFile(clusterFolder: string): void {
  const postmaster = readPidFile(clusterFolder)
  if (postmaster === undefined || !isKnown(postmaster.pid)) return
  rmSync(path.join(clusterFolder, 'postmaster.pid'), { force: true })
}
