/** Finds which process listens on a TCP port: from /proc on Linux, from `lsof` where there is one. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { commandLineOf } from '../process/process-table.ts'

const LISTENING = '0A'
const MAX_COMMAND_CHARACTERS = 100

export interface PortHolder {
  readonly pid: number
  /** Command line, cut to a readable length. */
  readonly command: string
}

/** The process that listens on `port`; undefined when none does, or when the system does not tell (another user's). */
export function findPortHolder(port: number): PortHolder | undefined {
  const pid = process.platform === 'linux' ? findInProc(port) : askLsof(port)
  if (pid === undefined) return undefined
  return { pid, command: (commandLineOf(pid) ?? '').slice(0, MAX_COMMAND_CHARACTERS) }
}

/** Socket numbers (inodes) that listen on the port, in IPv4 and IPv6. */
function listeningSockets(port: number): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const sockets = new Set<string>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    let rows: string[]
    try {
      rows = readFileSync(table, 'latin1').split('\n')
    } catch {
      continue // A kernel without IPv6 has no table for it.
    }
    for (const row of rows) {
      // Columns: number, local address, remote address, state, queues, timer, retransmits, uid, timeout, inode.
      const columns = row.trim().split(/\s+/)
      if (columns[1]?.endsWith(suffix) === true && columns[3] === LISTENING)
        sockets.add(`socket:[${columns[9]}]`)
    }
  }
  return sockets
}

function findInProc(port: number): number | undefined {
  const sockets = listeningSockets(port)
  if (sockets.size === 0) return undefined
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
    .find((pid) => openFiles(pid).some((file) => sockets.has(file)))
}

function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`
  try {
    return readdirSync(folder).map((name) => readLink(`${folder}/${name}`))
  } catch {
    return [] // Another user's process, or one that has just ended.
  }
}

function readLink(file: string): string {
  try {
    return readlinkSync(file)
  } catch {
    return '' // Closed between the two looks.
  }
}

function askLsof(port: number): number | undefined {
  const { stdout } = spawnSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], {
    encoding: 'utf8',
    timeout: 3000,
  })
  const pid = Number(stdout?.split('\n')[0])
  return pid > 0 ? pid : undefined
}
