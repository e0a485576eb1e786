import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { withApi, withLogFiles } from '../../../test/with-api.ts'
import type { TestApi } from '../../../test/with-api.ts'
import { withPostgres } from '../../../test/with-database.ts'
import { VERSION } from '../../version.ts'

const postgres = withPostgres()
const logs = withLogFiles()

async function addAssets(
  { database }: TestApi,
  userId: number,
  count: number,
  traits: object = {},
): Promise<number[]> {
  const rows = Array.from({ length: count }, (_, n) => ({
    user_id: userId,
    provider_id: 'pixverse',
    provider_asset_id: `video-${userId}-${n}-${JSON.stringify(traits).length}`,
    remote_url: 'https://media.example.com/v.mp4',
    ...traits,
  }))
  const inserted = await database.db.insertInto('assets').values(rows).returning('id').execute()
  return inserted.map(({ id }) => id)
}

describe('assets', () => {
  it('are listed newest first, in pages that neither repeat nor skip', async () => {
    await withApi(postgres, async (api) => {
      const [ann, bob] = [await api.register('ann'), await api.register('bob')]
      const ids = await addAssets(api, ann.id, 7)
      await addAssets(api, bob.id, 2)
      const seen: number[] = []
      let cursor: string | null = ''
      let pages = 0
      do {
        const { body } = await ann.call('GET', `assets?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`)
        seen.push(...body.assets.map((asset: { id: number }) => asset.id))
        cursor = body.next_cursor
        pages++
      } while (cursor !== null)
      expect(seen).toEqual(ids.toReversed())
      expect(pages).toBe(3)
      await api.makeAdmin(ann)
      expect((await ann.call('GET', 'assets')).body.assets).toHaveLength(9)
    })
  })

  it('are filtered by kind, state, provider, tag and text, taken literally', async () => {
    await withApi(postgres, async (api) => {
      const user = await api.register('ann')
      const [plain] = await addAssets(api, user.id, 1)
      const [tagged] = await addAssets(api, user.id, 1, {
        tags: ['100%_Cats', 'sea'],
        sync_status: 'downloaded',
        media_type: 'image',
      })
      const idsOf = async (query: string) =>
        (await user.call('GET', `assets?${query}`)).body.assets.map((asset: { id: number }) => asset.id)
      expect(await idsOf('media_type=image')).toEqual([tagged])
      expect(await idsOf('sync_status=remote')).toEqual([plain])
      expect(await idsOf('tag=sea')).toEqual([tagged])
      expect(await idsOf('tag=se')).toEqual([])
      expect(await idsOf('q=cats')).toEqual([tagged])
      expect(await idsOf(`q=${encodeURIComponent('100%_')}`)).toEqual([tagged])
      expect(await idsOf(`q=${encodeURIComponent('%')}`)).toEqual([tagged])
      expect(await idsOf(`q=${encodeURIComponent("' or true --")}`)).toEqual([])
      expect(await idsOf('provider_id=sora')).toEqual([])
      for (const query of ['limit=101', 'cursor=x', 'media_type=gif', 'sort=id'])
        expect((await user.call('GET', `assets?${query}`)).status, query).toBe(422)
    })
  })

  it('are shown to their owner and to admins', async () => {
    await withApi(postgres, async (api) => {
      const [ann, bob, root] = [
        await api.register('ann'),
        await api.register('bob'),
        await api.register('root'),
      ]
      await api.makeAdmin(root)
      const [id] = await addAssets(api, ann.id, 1, {
        duration_sec: 5.5,
        file_size_bytes: 3_000_000_000,
        tags: ['sea'],
      })
      expect((await ann.call('GET', `assets/${id}`)).body).toMatchObject({
        id,
        user_id: ann.id,
        duration_sec: 5.5,
        file_size_bytes: 3_000_000_000,
        tags: ['sea'],
        sync_status: 'remote',
      })
      expect((await root.call('GET', `assets/${id}`)).status).toBe(200)
      expect((await bob.call('GET', `assets/${id}`)).status).toBe(403)
      expect((await ann.call('GET', 'assets/999999')).status).toBe(404)
    })
  })
})

