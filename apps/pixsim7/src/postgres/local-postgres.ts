/**
 * The PostgreSQL of a development machine: real PostgreSQL from npm's binaries, on 127.0.0.1, in a folder of the project.
 *
 * One server serves all components. Whoever comes first starts it; whoever goes last stops it, unless the program `postgres`
 * (src/postgres.ts) runs it in the foreground. Each user keeps one connection open from before it is told the address
 * until it closes, so that "last" can be seen in pg_stat_activity, and nobody loses the server between two looks.
 */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import {
  initialiseCluster,
  openCluster,
  POSTGRES_HOST,
  POSTGRES_NAME,
  readPassword,
  startServer,
  stopServer,
} from './cluster.ts'
import type { Cluster } from './cluster.ts'
import { withFolderLock } from './folder-lock.ts'
import { findPostmaster, hasSurvivors, removeStalePidFile } from './postmaster.ts'
import { PostgresError } from './postgres-error.ts'

const SURVIVOR_PATIENCE_MS = 15_000
const START_PATIENCE_MS = 60_000
/** PostgreSQL's cannot_connect_now. */
const STARTING_UP = '57P03'
/** Connections that were closed a moment ago are still listed; after this long a listed one is somebody's. */
const LEAVING_PATIENCE_MS = 3000
/** Names of the connections that hold the server, followed by the pid of their process. */
const KEEPER_NAME = 'pixsim7-keeper'
const SUPERVISOR_NAME = 'pixsim7-supervisor'

function isKeeper(applicationName: string): boolean {
  return applicationName.startsWith(KEEPER_NAME) || applicationName.startsWith(SUPERVISOR_NAME)
}

export interface LocalPostgresOptions {
  /** Holds the data, the password, the server's log. Created (0700) when missing. */
  readonly dataFolder: string
  /** On 127.0.0.1. A server already running on this folder keeps the port it has. */
  readonly port: number
  /** True for the program whose whole purpose is to run the server: while it lives, components leave the server running. */
  readonly isSupervisor?: boolean
  /** False gives up durability for speed; for tests. Default true. */
  readonly isDurable?: boolean
}

/** A running local PostgreSQL. Whoever got it must `close()` it. */
export interface LocalPostgres {
  /** With the password: never log it. */
  readonly url: string
  readonly host: string
  readonly port: number
  /** Of the server process. */
  readonly pid: number
  /** True when the server was running before. */
  readonly wasRunning: boolean
  /** False once the server has ended, for whatever reason. */
  isRunning(): boolean
  /** Leaves the server; stops it if nobody else uses it and no `postgres` program runs it. Safe twice. */
  close(): Promise<void>
  /** Stops the server whoever uses it. Safe twice. */
  stop(): Promise<void>
}

function urlOf(port: number, password: string, database: string): string {
  return `postgres://${POSTGRES_NAME}:${password}@${POSTGRES_HOST}:${port}/${database}`
}

async function assertPortFree(port: number): Promise<void> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, POSTGRES_HOST, resolve)
    })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new PostgresError(
      'POSTGRES_PORT_TAKEN',
      code === 'EADDRINUSE'
        ? `Port ${port} on ${POSTGRES_HOST}, wanted for PostgreSQL, is in use by another program. ` +
            'End that program, set PIXSIM7_POSTGRES_PORT to another port, or set DATABASE_URL to a PostgreSQL server of your own.'
        : `PostgreSQL cannot listen on ${POSTGRES_HOST}:${port} (${code}). Set PIXSIM7_POSTGRES_PORT to another port.`,
      { cause: error },
    )
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

/** Opens one connection, waiting while the server still recovers from a crash. */
async function connect(url: string, applicationName: string): Promise<Client> {
  const deadline = Date.now() + START_PATIENCE_MS
  for (;;) {
    const client = new Client({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: 30_000,
    })
    client.on('error', () => {}) // Its later loss is told by the pool of the component.
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.end().catch(() => {}) // It never was open.
      if ((error as { code?: unknown }).code !== STARTING_UP || Date.now() > deadline) throw error
      await sleep(100)
    }
  }
}

async function createDatabase(port: number, password: string): Promise<void> {
  const client = await connect(urlOf(port, password, 'postgres'), 'pixsim7-setup')
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [POSTGRES_NAME])
    if (rowCount === 0) await client.query(`create database ${POSTGRES_NAME}`)
  } finally {
    await client.end()
  }
}

