/** The data folder of the local PostgreSQL: initialising it, starting and stopping the server on it. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { findPostgresBinaries } from './binaries.ts'
import type { PostgresBinaries } from './binaries.ts'
import { PostgresError } from './postgres-error.ts'
import { findUnprivileged, giveAway } from './unprivileged.ts'
import type { Unprivileged } from './unprivileged.ts'

/** Name of the role we connect as, and of our database. */
export const POSTGRES_NAME = 'pixsim7'
export const POSTGRES_HOST = '127.0.0.1'

/** At start a larger log of the server is set aside (one generation), so that it cannot grow for ever. */
const MAX_SERVER_LOG_BYTES = 10 * 1024 * 1024
const START_SECONDS = 60
const STOP_SECONDS = 30

/** Files of one local PostgreSQL. */
export interface Cluster {
  /** What PostgreSQL calls the data directory. */
  readonly folder: string
  /** Password of our role, mode 0600. */
  readonly passwordFile: string
  readonly serverLogFile: string
  readonly lockFile: string
  readonly binaries: PostgresBinaries
  readonly unprivileged: Unprivileged
}

interface CommandResult {
  readonly status: number | null
  readonly output: string
}

/** pg_ctl puts paths between double quotes of a shell command; what a shell reads there, it cannot take. */
function assertSpeakable(folder: string): void {
  const found = /["$`\\\n]/.exec(folder)?.[0]
  if (found === undefined) return
  throw new PostgresError(
    'POSTGRES_DATA_UNUSABLE',
    `PostgreSQL cannot be started from a path with ${JSON.stringify(found)} in it: ${folder}. Use another folder, or set DATABASE_URL to a PostgreSQL server of your own.`,
  )
}

/** Locates everything below `dataFolder`, creating the folder (0700) when it is missing. */
export function openCluster(dataFolder: string): Cluster {
  const binaries = findPostgresBinaries()
  assertSpeakable(dataFolder)
  assertSpeakable(binaries.pgCtl)
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  const unprivileged = findUnprivileged(binaries.initdb, dataFolder)
  // The other user passes through to its own folder, and sees nothing else.
  if (unprivileged.account !== undefined) chmodSync(dataFolder, 0o711)
  return {
    folder: path.join(dataFolder, 'cluster'),
    passwordFile: path.join(dataFolder, 'password'),
    serverLogFile: path.join(dataFolder, 'postgres.log'),
    lockFile: path.join(dataFolder, 'lock'),
    binaries,
    unprivileged,
  }
}

/** Runs a program of PostgreSQL to its end and returns the end of what it printed. */
function runCommand(cluster: Cluster, command: string, args: readonly string[]): Promise<CommandResult> {
  const [program = command, ...words] = [...cluster.unprivileged.prefix, command, ...args]
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      ...cluster.unprivileged.account,
      // A group of its own: Ctrl-C in a terminal must reach us, who then stop the server, and not the server itself.
      detached: true,
      cwd: '/',
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-8192)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.once('error', reject)
    // 'exit', not 'close': a server started by the command may keep the pipes open.
    child.once('exit', (status) => {
      child.stdout.destroy()
      child.stderr.destroy()
      resolve({ status, output })
    })
  })
}

function tailOf(file: string): string {
  if (!existsSync(file)) return ''
  return readFileSync(file, 'utf8').slice(-2000).split('\n').slice(-12).join('\n')
}

