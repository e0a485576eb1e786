import { freePort, tempDir, waitFor } from '@pixsim7/testkit'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openCluster, stopServer } from '../src/postgres/cluster.ts'
import { startLocalPostgres } from '../src/postgres/local-postgres.ts'
import type { LocalPostgres } from '../src/postgres/local-postgres.ts'
import { findPostmaster } from '../src/postgres/postmaster.ts'
import { isAlive } from '../src/postgres/process-identity.ts'
import { findUnprivileged } from '../src/postgres/unprivileged.ts'
import { startComponent } from './program.ts'

let folder: string
let port: number
const opened: LocalPostgres[] = []

const dataFolder = () => path.join(folder, 'data', 'postgres')
const clusterFolder = () => path.join(dataFolder(), 'cluster')

async function open(): Promise<LocalPostgres> {
  const server = await startLocalPostgres({ dataFolder: dataFolder(), port, isDurable: false })
  opened.push(server)
  return server
}

function runPostgres() {
  return startComponent('postgres', { cwd: folder, env: { PIXSIM7_POSTGRES_PORT: String(port) } })
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

beforeEach(async () => {
  // Mode 0700, as mkdtemp makes it: as root this is the folder no other user may enter.
  folder = await tempDir()
  port = await freePort()
})

afterEach(async () => {
  for (const server of opened.splice(0)) await server.close()
  if (existsSync(clusterFolder()) && findPostmaster(clusterFolder()) !== undefined)
    await stopServer(openCluster(dataFolder()))
})

describe('the local PostgreSQL', () => {
  it('is started by the first, shared, and stopped by the last', async () => {
    const [first, second] = await Promise.all([open(), open()])
    expect(first.pid).toBe(second.pid)
    expect([first.wasRunning, second.wasRunning].sort()).toEqual([false, true])
    await query(first.url, 'create table kept (n int)')
    await first.close()
    expect(second.isRunning()).toBe(true)
    await second.close()
    expect(second.isRunning()).toBe(false)
    const third = await open()
    expect(await query(third.url, 'select * from kept')).toEqual([])
  })

  it('is left running while anybody is connected', async () => {
    const server = await open()
    const client = new Client({ connectionString: server.url })
    await client.connect()
    await server.close()
    expect(server.isRunning()).toBe(true)
    await client.end()
  })

  it('keeps its password to itself and wants it', async () => {
    const server = await open()
    const passwordFile = path.join(dataFolder(), 'password')
    expect(statSync(passwordFile).mode & 0o777).toBe(0o600)
    expect(statSync(clusterFolder()).mode & 0o777).toBe(0o700)
    expect(server.url).toContain(readFileSync(passwordFile, 'utf8').trim())
    await expect(query(server.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toMatchObject({
      code: '28P01',
    })
    await expect(query(server.url.replace(/:[^:@]+@/, '@'), 'select 1')).rejects.toThrow()
    const [settings] = await query(server.url, `select current_setting('listen_addresses') as addresses`)
    expect(settings).toEqual({ addresses: '127.0.0.1' })
  })

  it('begins anew where an initialisation was interrupted', async () => {
    mkdirSync(`${clusterFolder()}.new`, { recursive: true })
    writeFileSync(path.join(`${clusterFolder()}.new`, 'PG_VERSION'), '18\n')
    const server = await open()
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('refuses a folder that holds something else', async () => {
    mkdirSync(clusterFolder(), { recursive: true })
    await expect(open()).rejects.toMatchObject({ code: 'POSTGRES_DATA_UNUSABLE' })
  })

  it('lives in a folder with spaces, quotes and letters of any kind, and says which characters it cannot take', async () => {
    const start = (name: string) =>
      startLocalPostgres({ dataFolder: path.join(folder, name), port, isDurable: false })
    const name = "Käthe's (new) project & co; #1"
    const server = await start(name)
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
    await server.close()
    expect(server.isRunning()).toBe(false)
    for (const bad of ['a$HOME', 'a"b', 'a`b', 'a\\b']) {
      await expect(start(bad)).rejects.toMatchObject({ code: 'POSTGRES_DATA_UNUSABLE' })
    }
  })

  it('does not take another program for its server because it has the same pid', async () => {
    const server = await open()
    await server.close()
    writeFileSync(
      path.join(clusterFolder(), 'postmaster.pid'),
      `${process.pid}\n${clusterFolder()}\n1\n${port}\n\n\n\n`,
    )
    const again = await open()
    expect(again.wasRunning).toBe(false)
    expect(await query(again.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })
})

describe('the postgres program', () => {
  it('prints one line when ready and stops the server on SIGTERM', async () => {
    const program = runPostgres()
    const [, pid] = await program.waitForLine(/^PostgreSQL .*ready.* process (\d+)/m)
    expect(program.stdout.trim().split('\n')).toHaveLength(1)
    // A component that ends leaves the server to it.
    const component = await open()
    await component.close()
    expect(component.isRunning()).toBe(true)
    program.signal('SIGTERM')
    expect((await program.exit).code).toBe(0)
    expect(isAlive(Number(pid))).toBe(false)
    expect(program.stderr).toBe('')
  })

  it('adopts the server of a predecessor that was killed, and refuses to be a second one', async () => {
    const killed = runPostgres()
    const [, pid] = await killed.waitForLine(/process (\d+)/)
    killed.signal('SIGKILL')
    await killed.exit
    const successor = runPostgres()
    const [, adopted] = await successor.waitForLine(/process (\d+)/)
    expect(adopted).toBe(pid)
    const second = runPostgres()
    expect((await second.exit).code).toBe(1)
    expect(second.stderr).toMatch(new RegExp(`^Process ${successor.pid} already runs PostgreSQL`))
    successor.signal('SIGINT')
    expect((await successor.exit).code).toBe(0)
    expect(isAlive(Number(pid))).toBe(false)
  })

  it('ends with status 1 when the server is killed, and the next one repairs it', async () => {
    const program = runPostgres()
    const [, pid] = await program.waitForLine(/process (\d+)/)
    const component = await open()
    await query(component.url, 'create table kept (n int)')
    process.kill(Number(pid), 'SIGKILL')
    expect((await program.exit).code).toBe(1)
    expect(program.stderr).toMatch(/^PostgreSQL has ended by itself/)
    const next = runPostgres()
    await next.waitForLine(/ready/)
    expect(await query(component.url, 'select * from kept')).toEqual([])
    next.signal('SIGTERM')
    expect((await next.exit).code).toBe(0)
  })

  it('says in one sentence that its port is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve))
    try {
      const program = runPostgres()
      expect((await program.exit).code).toBe(1)
      expect(program.stderr).toMatch(
        new RegExp(`^Port ${port} on 127.0.0.1, wanted for PostgreSQL, is in use[^\\n]*\\n$`),
      )
      expect(program.stdout).toBe('')
    } finally {
      await new Promise((resolve) => other.close(resolve))
    }
  })

  it('refuses settings it cannot use', async () => {
    const program = startComponent('postgres', { cwd: folder, env: { PIXSIM7_POSTGRES_PORT: 'many' } })
    expect((await program.exit).code).toBe(1)
    expect(program.stderr).toContain('PIXSIM7_POSTGRES_PORT="many"')
    expect(program.stderr).not.toContain('    at ')
  })
})

describe('after a kill of the server', () => {
  it('a query that still runs is waited for, since it writes to the same files', async () => {
    const server = await open()
    const client = new Client({ connectionString: server.url })
    client.on('error', () => {})
    await client.connect()
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    const backend = rows[0]?.pid ?? 0
    const busy = client.query(`do $$ declare ends timestamptz := clock_timestamp() + interval '3 s'; begin
      while clock_timestamp() < ends loop null; end loop; end $$`)
    busy.catch(() => {})
    await waitFor(
      async () =>
        (await query(server.url, `select from pg_stat_activity where pid = ${backend} and state = 'active'`))
          .length > 0,
    )
    process.kill(server.pid, 'SIGKILL')
    await waitFor(() => !server.isRunning())
    expect(isAlive(backend)).toBe(true)
    const again = await open()
    expect(isAlive(backend)).toBe(false)
    expect(await query(again.url, 'select 1 as one')).toEqual([{ one: 1 }])
    await client.end().catch(() => {})
  })
})

describe('running without root', () => {
  const isRoot = process.getuid?.() === 0
  const withoutPath = <T>(run: () => T): T => {
    const before = process.env['PATH']
    process.env['PATH'] = ''
    try {
      return run()
    } finally {
      process.env['PATH'] = before
    }
  }

  it('needs nothing special for a plain user, and something for root', () => {
    const { prefix, account } = findUnprivileged('/usr/bin/true', '/tmp/data')
    expect(prefix.length > 0 || account !== undefined).toBe(isRoot)
  })

  it('as root where namespaces are forbidden, another user is taken, who must be able to enter the folder', () => {
    const find = () => withoutPath(() => findUnprivileged('/usr/bin/true', path.join(folder, 'cluster')))
    if (!isRoot) {
      expect(find()).toEqual({ prefix: [] })
      return
    }
    expect(find).toThrow(
      expect.objectContaining({ code: 'POSTGRES_ROOT_REFUSED', message: expect.stringContaining(folder) }),
    )
    chmodSync(folder, 0o711)
    expect(find().account?.uid).toBeGreaterThan(0)
  })
})