describe('the file of an asset', () => {
  it('is fetched on request, counted, and deleted with it', async () => {
    const bytes = Buffer.alloc(50_000, 'mp4 ')
    const media = createServer((request, response) => {
      if (request.url === '/gone.mp4') response.writeHead(404).end()
      else response.writeHead(200, { 'content-type': 'video/mp4' }).end(bytes)
    })
    await new Promise<void>((resolve) => media.listen(0, '127.0.0.1', resolve))
    const origin = `http://127.0.0.1:${(media.address() as AddressInfo).port}`
    try {
      await withApi(postgres, async (api) => {
        const [ann, bob] = [await api.register('ann'), await api.register('bob')]
        const [id] = await addAssets(api, ann.id, 1, { remote_url: `${origin}/v.mp4` })
        const [gone] = await addAssets(api, ann.id, 1, { remote_url: `${origin}/gone.mp4` })
        for (const [method, route] of [
          ['POST', `assets/${id}/sync`],
          ['DELETE', `assets/${id}`],
        ] as const) {
          expect((await bob.call(method, route)).status).toBe(403)
        }
        const synced = await ann.call('POST', `assets/${id}/sync`)
        expect(synced.status, synced.text).toBe(200)
        expect(synced.body).toMatchObject({ sync_status: 'downloaded', file_size_bytes: bytes.length })
        const row = await api.database.db
          .selectFrom('assets')
          .select('local_path')
          .where('id', '=', id ?? 0)
          .executeTakeFirst()
        const file = path.join(logs.folder(), 'storage', row?.local_path ?? '')
        expect(readFileSync(file).equals(bytes)).toBe(true)
        expect((await ann.call('GET', 'users/me/usage')).body.current_storage_gb).toBeCloseTo(
          bytes.length / 1e9,
          12,
        )
        const failed = await ann.call('POST', `assets/${gone}/sync`)
        expect([failed.status, failed.body.error.code]).toEqual([400, 'file_not_found'])
        expect((await ann.call('DELETE', `assets/${id}`)).status).toBe(204)
        expect(existsSync(file)).toBe(false)
        expect((await ann.call('GET', 'users/me/usage')).body.current_storage_gb).toBe(0)
        expect((await ann.call('POST', `assets/${id}/sync`)).status).toBe(404)
        expect((await ann.call('DELETE', `assets/${id}`)).status).toBe(404)
      })
    } finally {
      await new Promise((resolve) => media.close(resolve))
    }
  })
})

describe('providers', () => {
  it('are listed with what each operation takes', async () => {
    await withApi(postgres, async ({ register }) => {
      const { body } = await (await register('ann')).call('GET', 'providers')
      expect(body.providers).toMatchObject([{ id: 'pixverse', domains: ['pixverse.ai'] }])
      const parameters = body.providers[0].parameters.text_to_video
      expect(parameters).toContainEqual({
        name: 'prompt',
        type: 'string',
        required: true,
        max_length: expect.any(Number),
      })
      expect(parameters).toContainEqual(
        expect.objectContaining({
          name: 'quality',
          required: false,
          default: '360p',
          values: expect.arrayContaining(['720p']),
        }),
      )
    })
  })
})

describe('usage', () => {
  it('counts jobs, accounts, assets and storage', async () => {
    await withApi(postgres, async (api) => {
      const user = await api.register('ann')
      await addAssets(api, user.id, 2)
      await api.database.db.updateTable('users').set({ current_storage_bytes: 2_500_000_000 }).execute()
      await user.call('POST', 'accounts', { provider_id: 'pixverse', email: 'a@example.com' })
      expect((await user.call('GET', 'users/me/usage')).body).toEqual({
        jobs: { pending: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 },
        jobs_today: 0,
        max_daily_jobs: 100,
        max_concurrent_jobs: 10,
        can_create_job: true,
        provider_accounts: 1,
        max_provider_accounts: 5,
        assets: 2,
        max_assets: 1000,
        current_storage_gb: 2.5,
        max_storage_gb: 100,
      })
    })
  })
})

describe('health', () => {
  it('is public and counts the workers seen lately', async () => {
    await withApi(postgres, async ({ call, database }) => {
      expect((await call('GET', '/')).body).toEqual({ name: 'PixSim7', version: VERSION, docs: '/docs' })
      const worker = { worker_id: 'w1', pid: 1, host: 'here' }
      await database.db
        .insertInto('worker_heartbeats')
        .values([worker, { ...worker, worker_id: 'w2', seen_at: new Date(Date.now() - 600_000) }])
        .execute()
      const { status, body } = await call('GET', '/health')
      expect(status).toBe(200)
      expect(body).toMatchObject({
        status: 'ok',
        database: 'connected',
        workers: 1,
        providers: ['pixverse'],
        version: VERSION,
      })
    })
  })

  it('is logged once as long as it stays the same', async () => {
    await withApi(postgres, async ({ call, linesOf }) => {
      const levels: unknown[] = []
      for (let n = 0; n < 3; n++) {
        const lines = await linesOf(await call('GET', '/health'))
        levels.push(lines.find(({ message }) => message === 'Request answered')?.level)
      }
      expect(levels).toEqual(['INFO', 'DEBUG', 'DEBUG'])
    })
  })
})

describe('documentation', () => {
  it('describes every route, its failures and how to sign in', async () => {
    await withApi(postgres, async ({ call }) => {
      expect((await call('GET', '/docs')).text).toContain('swagger-ui')
      const { body } = await call('GET', '/docs/json')
      expect(Object.keys(body.paths)).toEqual(
        expect.arrayContaining([
          '/',
          '/health',
          '/api/v1/auth/register',
          '/api/v1/auth/login',
          '/api/v1/auth/sessions/{id}',
          '/api/v1/users/me',
          '/api/v1/users/me/usage',
          '/api/v1/accounts/{id}/credits',
          '/api/v1/jobs/{id}',
          '/api/v1/assets/{id}',
          '/api/v1/providers',
        ]),
      )
      expect(body.paths['/api/v1/jobs'].post.security).toEqual([{ bearer: [] }])
      expect(Object.keys(body.paths['/api/v1/jobs'].post.responses)).toEqual(
        expect.arrayContaining(['201', '400', '401', '422', '429']),
      )
    })
  })
})
