/**
 * Defects of the original application (domain document, 4.3) that ours does not have, by their numbers. Only those that no other
 * test shows; docs/defects.md lists them all, each with its test.
 */
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { cleanUpAfter, tempDir, waitFor } from '@pixsim7/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { upsertAsset } from '../src/assets/asset-repository.ts'
import { syncAsset } from '../src/assets/sync-asset.ts'
import type { SignedInUser } from './http-client.ts'
import { withDatabase, withPostgres } from './with-database.ts'
import { WorkerWorld } from './worker-world.ts'
import type { WorldApi } from './worker-world.ts'

const postgres = withPostgres()

/** A server of the test's own; its origin. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUpAfter('test', () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('the whole application', () => {
  const API_KEY = 'sk-defects-1234567890'
  let world: WorkerWorld
  let api: WorldApi
  let ann: SignedInUser
  let accountId: number

  beforeAll(async () => {
    world = await WorkerWorld.create(postgres, { lifetime: 'file', simulator: { slowGenerationMs: 2000 } })
    api = await world.startApi()
    ann = await api.register('ann')
    const account = { provider_id: 'pixverse', email: 'account@example.com', api_key: API_KEY }
    accountId = (await ann.call('POST', 'accounts', account)).body.id
    await ann.call('POST', `accounts/${accountId}/credits`, { credit_type: 'webapi', amount: 100 })
    await world.startWorker({ LOG_LEVEL: 'DEBUG' })
  })
  afterAll(() => world.close())

  const create = async (prompt: string): Promise<number> => {
    const answer = await ann.call('POST', 'jobs', { operation_type: 'text_to_video', params: { prompt } })
    expect(answer.status).toBe(201)
    return answer.body.id
  }

  it('1, 9: every route but those for signing in wants a login; there are none for migrations and services', async () => {
    const { paths } = (await api.call('GET', '/docs/json')).body as { paths: Record<string, object> }
    const open = ['/', '/health', '/api/v1/auth/register', '/api/v1/auth/login']
    const routes = Object.entries(paths).filter(([route]) => !open.includes(route))
    expect(routes.length).toBeGreaterThan(15)
    for (const [route, methods] of routes) {
      for (const method of Object.keys(methods)) {
        const answer = await api.call(method.toUpperCase(), route.replace(/\{\w+\}/g, '1'))
        expect([answer.status, answer.headers.get('www-authenticate')], `${method} ${route}`).toEqual([
          401,
          'Bearer realm="pixsim7"',
        ])
      }
    }
    for (const route of ['/api/admin/migrations/status', '/api/v1/services/control', '/api/v1/admin/logs']) {
      expect((await ann.call('POST', route, {})).status, route).toBe(404)
    }
  })

  it('2: what is queued by the API is what the worker reads', async () => {
    await world.waitForJob(await create('a fox [sim:ok]'), 'completed')
  })

  it('3: the slot is counted before the request goes out; last use and daily count are kept', async () => {
    const before = await world.account(accountId)
    const jobId = await create('a hare [sim:slow-answer]')
    // The provider has the request, and has not answered.
    await waitFor(() => world.simulator.generations.list().some(({ prompt }) => prompt.startsWith('a hare')))
    expect(await world.submissions(jobId)).toMatchObject([{ status: 'pending', provider_job_id: null }])
    const during = await world.account(accountId)
    expect(during.current_processing_jobs).toBe(1)
    expect(during.videos_today).toBe(before.videos_today + 1)
    expect(during.last_used_at?.getTime()).toBeGreaterThan(before.last_used_at?.getTime() ?? 0)
    await world.waitForJob(jobId, 'completed')
    expect((await world.account(accountId)).current_processing_jobs).toBe(0)
  })

  it('4: the generation time counts from the answer of the provider, not from the request', async () => {
    const jobId = await create('a lynx [sim:slow-answer]')
    await world.waitForJob(jobId, 'completed')
    const [submission] = await world.submissions(jobId)
    // The answer took this long, and is no part of the generation.
    expect(submission?.duration_ms).toBeGreaterThan(1900)
    const line = await world.waitForLog({ job_id: jobId, message: 'Job completed' })
    const endedAt = Date.parse(String(line['timestamp']))
    const sinceAnswerSec = (endedAt - (submission?.responded_at?.getTime() ?? 0)) / 1000
    expect(Math.abs(Number(line['duration_sec']) - sinceAnswerSec)).toBeLessThan(1)
  })

  it('4: a job that is out of time is ended once, whatever the provider then says', async () => {
    const jobId = await create('a mole [sim:endless]')
    await world.waitForLog({ job_id: jobId, message: 'Submitted to Pixverse' })
    await world.database.db
      .updateTable('provider_submissions')
      .set({ submitted_at: new Date(Date.now() - 3 * 3_600_000) })
      .where('job_id', '=', jobId)
      .execute()
    await world.waitForJob(jobId, 'failed')
    await world.waitForLog({ job_id: jobId, message: 'Job timed out' })
    const polls = () => world.lines().filter(({ message }) => message === 'No running jobs').length
    const seen = polls()
    await waitFor(() => polls() > seen + 2)
    expect(world.linesOf(jobId).filter((line) => 'job_status' in line)).toHaveLength(1)
    expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
  })

  it('4: an asset that is there already is no error, and its job completes', async () => {
    const jobId = await create('a newt [sim:ok]')
    const { provider_job_id } = await world.waitForLog({ job_id: jobId, message: 'Submitted to Pixverse' })
    const known = { user_id: ann.id, provider_id: 'pixverse', remote_url: 'http://127.0.0.1:9/old' }
    const asset = await world.database.db
      .insertInto('assets')
      .values({ ...known, provider_asset_id: String(provider_job_id) })
      .returning('id')
      .executeTakeFirstOrThrow()
    expect((await world.waitForJob(jobId, 'completed')).asset_id).toBe(asset.id)
    await world.waitForLog({ job_id: jobId, message: 'Asset known already' })
    expect(world.linesOf(jobId, 'errors.log')).toEqual([])
  })

  it('8: the secrets of accounts are sealed in the database', async () => {
    const { rows } = await world.database.pool.query(
      'select provider_accounts::text as row from provider_accounts',
    )
    expect(rows).toHaveLength(1)
    const hex = Buffer.from(API_KEY).toString('hex')
    for (const { row } of rows) for (const form of [API_KEY, hex]) expect(row).not.toContain(form)
  })
})

describe('polling', () => {
  it('4: never overlaps, however slow the provider', async () => {
    const world = await WorkerWorld.create(postgres, { simulator: { answerMs: 700, generationMs: 30_000 } })
    await world.addAccount()
    const user = await world.addUser()
    await world.startWorker()
    for (let n = 0; n < 3; n++) await world.addJob(user, `slow ${n} [sim:ok]`)
    const polls = await waitFor(() => {
      const lines = world.lines().filter(({ message }) => message === 'Job statuses checked')
      return lines.length >= 5 && lines
    })
    const spans = polls.map((line) => {
      const endMs = Date.parse(String(line['timestamp']))
      return { startMs: endMs - Number(line['duration_ms']), endMs }
    })
    // Some took longer than the 200 ms between two polls, or nothing could have overlapped.
    expect(Math.max(...spans.map(({ startMs, endMs }) => endMs - startMs))).toBeGreaterThan(400)
    for (const [n, { startMs }] of spans.entries()) {
      expect(startMs).toBeGreaterThanOrEqual((spans[n - 1]?.endMs ?? 0) - 5)
    }
    await world.close()
  })

  it('4: a generation the provider has cancelled ends its job at once', async () => {
    const answers: Record<string, object> = { generate: { video_id: 4711 }, result: { status: 'cancelled' } }
    const origin = await serve((request, response) => {
      const [, kind = ''] =
        /video\/\w*\/?(generate)|video\/(result)/.exec(request.url ?? '')?.filter(Boolean) ?? []
      response.end(JSON.stringify({ ErrCode: 0, ErrMsg: '', Resp: answers[kind] ?? { credit_package: 50 } }))
    })
    const world = await WorkerWorld.create(postgres)
    await world.addAccount()
    await world.startWorker({ PIXVERSE_BASE_URL: origin })
    const jobId = await world.addJob(await world.addUser(), 'cancelled elsewhere')
    expect((await world.waitForJob(jobId, 'failed')).error_message).toBe(
      'The provider cancelled the generation',
    )
    expect(
      await world.waitForLog({ job_id: jobId, message: 'The provider cancelled the generation' }),
    ).toMatchObject({ level: 'WARNING', logger: 'status_poller', job_status: 'failed' })
    expect(await world.slotsTaken()).toEqual({ counted: 0, held: 0 })
    await world.close()
  })
})

describe('downloads', () => {
  async function addAsset(
    database: Parameters<Parameters<typeof withDatabase>[1]>[0],
    name: string,
    url: string,
  ) {
    const { id } = await database.db
      .insertInto('users')
      .values({ email: `${name}@example.com`, username: name, password_hash: 'none' })
      .returning('id')
      .executeTakeFirstOrThrow()
    const nothing = { sha256: null, provider_account_id: null, thumbnail_url: null, local_path: null }
    const unknown = {
      width: null,
      height: null,
      duration_sec: null,
      file_size_bytes: null,
      downloaded_at: null,
    }
    const { asset } = await upsertAsset(database.db, {
      ...nothing,
      ...unknown,
      user_id: id,
      provider_id: 'pixverse',
      provider_asset_id: name,
      remote_url: url,
      mime_type: 'video/mp4',
      source_job_id: null,
    })
    return asset
  }

  it('7: are written as they come, not kept in memory', () =>
    withDatabase(postgres, async (database) => {
      const basePath = await tempDir()
      const chunk = Buffer.alloc(256 * 1024, 'v')
      let sendRest = () => {}
      const url = await serve((_request, response) => {
        response
          .writeHead(200, { 'content-type': 'video/mp4', 'content-length': 2 * chunk.length })
          .write(chunk)
        sendRest = () => void response.end(chunk)
      })
      const asset = await addAsset(database, 'ann', url)
      const syncing = syncAsset({ db: database.db, basePath }, asset.id)
      // The first half is on the disk while the server still holds the second.
      const partial = path.join(basePath, '.partial')
      await waitFor(() =>
        readdirSync(partial).some((name) => statSync(path.join(partial, name)).size >= chunk.length / 2),
      )
      sendRest()
      expect(await syncing).toMatchObject({ sync_status: 'downloaded', file_size_bytes: 2 * chunk.length })
    }))

  it('7: of the same bytes by two users do not collide', () =>
    withDatabase(postgres, async (database) => {
      const basePath = await tempDir()
      const url = await serve((_request, response) => response.end('the same bytes'))
      const store = { db: database.db, basePath }
      const synced = []
      for (const name of ['ann', 'bob']) {
        synced.push(await syncAsset(store, (await addAsset(database, name, url)).id))
      }
      expect(synced.map((asset) => asset.sync_status)).toEqual(['downloaded', 'downloaded'])
      expect(synced[0]?.sha256).toBe(synced[1]?.sha256)
      expect(synced[0]?.local_path).not.toBe(synced[1]?.local_path)
    }))
})
