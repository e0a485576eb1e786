/**
 * Each event of the backend that the specification and the domain document name, made to happen in a running API over HTTP, with
 * a real database and provider, and read from backend.log. The loss of the database is in events-database.test.ts,
 * who may come in and how often in events-authentication.test.ts, mistakes outside of any request in system-exceptions.test.ts.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { waitFor } from '@pixsim7/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PixverseProvider } from '../src/provider/pixverse/pixverse-provider.ts'
import { number, on, testEvents, text } from './event-table.ts'
import { TEST_PASSWORD } from './http-client.ts'
import type { Answer, SignedInUser } from './http-client.ts'
import { withPostgres } from './with-database.ts'
import { WorkerWorld } from './worker-world.ts'
import type { WorldApi } from './worker-world.ts'

const postgres = withPostgres()
const cat = { operation_type: 'text_to_video', params: { prompt: 'a cat' } }

let world: WorkerWorld
let api: WorldApi
let ann: SignedInUser
let count = 0

beforeAll(async () => {
  world = await WorkerWorld.create(postgres, { lifetime: 'file' })
  api = await world.startApi({
    LOG_LEVEL: 'DEBUG',
    DATABASE_SLOW_QUERY: '200ms',
    HEARTBEAT_INTERVAL: '500ms',
  })
  ann = await api.register('ann')
})
afterAll(() => world.close())

const someone = () => api.register(`user${++count}`)
const sql = (statement: string, values: unknown[] = []) => world.database.pool.query(statement, values)
const idOf = ({ requestId }: Answer) => ({ request_id: requestId })
const request = async (answer: Promise<Answer>) => idOf(await answer)
const account = (user: SignedInUser) =>
  user.call('POST', 'accounts', { provider_id: 'pixverse', email: `a${++count}@example.com`, api_key: 'key' })

/** Runs `work` while a table is locked: whatever needs it waits for `ms`. */
async function whileLocked<T>(table: string, ms: number, work: () => Promise<T>): Promise<T> {
  const client = await world.database.pool.connect()
  try {
    await client.query(`begin; lock table ${table}`)
    const working = work()
    await client.query('select pg_sleep($1)', [ms / 1000])
    await client.query('commit')
    return await working
  } finally {
    client.release()
  }
}

/** Runs `work` while something of the database goes by another name. */
async function whileRenamed<T>(what: string, name: string, work: () => Promise<T>): Promise<T> {
  await sql(`alter ${what} ${name} rename to elsewhere`)
  try {
    return await work()
  } finally {
    await sql(`alter ${what} elsewhere rename to ${name}`)
  }
}

/** An asset of ann whose file the provider has, or has not (`download-404`). */
async function addAsset(outcome: 'ok' | 'download-404'): Promise<number> {
  const provider = new PixverseProvider({ baseUrl: world.simulator.baseUrl, timeoutMs: 10_000 })
  const credentials = { accountId: 1, secrets: { api_key: 'key' } }
  const payload = provider.mapParameters('text_to_video', { prompt: `[sim:${outcome}]` })
  const accepted = await provider.execute({
    operation: 'text_to_video',
    credentials,
    payload,
    traceId: randomUUID(),
  })
  const url = await waitFor(
    async () => (await provider.checkStatus(credentials, accepted.providerJobId)).videoUrl,
  )
  const row = {
    user_id: ann.id,
    provider_id: 'pixverse',
    provider_asset_id: accepted.providerJobId,
    remote_url: url,
  }
  return (await world.database.db.insertInto('assets').values(row).returning('id').executeTakeFirstOrThrow())
    .id
}

