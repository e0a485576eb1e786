/** The backend as a program. */
import { freePort, tempDir, waitFor } from '@pixsim7/testkit'
import type { Program } from '@pixsim7/testkit'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openCluster, stopServer } from '../src/postgres/cluster.ts'
import { findPostmaster } from '../src/postgres/postmaster.ts'
import { startComponent } from './program.ts'
import { withPostgres } from './with-database.ts'

const postgres = withPostgres()

let folder: string
let port: number
const clusterFolder = () => path.join(folder, 'data', 'postgres', 'cluster')
const origin = () => `http://127.0.0.1:${port}`

function startApi(env: Readonly<Record<string, string>> = {}): Program {
  return startComponent('api', { cwd: folder, env: { HOST: '127.0.0.1', PORT: String(port), ...env } })
}

function readAll(start: string): string {
  return readdirSync(start, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')
}

const post = (route: string, body: object) =>
  fetch(`${origin()}/api/v1/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

/** Holds up every request that reads or writes users, until the returned connection ends. */
async function lockUsers(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {}) // The server may end before a failed test.
  await client.connect()
  await client.query('begin; lock table users')
  return client
}

beforeEach(async () => {
  folder = await tempDir()
  port = await freePort()
})

afterEach(async () => {
  if (existsSync(clusterFolder()) && findPostmaster(clusterFolder()) !== undefined) {
    await stopServer(openCluster(path.dirname(clusterFolder())))
  }
})

describe('the backend', () => {
  it('is one command: brings its database, says where it logs, and takes everything down with it', async () => {
    const api = startApi({ PIXSIM7_POSTGRES_PORT: String(await freePort()), JSON_LOGS: 'true' })
    await api.waitForLine(new RegExp(`^PixSim7 backend .* ready: ${origin()}`))
    expect(api.stdout).toContain(
      `backend logs to ${folder}/data/logs/backend.log + ${folder}/data/logs/errors.log`,
    )
    expect((await (await fetch(`${origin()}/health`)).json()).database).toBe('connected')
    expect(statSync(path.join(folder, 'data', 'secret.key')).mode & 0o777).toBe(0o600)
    expect(
      (await post('auth/register', { email: 'ann@example.com', username: 'ann', password: 'correct-horse' }))
        .status,
    ).toBe(201)
    api.signal('SIGTERM')
    expect((await api.exit).code).toBe(0)
    expect(api.stderr).toBe('')
    expect(findPostmaster(clusterFolder())).toBeUndefined()
    const logs = readAll(path.join(folder, 'data', 'logs'))
    expect(
      logs
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).message),
    ).toEqual(
      expect.arrayContaining([
        'Starting',
        'Ready',
        'User registered',
        'Request answered',
        'Shutting down',
        'Stopped',
      ]),
    )
    const password = readFileSync(path.join(folder, 'data', 'postgres', 'password'), 'utf8').trim()
    const key = readFileSync(path.join(folder, 'data', 'secret.key'), 'utf8').trim()
    for (const secret of [password, key, 'correct-horse', 'ann@example.com']) {
      expect(logs + api.stdout).not.toContain(secret)
    }
  })

  it('finishes the requests under way before it ends', async () => {
    const url = await postgres.createDatabase()
    const api = startApi({ DATABASE_URL: url })
    await api.waitForLine(/ready/)
    const blocker = await lockUsers(url)
    const pending = post('auth/register', {
      email: 'ann@example.com',
      username: 'ann',
      password: 'correct-horse',
    })
    await waitFor(async () => {
      const { rowCount } = await blocker.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return rowCount === 1
    })
    api.signal('SIGTERM')
    await waitFor(() =>
      readFileSync(path.join(folder, 'data', 'logs', 'backend.log'), 'utf8').includes('Shutting down'),
    )
    await blocker.query('commit')
    expect((await pending).status).toBe(201)
    expect((await api.exit).code).toBe(0)
    await blocker.end()
    await expect(fetch(origin())).rejects.toThrow()
  })

  it('ends within ten seconds even when a request hangs', async () => {
    const url = await postgres.createDatabase()
    const api = startApi({ DATABASE_URL: url })
    await api.waitForLine(/ready/)
    const blocker = await lockUsers(url)
    const pending = post('auth/register', {
      email: 'ann@example.com',
      username: 'ann',
      password: 'correct-horse',
    })
    pending.catch(() => {})
    await waitFor(async () => {
      const { rowCount } = await blocker.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return rowCount === 1
    })
    api.signal('SIGTERM')
    expect((await api.exit).code).toBe(1)
    expect(readFileSync(path.join(folder, 'data', 'logs', 'errors.log'), 'utf8')).toContain(
      'Shutdown took too long',
    )
    await blocker.end()
  })

  it('says in one line that its port is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve))
    const api = startApi({ DATABASE_URL: await postgres.createDatabase() })
    expect((await api.exit).code).toBe(1)
    expect(api.stderr).toMatch(
      new RegExp(`^Port ${port} on 127.0.0.1 is in use by another program[^\\n]*\\n$`),
    )
    await new Promise((resolve) => other.close(resolve))
  })

  it('tells all mistakes in the settings in one message, and no secret', async () => {
    writeFileSync(path.join(folder, '.env'), 'LOG_LEVEL=LOUD\nJWT_EXPIRATION_DAYS=0\n')
    const api = startApi({
      PORT: 'eighty',
      SECRET_KEY: 'change-me-0123456789',
      DATABASE_URL: 'mysql://root:geheim@localhost/x',
    })
    const { code, stderr, stdout } = await api.exit
    expect(code).toBe(1)
    for (const name of ['LOG_LEVEL', 'JWT_EXPIRATION_DAYS', 'PORT', 'SECRET_KEY', 'DATABASE_URL'])
      expect(stderr).toContain(name)
    expect(stderr + stdout).not.toMatch(/geheim|change-me-0123456789|\n {4}at /)
    expect(existsSync(clusterFolder())).toBe(false)
  })

  it('wants a SECRET_KEY of its own in production', async () => {
    const api = startApi({ LOG_ENV: 'production', DATABASE_URL: await postgres.createDatabase() })
    expect((await api.exit).code).toBe(1)
    expect(api.stderr).toMatch(/^SECRET_KEY is not set, and LOG_ENV=production[^\n]*\n$/)
    expect(existsSync(path.join(folder, 'data', 'secret.key'))).toBe(false)
  })

  it('says in one line that the database refuses it, without the password', async () => {
    const url = new URL(await postgres.createDatabase())
    url.password = 'geheim-und-falsch'
    const api = startApi({ DATABASE_URL: url.href })
    expect((await api.exit).code).toBe(1)
    expect(api.stderr).toMatch(/^PostgreSQL at 127\.0\.0\.1:\d+\/test_\d+ refuses us: [^\n]*\n$/)
    expect(api.stderr + api.stdout + readAll(path.join(folder, 'data', 'logs'))).not.toContain(
      'geheim-und-falsch',
    )
  })

  it('takes the same signal twice at once for one', async () => {
    const api = startApi({ DATABASE_URL: await postgres.createDatabase() })
    await api.waitForLine(/ready/)
    api.signal('SIGINT')
    api.signal('SIGINT')
    expect((await api.exit).code).toBe(0)
  })
})
