import { describe, expect, it } from 'vitest'
import { withApi, withLogFiles } from '../../../test/with-api.ts'
import type { SignedInUser, TestApi } from '../../../test/with-api.ts'
import { withPostgres } from '../../../test/with-database.ts'
import { reserveAccount } from '../../accounts/account-slots.ts'
import { completeJob, startJob } from '../../jobs/job-transitions.ts'
import { PixverseProvider } from '../../provider/pixverse/pixverse-provider.ts'

const postgres = withPostgres()
withLogFiles()

const cat = { operation_type: 'text_to_video', params: { prompt: 'a cat' } }
const DAY_MS = 86_400_000

async function createJobs(
  user: SignedInUser,
  api: TestApi,
  count: number,
  body: object = cat,
): Promise<number[]> {
  const ids: number[] = []
  for (let n = 0; n < count; n++) {
    if (n % 10 === 0) api.advance(61_000)
    ids.push((await user.call('POST', 'jobs', body)).body.id)
  }
  return ids
}

describe('creating a job', () => {
  it('answers 201, stores it, counts it, queues it, and logs it with the ids of its request', async () => {
    await withApi(postgres, async ({ register, database, linesOf }) => {
      const user = await register('ann')
      const answer = await user.call('POST', 'jobs', { ...cat, priority: 2 })
      expect(answer.status).toBe(201)
      expect(answer.body).toMatchObject({
        user_id: user.id,
        status: 'pending',
        provider_id: 'pixverse',
        priority: 2,
        params: { prompt: 'a cat' },
      })
      const job_id = answer.body.id
      const { rows } = await database.pool.query(
        'select key, task_identifier, max_attempts, priority from graphile_worker.jobs',
      )
      expect(rows).toEqual([
        { key: `process_job:${job_id}`, task_identifier: 'process_job', max_attempts: 3, priority: 2 },
      ])
      const { rows: tasks } = await database.pool.query('select payload from graphile_worker._private_jobs')
      expect(tasks[0].payload).toEqual({ job_id, request_id: answer.requestId })
      expect((await user.call('GET', 'users/me/usage')).body).toMatchObject({
        jobs_today: 1,
        jobs: { pending: 1, failed: 0 },
        can_create_job: true,
      })
      const lines = await linesOf(answer)
      const common = {
        request_id: answer.requestId,
        user_id: user.id,
        job_id,
        logger: 'job_service',
        level: 'INFO',
      }
      expect(lines).toContainEqual(
        expect.objectContaining({
          ...common,
          message: 'Job created',
          operation_type: 'text_to_video',
          provider_id: 'pixverse',
          priority: 2,
        }),
      )
      expect(lines).toContainEqual(
        expect.objectContaining({ ...common, message: 'Job queued', queue: 'process_job' }),
      )
      expect(lines).toContainEqual(
        expect.objectContaining({
          logger: 'api.http',
          level: 'INFO',
          method: 'POST',
          path: '/api/v1/jobs',
          status_code: 201,
          user_id: user.id,
          client_ip: '127.0.0.1',
          duration_ms: expect.any(Number),
        }),
      )
      expect(JSON.stringify(lines)).not.toContain('a cat')
    })
  })

  it('keeps a schedule and a parent', async () => {
    await withApi(postgres, async ({ register, database }) => {
      const user = await register('ann')
      const parent = (await user.call('POST', 'jobs', cat)).body.id
      const scheduled_at = new Date(Date.now() + DAY_MS).toISOString()
      const answer = await user.call('POST', 'jobs', { ...cat, scheduled_at, parent_job_id: parent })
      expect(answer.body).toMatchObject({ scheduled_at, parent_job_id: parent })
      const { rows } = await database.pool.query(
        'select run_at from graphile_worker.jobs order by id desc limit 1',
      )
      expect(rows[0].run_at.toISOString()).toBe(scheduled_at)
    })
  })

  it.each<[string, object, number, string]>([
    ['no provider of this name', { ...cat, provider_id: 'nobody' }, 400, 'provider_not_found'],
    ['empty params', { ...cat, params: {} }, 400, 'invalid_parameters'],
    ['text without a prompt', { ...cat, params: { seed: 1 } }, 400, 'invalid_parameters'],
    [
      'a picture without its address',
      { operation_type: 'image_to_video', params: { prompt: 'x' } },
      400,
      'invalid_parameters',
    ],
    [
      'an extension without a video',
      { operation_type: 'video_extend', params: { prompt: 'x' } },
      400,
      'invalid_parameters',
    ],
    ['a parent that is not there', { ...cat, parent_job_id: 999_999 }, 400, 'invalid_operation'],
    ['an unknown operation', { ...cat, operation_type: 'text_to_song' }, 422, 'validation_error'],
    ['an unknown field', { ...cat, user_id: 1 }, 422, 'validation_error'],
    ['params that are a list', { ...cat, params: ['a cat'] }, 422, 'validation_error'],
    ['a priority out of range', { ...cat, priority: 11 }, 422, 'validation_error'],
    ['a priority as text', { ...cat, priority: '3' }, 422, 'validation_error'],
    ['a schedule without zone', { ...cat, scheduled_at: '2030-01-01T00:00:00' }, 422, 'validation_error'],
    [
      'a schedule in ten years',
      { ...cat, scheduled_at: new Date(Date.now() + 3650 * DAY_MS).toISOString() },
      422,
      'validation_error',
    ],
    ['NUL in the prompt', { ...cat, params: { prompt: 'a\u0000b' } }, 422, 'validation_error'],
    ['half a character in the prompt', { ...cat, params: { prompt: 'a\ud800b' } }, 422, 'validation_error'],
    ['NUL in a key', { ...cat, params: { prompt: 'a', 'b\u0000': 1 } }, 422, 'validation_error'],
  ])('refuses %s and does not count it', async (_name, body, status, code) => {
    await withApi(postgres, async ({ register }) => {
      const user = await register('ann')
      const answer = await user.call('POST', 'jobs', body)
      expect([answer.status, answer.body.error.code]).toEqual([status, code])
      expect((await user.call('GET', 'users/me/usage')).body.jobs_today).toBe(0)
    })
  })

  it('refuses the parent of somebody else', async () => {
    await withApi(postgres, async ({ register }) => {
      const [ann, bob] = [await register('ann'), await register('bob')]
      const { id } = (await ann.call('POST', 'jobs', cat)).body
      expect((await bob.call('POST', 'jobs', { ...cat, parent_job_id: id })).status).toBe(400)
    })
  })

  it('refuses what the provider does not support', async () => {
    class TextOnly extends PixverseProvider {
      override readonly supportedOperations = ['text_to_video' as const]
    }
    const providers = [new TextOnly({ baseUrl: 'http://127.0.0.1:9', timeoutMs: 1000 })]
    await withApi(
      postgres,
      async ({ register, linesOf }) => {
        const answer = await (
          await register('ann')
        ).call('POST', 'jobs', { operation_type: 'fusion', params: { prompt: 'x' } })
        expect([answer.status, answer.body.error.code]).toEqual([400, 'unsupported_operation'])
        expect(await linesOf(answer)).toContainEqual(
          expect.objectContaining({
            logger: 'job_service',
            level: 'WARNING',
            message: 'Job rejected',
            reason: 'unsupported_operation',
          }),
        )
      },
      { providers },
    )
  })

  it('is limited to 10 a minute for each user', async () => {
    await withApi(postgres, async ({ register, advance }) => {
      const [ann, bob] = [await register('ann'), await register('bob')]
      for (let n = 0; n < 10; n++) expect((await ann.call('POST', 'jobs', cat)).status).toBe(201)
      const limited = await ann.call('POST', 'jobs', cat)
      expect([limited.status, limited.body.error.code]).toEqual([429, 'rate_limited'])
      expect((await bob.call('POST', 'jobs', cat)).status).toBe(201)
      advance(Number(limited.headers.get('retry-after')) * 1000)
      expect((await ann.call('POST', 'jobs', cat)).status).toBe(201)
    })
  })

  it('stops at the daily limit, also for requests at once, and begins anew on the next day', async () => {
    await withApi(postgres, async ({ register, database }) => {
      const user = await register('ann')
      await database.db.updateTable('users').set({ max_daily_jobs: 3 }).execute()
      const answers = await Promise.all(Array.from({ length: 8 }, () => user.call('POST', 'jobs', cat)))
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(3)
      const refused = answers.find(({ status }) => status === 429)
      expect(refused?.body.error.code).toBe('user_quota_exceeded')
      expect(Number(refused?.headers.get('retry-after'))).toBeLessThanOrEqual(86_400)
      expect((await user.call('GET', 'users/me/usage')).body).toMatchObject({
        jobs_today: 3,
        can_create_job: false,
      })
      await database.db
        .updateTable('users')
        .set({ last_job_reset_at: new Date(Date.now() - DAY_MS) })
        .execute()
      expect((await user.call('GET', 'users/me/usage')).body).toMatchObject({
        jobs_today: 0,
        can_create_job: true,
      })
      expect((await user.call('POST', 'jobs', cat)).status).toBe(201)
      expect((await user.call('GET', 'users/me/usage')).body.jobs_today).toBe(1)
    })
  })

  it('succeeds while the queue fails, which is logged with its error', async () => {
    await withApi(postgres, async ({ register, database, linesOf }) => {
      const user = await register('ann')
      await database.pool.query('alter schema graphile_worker rename to elsewhere')
      const answer = await user.call('POST', 'jobs', cat)
      expect(answer.status).toBe(201)
      const line = (await linesOf(answer)).find(({ message }) => message === 'Job could not be queued')
      expect(line).toMatchObject({
        level: 'ERROR',
        logger: 'job_service',
        job_id: answer.body.id,
        user_id: user.id,
      })
      expect(line?.['exception']).toContain('graphile_worker')
      expect((await user.call('GET', `jobs/${answer.body.id}`)).body.status).toBe('pending')
    })
  })
})

