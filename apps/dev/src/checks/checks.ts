/** Everything that is looked at before anything is started. */
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { findServer } from '../process/server-pid-file.ts'
import type { LauncherSettings } from '../settings/launcher-settings.ts'
import { checkFolder, checkLogFile } from './check-folder.ts'
import { checkPort } from './check-port.ts'

const DATABASE_TIMEOUT_MS = 5000
const DEFAULT_POSTGRES_PORT = 5432

/** Where PostgreSQL keeps the pid of its server. */
export function postmasterPidFile(postgresFolder: string): string {
  return path.join(postgresFolder, 'cluster', 'postmaster.pid')
}

/** What is wrong with the user's own database; undefined when something listens there. Its login is the backend's business. */
function checkDatabase(databaseUrl: string): Promise<string | undefined> {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : undefined
  // A socket file (`?host=/run/postgresql`) is left to the backend; so is an address that is reported already.
  if (url === undefined || url.hostname === '' || url.searchParams.has('host'))
    return Promise.resolve(undefined)
  const port = Number(url.port) || DEFAULT_POSTGRES_PORT
  return new Promise((resolve) => {
    const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port, timeout: DATABASE_TIMEOUT_MS })
    const end = (reason: string | undefined) => {
      socket.destroy()
      resolve(
        reason &&
          `DATABASE_URL: nothing answers at ${url.hostname}:${port} (${reason}). Start that server, or remove DATABASE_URL to use a local PostgreSQL.`,
      )
    }
    socket.once('connect', () => end(undefined))
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
    socket.once('timeout', () => end('no answer'))
  })
}

/** Problems with the programs, folders, ports and the database of these settings: a sentence each, with what to do. */
export async function findProblems(
  settings: LauncherSettings,
  programs: readonly string[],
): Promise<string[]> {
  const missing = programs.filter((program) => !existsSync(program))
  const { backend, logServer, provider, postgres, logFiles, databaseUrl } = settings
  const files = Object.values(logFiles)
  const folders = new Set([settings.dataFolder, ...files.map((file) => path.dirname(file))])
  const listeners = [backend, logServer, provider, postgres].filter((listener) => listener !== undefined)
  const ownPostgres = postgres && findServer(postmasterPidFile(postgres.folder))?.pid
  const found = [
    ...missing.map((program) => `${program} is missing: run \`npm run build\`.`),
    ...[...folders].map(checkFolder),
    ...files.map(checkLogFile),
    ...(await Promise.all(
      listeners.map((listener) => checkPort(listener, listener === postgres ? ownPostgres : undefined)),
    )),
    databaseUrl === undefined ? undefined : await checkDatabase(databaseUrl),
  ]
  return found.filter((problem) => problem !== undefined)
}