/** Creates the data folder of the server when there is none yet: UTF-8, password login only, reachable from this machine only. */
export async function initialiseCluster(
  cluster: Cluster,
  options: { readonly isDurable: boolean },
): Promise<void> {
  if (existsSync(path.join(cluster.folder, 'PG_VERSION'))) return
  if (existsSync(cluster.folder)) {
    throw new PostgresError(
      'POSTGRES_DATA_UNUSABLE',
      `${cluster.folder} exists but holds no PostgreSQL data (no PG_VERSION). Move it away, or set PIXSIM7_POSTGRES_DIR to another folder.`,
    )
  }
  // Made beside and renamed when whole: an interrupted initdb never looks like a database.
  const unfinished = `${cluster.folder}.new`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: 0o700 })
  giveAway(unfinished, cluster.unprivileged)
  rmSync(cluster.passwordFile, { force: true })
  writeFileSync(cluster.passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
  giveAway(cluster.passwordFile, cluster.unprivileged)
  const { status, output } = await runCommand(cluster, cluster.binaries.initdb, [
    ...[
      '-D',
      unfinished,
      '-U',
      POSTGRES_NAME,
      `--pwfile=${cluster.passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
    ],
    ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--data-checksums'],
    ...(options.isDurable ? [] : ['--no-sync']),
  ])
  if (status !== 0) {
    throw new PostgresError(
      'POSTGRES_COMMAND_FAILED',
      `initdb ended with status ${status}:\n${output.trim()}`,
    )
  }
  renameSync(unfinished, cluster.folder)
}

/** Password of our role. @throws PostgresError `POSTGRES_DATA_UNUSABLE` when the file is missing or empty. */
export function readPassword(cluster: Cluster): string {
  const password = existsSync(cluster.passwordFile) ? readFileSync(cluster.passwordFile, 'utf8').trim() : ''
  if (password === '') {
    throw new PostgresError(
      'POSTGRES_DATA_UNUSABLE',
      `The password of the local PostgreSQL is not in ${cluster.passwordFile}. Restore that file, or move ${path.dirname(cluster.folder)} away to begin anew.`,
    )
  }
  return password
}

/** Starts the server and waits until it takes connections. @throws PostgresError with the end of the server's log. */
export async function startServer(
  cluster: Cluster,
  port: number,
  options: { readonly isDurable: boolean },
): Promise<void> {
  if (existsSync(cluster.serverLogFile) && statSync(cluster.serverLogFile).size > MAX_SERVER_LOG_BYTES) {
    renameSync(cluster.serverLogFile, `${cluster.serverLogFile}.1`)
  }
  writeFileSync(cluster.serverLogFile, '', { flag: 'a', mode: 0o600 })
  giveAway(cluster.serverLogFile, cluster.unprivileged)
  const settings = [
    ['port', String(port)],
    ['listen_addresses', POSTGRES_HOST],
    // No socket file: its path has a length limit that a deep project folder passes, and nothing here would use it.
    ['unix_socket_directories', ''],
    ['log_timezone', 'UTC'],
    // Without the DETAIL lines, which quote the values of rows (the e-mail address that exists already).
    ['log_error_verbosity', 'terse'],
    ...(options.isDurable
      ? []
      : [
          ['fsync', 'off'],
          ['synchronous_commit', 'off'],
          ['full_page_writes', 'off'],
        ]),
  ]
  const serverOptions = settings.map(([name, value]) => `-c ${name}='${value}'`).join(' ')
  const { status, output } = await runCommand(cluster, cluster.binaries.pgCtl, [
    ...[
      'start',
      '-w',
      '-t',
      String(START_SECONDS),
      '-D',
      cluster.folder,
      '-l',
      cluster.serverLogFile,
      '-o',
      serverOptions,
    ],
  ])
  if (status !== 0) {
    throw new PostgresError(
      'POSTGRES_COMMAND_FAILED',
      `PostgreSQL did not start on port ${port} (pg_ctl status ${status}). The end of ${cluster.serverLogFile}:\n${tailOf(cluster.serverLogFile) || output}`,
    )
  }
}

/** Stops the server, rolling back what is open; clients are disconnected. Resolves when it has ended; fine if none runs. */
export async function stopServer(cluster: Cluster): Promise<void> {
  const { status, output } = await runCommand(cluster, cluster.binaries.pgCtl, [
    ...['stop', '-w', '-t', String(STOP_SECONDS), '-m', 'fast', '-D', cluster.folder],
  ])
  if (status !== 0 && existsSync(path.join(cluster.folder, 'postmaster.pid'))) {
    throw new PostgresError(
      'POSTGRES_COMMAND_FAILED',
      `PostgreSQL did not stop (pg_ctl status ${status}):\n${output.trim()}`,
    )
  }
}
