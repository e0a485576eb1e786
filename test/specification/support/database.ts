/** The running system's own PostgreSQL, for what no request can bring about: ids to one's liking, a lock that makes waiting. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Client } from 'pg'
import type { RunningSystem } from '../../support/running-system.ts'

/** With the password. */
export function databaseUrlOf({ folder }: RunningSystem): string {
  const password = readFileSync(path.join(folder, 'data/postgres/password'), 'utf8').trim()
  const postmaster = readFileSync(path.join(folder, 'data/postgres/cluster/postmaster.pid'), 'utf8')
  const port = postmaster.split('\n')[3] ?? ''
  return `postgres://pixsim7:${password}@127.0.0.1:${port}/pixsim7`
}

async function withClient<T>(system: RunningSystem, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: databaseUrlOf(system) })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

/** The next row of the table gets this id. */
export async function setNextId(system: RunningSystem, table: 'users' | 'jobs', id: number): Promise<void> {
  await withClient(system, (client) =>
    client.query(`alter table ${table} alter column id restart with ${id}`),
  )
}

/** Runs `use` while the table cannot even be read for `lockMs`. */
export async function whileLocked<T>(
  system: RunningSystem,
  table: 'users' | 'jobs',
  lockMs: number,
  use: () => Promise<T>,
): Promise<T> {
  return withClient(system, async (client) => {
    await client.query('begin')
    await client.query(`lock table ${table} in access exclusive mode`)
    const waiting = use()
    await client.query('select pg_sleep($1)', [lockMs / 1000])
    await client.query('commit')
    return waiting
  })
}