describe('listing jobs', () => {
  it("shows one's own by urgency, then age, in pages with the total of all pages", async () => {
    await withApi(postgres, async (api) => {
      const [ann, bob] = [await api.register('ann'), await api.register('bob')]
      await createJobs(bob, api, 1)
      const plain = await createJobs(ann, api, 3)
      const [urgent] = await createJobs(ann, api, 1, { ...cat, priority: 0 })
      const [fusion] = await createJobs(ann, api, 1, {
        operation_type: 'video_extend',
        priority: 9,
        params: { prompt: 'x', video_url: 'https://example.com/v.mp4' },
      })
      const idsOf = async (query: string) =>
        (await ann.call('GET', `jobs${query}`)).body.jobs.map((job: { id: number }) => job.id)
      const order = [urgent, ...plain.toReversed(), fusion]
      const page = await ann.call('GET', 'jobs?limit=2&offset=1')
      expect(page.body).toMatchObject({ total: 5, limit: 2, offset: 1 })
      expect(page.body.jobs.map((job: { id: number }) => job.id)).toEqual(order.slice(1, 3))
      expect(await idsOf('')).toEqual(order)
      expect(await idsOf('?operation_type=video_extend')).toEqual([fusion])
      expect(await idsOf('?status=completed')).toEqual([])
      expect(await idsOf('?status=pending&limit=1')).toEqual([urgent])
      await api.makeAdmin(ann)
      expect((await ann.call('GET', 'jobs')).body.total).toBe(6)
    })
  })

  it.each(['limit=0', 'limit=101', 'limit=ten', 'offset=-1', 'status=done', 'unknown=1'])(
    'answers 422 to ?%s',
    async (query) => {
      await withApi(postgres, async ({ register }) => {
        expect((await (await register('ann')).call('GET', `jobs?${query}`)).status).toBe(422)
      })
    },
  )
})