async function waitForSurvivors(cluster: Cluster): Promise<void> {
  const deadline = Date.now() + SURVIVOR_PATIENCE_MS
  while (hasSurvivors(cluster.folder)) {
    if (Date.now() > deadline) {
      throw new PostgresError(
        'POSTGRES_DATA_UNUSABLE',
        `A process of an earlier PostgreSQL that was killed still uses ${cluster.folder}. End the processes named "postgres:" and start again.`,
      )
    }
    await sleep(100)
  }
}

/** The server that runs on this folder, started if there was none. Call under the lock. */
async function ensureServer(
  cluster: Cluster,
  port: number,
  isDurable: boolean,
): Promise<{ port: number; pid: number; wasRunning: boolean }> {
  const running = findPostmaster(cluster.folder)
  if (running !== undefined && running.port > 0) return { ...running, wasRunning: true }
  await assertPortFree(port)
  await initialiseCluster(cluster, { isDurable })
  await waitForSurvivors(cluster)
  removeStalePidFile(cluster.folder)
  await startServer(cluster, port, { isDurable })
  return { port, pid: findPostmaster(cluster.folder)?.pid ?? 0, wasRunning: false }
}

/** Application names of the connections of others. */
async function listOthers(client: Client, ownName: string): Promise<string[]> {
  const { rows } = await client.query<{ application_name: string }>(
    `select application_name from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid() and application_name <> $1`,
    [ownName],
  )
  return rows.map((row) => row.application_name)
}

/** True when somebody else uses the server: another keeper, at once; any other connection, once ours had time to go. */
async function hasOtherUsers(url: string, ownKeeper: string): Promise<boolean> {
  const client = await connect(url, 'pixsim7-leaving')
  try {
    const deadline = Date.now() + LEAVING_PATIENCE_MS
    for (;;) {
      const others = await listOthers(client, ownKeeper)
      if (others.length === 0) return false
      if (others.some((name) => isKeeper(name)) || Date.now() > deadline) return true
      await sleep(50)
    }
  } finally {
    await client.end()
  }
}

async function assertNoSupervisor(keeper: Client, ownName: string, folder: string): Promise<void> {
  const supervisor = (await listOthers(keeper, ownName)).find((name) => name.startsWith(SUPERVISOR_NAME))
  if (supervisor === undefined) return
  await keeper.end()
  throw new PostgresError(
    'POSTGRES_ALREADY_RUNS',
    `Process ${supervisor.split('-')[2] ?? '?'} already runs PostgreSQL on ${folder}. Use that one, or end it first.`,
  )
}

/**
 * Makes sure that PostgreSQL runs on this folder, initialising it the first time, and returns its address.
 * @throws PostgresError with what to do, when it cannot.
 */
export async function startLocalPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  const cluster = openCluster(options.dataFolder)
  const role = options.isSupervisor === true ? SUPERVISOR_NAME : KEEPER_NAME
  const keeperName = `${role}-${process.pid}-${randomBytes(4).toString('hex')}`
  const { keeper, ...server } = await withFolderLock(cluster.lockFile, async () => {
    const running = await ensureServer(cluster, options.port, options.isDurable ?? true)
    const password = readPassword(cluster)
    await createDatabase(running.port, password)
    const url = urlOf(running.port, password, POSTGRES_NAME)
    const connection = await connect(url, keeperName)
    if (options.isSupervisor === true) await assertNoSupervisor(connection, keeperName, cluster.folder)
    return { ...running, host: POSTGRES_HOST, url, keeper: connection }
  })
  let isClosed = false
  const leave = async (mayStop: () => Promise<boolean>) => {
    if (isClosed) return
    isClosed = true
    await keeper.end().catch(() => {}) // The server may be gone already.
    await withFolderLock(cluster.lockFile, async () => {
      if (findPostmaster(cluster.folder) !== undefined && (await mayStop())) await stopServer(cluster)
    })
  }
  return {
    ...server,
    isRunning: () => findPostmaster(cluster.folder) !== undefined,
    close: () => leave(async () => !(await hasOtherUsers(server.url, keeperName))),
    stop: () => leave(async () => true),
  }
}