describe('HTTP requests', () => {
  const line = { request_id: text, method: text, path: text, duration_ms: number, client_ip: '127.0.0.1' }
  const refused = 'WARNING api.http: Request refused'

  testEvents(() => world, 'backend.log', [
    on('request', 'DEBUG api.http: Request received', { method: 'GET', path: '/' }, () =>
      request(api.call('GET', '/')),
    ),
    on(
      'http request 2xx/3xx',
      'INFO api.http: Request answered',
      { ...line, status_code: 200, path: '/api/v1/users/me' },
      async () => ({ ...(await request(ann.call('GET', 'users/me'))), user_id: ann.id }),
    ),
    on('http 400', refused, { ...line, status_code: 400, code: 'malformed_json' }, () =>
      request(api.call('POST', 'auth/login', { body: '{"email":' })),
    ),
    on('http 401', refused, { ...line, status_code: 401, code: 'authentication_error' }, () =>
      request(api.call('GET', 'jobs')),
    ),
    on('http 403', refused, { ...line, status_code: 403, code: 'permission_denied' }, async () => {
      const other = await someone()
      const { body } = await ann.call('POST', 'jobs', cat)
      return { ...(await request(other.call('GET', `jobs/${body.id}`))), user_id: other.id }
    }),
    on('http 404', refused, { ...line, status_code: 404, code: 'resource_not_found' }, () =>
      request(ann.call('GET', 'jobs/999999')),
    ),
    on('http 422', refused, { ...line, status_code: 422, code: 'validation_error' }, () =>
      request(ann.call('POST', 'jobs', { operation_type: 'dance' })),
    ),
    on(
      'http 5xx',
      'ERROR api.http: Request failed',
      {
        ...line,
        status_code: 500,
        code: 'internal_error',
        error_type: 'DatabaseError',
        exception: expect.stringMatching(/relation "assets" does not exist\n[^]* {4}at /),
      },
      () => whileRenamed('table', 'assets', () => request(ann.call('GET', 'assets'))),
    ),
  ])
})

describe('jobs', () => {
  const rejected = 'WARNING job_service: Job rejected'
  let bob: SignedInUser
  beforeAll(async () => {
    bob = await someone()
  })
  const reject = async (job: object) => ({
    ...(await request(bob.call('POST', 'jobs', job))),
    user_id: bob.id,
  })
  const create = async () => {
    const answer = await ann.call('POST', 'jobs', cat)
    return { ...idOf(answer), user_id: ann.id, job_id: answer.body.id as number }
  }

  testEvents(() => world, 'backend.log', [
    on(
      'job created',
      'INFO job_service: Job created',
      { operation_type: 'text_to_video', provider_id: 'pixverse', priority: 5 },
      create,
    ),
    on('job queued', 'INFO job_service: Job queued', { queue: 'process_job' }, create),
    on(
      'queueing failed',
      'ERROR job_service: Job could not be queued',
      { queue: 'process_job', error_type: 'DatabaseError', exception: expect.stringContaining('graphile') },
      () => whileRenamed('schema', 'graphile_worker', create),
    ),
    on('job rejected, parameters', rejected, { reason: 'invalid_parameters' }, () =>
      reject({ ...cat, params: {} }),
    ),
    on('job rejected, provider', rejected, { reason: 'provider_not_found' }, () =>
      reject({ ...cat, provider_id: 'nobody' }),
    ),
    on('job rejected, parent', rejected, { reason: 'invalid_operation' }, () =>
      reject({ ...cat, parent_job_id: 999_999 }),
    ),
    on(
      'job cancelled',
      'INFO job_service: Job cancelled',
      { on_provider: false, status_before: 'pending', job_status: 'cancelled', total_sec: number },
      async () => {
        const { job_id } = await create()
        return { ...(await request(ann.call('DELETE', `jobs/${job_id}`))), user_id: ann.id, job_id }
      },
    ),
  ])
})

describe('provider accounts', () => {
  const owned = { provider_id: 'pixverse', user_id: number, request_id: text }
  let id = 0
  beforeAll(async () => {
    id = (await account(ann)).body.id
  })
  const setCredits = async (amount: number) => ({
    ...(await request(ann.call('POST', `accounts/${id}/credits`, { credit_type: 'webapi', amount }))),
    account_id: id,
  })

  testEvents(() => world, 'backend.log', [
    on('account created', 'INFO account_service: Account created', owned, async () => {
      const answer = await account(ann)
      return { ...idOf(answer), account_id: answer.body.id }
    }),
    on(
      'account updated',
      'INFO account_service: Account updated',
      { ...owned, updated_fields: ['priority'] },
      async () => ({
        ...(await request(ann.call('PATCH', `accounts/${id}`, { priority: 3 }))),
        account_id: id,
      }),
    ),
    on(
      'cookies imported',
      'INFO account_service: Account updated',
      { ...owned, updated_fields: ['cookies'] },
      async () => ({
        ...(await request(ann.call('PATCH', `accounts/${id}`, { cookies: 'session=never-to-be-seen' }))),
        account_id: id,
      }),
    ),
    on(
      'credits set',
      'INFO account_service: Credits set',
      { ...owned, credit_type: 'webapi', amount: 7 },
      () => setCredits(7),
    ),
    on(
      'exhausted',
      'WARNING account_service: Account exhausted',
      { ...owned, credit_type: 'webapi', amount: 0 },
      () => setCredits(0),
    ),
    on('account deleted', 'INFO account_service: Account deleted', owned, async () => ({
      ...(await request(ann.call('DELETE', `accounts/${id}`))),
      account_id: id,
    })),
  ])
})