describe('one job', () => {
  it('is shown to its owner and to admins', async () => {
    await withApi(postgres, async ({ register, makeAdmin }) => {
      const [ann, bob, root] = [await register('ann'), await register('bob'), await register('root')]
      await makeAdmin(root)
      const { id } = (await ann.call('POST', 'jobs', cat)).body
      expect((await ann.call('GET', `jobs/${id}`)).body.id).toBe(id)
      expect((await root.call('GET', `jobs/${id}`)).status).toBe(200)
      expect((await bob.call('GET', `jobs/${id}`)).body.error.code).toBe('permission_denied')
      expect((await bob.call('DELETE', `jobs/${id}`)).status).toBe(403)
      expect((await ann.call('GET', 'jobs/999999')).status).toBe(404)
      expect((await ann.call('DELETE', 'jobs/999999')).status).toBe(404)
      for (const id of ['0', '-1', '1.5', 'one', '99999999999999999999'])
        expect((await ann.call('GET', `jobs/${id}`)).status, id).toBe(422)
    })
  })

  it('is cancelled while pending, leaves the queue, and can then not be cancelled again', async () => {
    await withApi(postgres, async ({ register, database, linesOf }) => {
      const user = await register('ann')
      const { id } = (await user.call('POST', 'jobs', cat)).body
      const answer = await user.call('DELETE', `jobs/${id}`)
      expect([answer.status, answer.text]).toEqual([204, ''])
      expect((await user.call('GET', `jobs/${id}`)).body).toMatchObject({
        status: 'cancelled',
        completed_at: expect.any(String),
      })
      expect((await database.pool.query('select from graphile_worker.jobs')).rowCount).toBe(0)
      expect(await linesOf(answer)).toContainEqual(
        expect.objectContaining({
          logger: 'job_service',
          message: 'Job cancelled',
          job_id: id,
          user_id: user.id,
          on_provider: false,
        }),
      )
      const again = await user.call('DELETE', `jobs/${id}`)
      expect([again.status, again.body.error.code]).toEqual([400, 'job_cancelled'])
    })
  })

  it('gives its slot back when cancelled while processing, and asks the provider', async () => {
    const asked: unknown[] = []
    class Cancelling extends PixverseProvider {
      override async cancel(...request: Parameters<PixverseProvider['cancel']>): Promise<boolean> {
        asked.push(request)
        return true
      }
    }
    const providers = [new Cancelling({ baseUrl: 'http://127.0.0.1:9', timeoutMs: 1000 })]
    await withApi(
      postgres,
      async ({ register, database: { db }, linesOf }) => {
        const user = await register('ann')
        const account = (
          await user.call('POST', 'accounts', {
            provider_id: 'pixverse',
            email: 'a@example.com',
            api_key: 'key-of-ann',
          })
        ).body
        await user.call('POST', `accounts/${account.id}/credits`, { credit_type: 'openapi', amount: 5 })
        const { id } = (await user.call('POST', 'jobs', cat)).body
        await reserveAccount(db, id)
        await startJob(db, id)
        const submission = {
          job_id: id,
          account_id: account.id,
          provider_id: 'pixverse',
          payload: '{}',
          provider_job_id: '4711',
        }
        await db.insertInto('provider_submissions').values(submission).execute()
        expect((await user.call('GET', `accounts/${account.id}`)).body.current_processing_jobs).toBe(1)
        const answer = await user.call('DELETE', `jobs/${id}`)
        expect(answer.status).toBe(204)
        expect(asked).toEqual([[{ accountId: account.id, secrets: { api_key: 'key-of-ann' } }, '4711']])
        expect((await user.call('GET', `accounts/${account.id}`)).body.current_processing_jobs).toBe(0)
        expect(await linesOf(answer)).toContainEqual(
          expect.objectContaining({ message: 'Job cancelled', on_provider: true }),
        )
      },
      { providers },
    )
  })

  it('cannot be cancelled when it has ended', async () => {
    await withApi(postgres, async ({ register, database: { db } }) => {
      const user = await register('ann')
      const { id } = (await user.call('POST', 'jobs', cat)).body
      await startJob(db, id)
      const values = {
        user_id: user.id,
        provider_id: 'pixverse',
        provider_asset_id: '1',
        remote_url: 'https://example.com/v',
      }
      const asset = await db.insertInto('assets').values(values).returning('id').executeTakeFirstOrThrow()
      await completeJob(db, id, asset.id)
      const answer = await user.call('DELETE', `jobs/${id}`)
      expect([answer.status, answer.body.error.code]).toEqual([400, 'job_already_completed'])
    })
  })
})
