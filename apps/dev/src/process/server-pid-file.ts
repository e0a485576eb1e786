/**
 * A server that runs outside the group of the program that started it (PostgreSQL's postmaster puts itself into a session
 * of its own) and so outlives that program's kill -9. It is found by the pid file it keeps in its data folder.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { commandLineOf, identifyProcess, isRunning, type ProcessIdentity } from './process-table.ts'
import { sendSignal, waitUntil } from './signals.ts'

/** PostgreSQL's fast shutdown: open transactions are rolled back, everything is written. */
const FAST_SHUTDOWN = 'SIGINT'
const FAST_SHUTDOWN_MS = 15_000
/** PostgreSQL's immediate shutdown: ends its own children too, unlike SIGKILL; the next start recovers from its journal. */
const IMMEDIATE_SHUTDOWN = 'SIGQUIT'
const IMMEDIATE_SHUTDOWN_MS = 8000

/** The server named in `pidFile`, if it is running. A pid that another program has now is recognised by its command line. */
export function findServer(pidFile: string): ProcessIdentity | undefined {
  let pid: number
  try {
    pid = Number(readFileSync(pidFile, 'latin1').split('\n')[0])
  } catch {
    return undefined // No such file, no server; or one of another user, whom the program itself will report.
  }
  if (!(pid > 0) || commandLineOf(pid)?.includes(path.dirname(pidFile)) !== true) return undefined
  return identifyProcess(pid)
}

/** Ends the server of `pidFile`, if one is running; `isUrgent` skips the orderly way. Resolves when it has ended, or will not. */
export async function stopServer(pidFile: string, isUrgent: boolean): Promise<void> {
  const server = findServer(pidFile)
  if (server === undefined) return
  if (!isUrgent) {
    sendSignal(server.pid, FAST_SHUTDOWN)
    if (await waitUntil(() => !isRunning(server), FAST_SHUTDOWN_MS)) return
  }
  sendSignal(server.pid, IMMEDIATE_SHUTDOWN)
  if (await waitUntil(() => !isRunning(server), IMMEDIATE_SHUTDOWN_MS)) return
  sendSignal(server.pid, 'SIGKILL')
}