describe('assets', () => {
  const sync = async (asset_id: number) => ({
    ...(await request(ann.call('POST', `assets/${asset_id}/sync`))),
    user_id: ann.id,
    asset_id,
  })

  testEvents(() => world, 'backend.log', [
    on('asset sync start', 'INFO asset_service: Downloading asset', { url_host: text }, async () =>
      sync(await addAsset('ok')),
    ),
    on(
      'asset sync done',
      'INFO asset_service: Asset downloaded',
      { bytes: number, duration_ms: number, sha256: expect.stringMatching(/^[0-9a-f]{12}$/) },
      async () => sync(await addAsset('ok')),
    ),
    on(
      'asset download failed',
      'ERROR asset_service: Asset download failed',
      {
        url_host: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        status_code: 404,
        code: 'file_not_found',
        error_type: 'AssetError',
        exception: text,
      },
      async () => sync(await addAsset('download-404')),
    ),
    on('asset deleted', 'INFO asset_service: Asset deleted', { bytes: number }, async () => {
      const { asset_id } = await sync(await addAsset('ok'))
      return { ...(await request(ann.call('DELETE', `assets/${asset_id}`))), asset_id }
    }),
  ])
})

describe('the database', () => {
  testEvents(() => world, 'backend.log', [
    on(
      'query',
      'DEBUG database.session: Query',
      { duration_ms: number, statement: expect.stringMatching(/^select .*"max_daily_jobs"/) },
      async () => ({ ...(await request(ann.call('GET', 'users/me/usage'))), user_id: ann.id }),
    ),
    on(
      'slow query',
      'WARNING database.session: Slow query',
      { duration_ms: number, statement: expect.stringMatching(/^.{1,301}$/) },
      () => whileLocked('jobs', 600, () => request(ann.call('GET', 'jobs'))),
    ),
    on(
      'database probe failed',
      'ERROR database.session: Database probe failed',
      { error_type: 'ProbeTimeout', exception: expect.stringContaining('2000 ms') },
      () => whileLocked('worker_heartbeats', 2500, () => request(api.call('GET', '/health'))),
    ),
  ])
})

describe('the life of the backend', () => {
  testEvents(() => world, 'backend.log', [
    on('start', 'INFO main: Starting', { version: text, pid: number, node: process.version }, async () => ({
      pid: api.program.pid,
    })),
    on(
      'provider registered',
      'INFO provider.registry: Provider registered',
      { provider_id: 'pixverse', operations: text },
      async () => ({}),
    ),
    on('ready', 'INFO main: Ready', { event: 'service_started', version: text }, async () => ({
      pid: api.program.pid,
    })),
    on(
      'heartbeat',
      'INFO main: Heartbeat',
      { event: 'heartbeat', interval_sec: 0.5, uptime_sec: number, dependencies: { database: 'up' } },
      async () => ({ pid: api.program.pid }),
    ),
    on(
      'shutdown',
      'INFO main: Shutting down',
      { event: 'service_stopping', signal: 'SIGTERM', version: text },
      async () => {
        api.program.signal('SIGTERM')
        await api.program.exit
        return { pid: api.program.pid }
      },
    ),
    on('stopped', 'INFO main: Stopped', { event: 'service_stopped', duration_ms: number }, async () => ({
      pid: api.program.pid,
    })),
  ])

  it('left no secret and no e-mail address in its files, and no level word in a message', () => {
    const files = ['backend.log', 'errors.log'].map((name) =>
      readFileSync(path.join(world.folder, 'logs', name), 'utf8'),
    )
    for (const secret of [
      TEST_PASSWORD,
      'wrong-horse',
      '@example.com',
      'never-to-be-seen',
      ann.token,
      'Signature',
    ])
      expect(files.join('')).not.toContain(secret)
    for (const { message } of world.lines('backend.log'))
      expect(message).not.toMatch(/DEBUG|INFO|WARNING|ERROR|CRITICAL/)
  })
})
