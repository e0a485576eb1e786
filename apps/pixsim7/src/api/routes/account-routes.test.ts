import { describe, expect, it } from 'vitest'
import { withApi, withLogFiles } from '../../../test/with-api.ts'
import { withPostgres } from '../../../test/with-database.ts'
import { openSecrets } from '../../accounts/account-secrets.ts'

const postgres = withPostgres()
withLogFiles()

const secrets = {
  password: 'hunter2-of-the-provider',
  jwt_token: `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"exp":1000000000}').toString('base64url')}.c2lnbmF0dXJl`,
  api_key: 'key-0123456789abcdef',
  api_key_paid: 'paid-0123456789abcdef',
  cookies: 'session=0123456789abcdef; other=1',
}
const account = { provider_id: 'pixverse', email: 'Studio@Example.com' }

describe('creating an account', () => {
  it('answers 201 and shows which secrets there are, not what they are, anywhere', async () => {
    await withApi(postgres, async ({ register, database, secretBox, linesOf, logLines }) => {
      const user = await register('ann')
      const answer = await user.call('POST', 'accounts', {
        ...account,
        ...secrets,
        priority: 3,
        is_private: true,
      })
      expect(answer.status).toBe(201)
      expect(answer.body).toMatchObject({
        provider_id: 'pixverse',
        email: 'studio@example.com',
        is_own: true,
        is_system: false,
        is_private: true,
        status: 'active',
        priority: 3,
        has_password: true,
        has_jwt: true,
        jwt_expired: true,
        has_api_key: true,
        has_api_key_paid: true,
        has_cookies: true,
        credits: {},
        max_concurrent_jobs: 5,
        current_processing_jobs: 0,
        last_used: null,
      })
      const row = await database.db.selectFrom('provider_accounts').selectAll().executeTakeFirstOrThrow()
      expect(openSecrets(secretBox, row)).toEqual(secrets)
      const list = await user.call('GET', 'accounts')
      const { rows } = await database.pool.query(
        `select a::text as text, encode(secrets, 'escape') as bytes from provider_accounts a`,
      )
      const everywhere = [
        answer.text,
        list.text,
        JSON.stringify(rows),
        JSON.stringify(await logLines()),
      ].join('\n')
      for (const secret of Object.values(secrets)) expect(everywhere).not.toContain(secret)
      expect(await linesOf(answer)).toContainEqual(
        expect.objectContaining({
          logger: 'account_service',
          message: 'Account created',
          user_id: user.id,
          account_id: row.id,
          provider_id: 'pixverse',
        }),
      )
    })
  })

  it('gives two slots without a paid key', async () => {
    await withApi(postgres, async ({ register }) => {
      expect((await (await register('ann')).call('POST', 'accounts', account)).body.max_concurrent_jobs).toBe(
        2,
      )
    })
  })

  it.each<[string, object, number, string]>([
    ['the same again', account, 409, 'resource_already_exists'],
    ['the same in another case', { ...account, email: 'STUDIO@example.com' }, 409, 'resource_already_exists'],
    ['a provider nobody knows', { ...account, provider_id: 'nobody' }, 400, 'provider_not_found'],
    ['an unknown field', { ...account, user_id: 1 }, 422, 'validation_error'],
    ['an empty secret', { ...account, api_key: '' }, 422, 'validation_error'],
    ['cookies without end', { ...account, cookies: 'x'.repeat(20_000) }, 422, 'validation_error'],
  ])('refuses %s', async (_name, body, status, code) => {
    await withApi(postgres, async ({ register }) => {
      const user = await register('ann')
      await user.call('POST', 'accounts', account)
      const answer = await user.call('POST', 'accounts', body)
      expect([answer.status, answer.body.error.code]).toEqual([status, code])
    })
  })

  it('lets two users have the same, and one user no more than allowed', async () => {
    await withApi(postgres, async ({ register }) => {
      const [ann, bob] = [await register('ann'), await register('bob')]
      const add = (n: number) => ann.call('POST', 'accounts', { ...account, email: `a${n}@example.com` })
      const answers = await Promise.all(Array.from({ length: 7 }, (_, n) => add(n)))
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(5)
      expect(answers.find(({ status }) => status !== 201)?.body.error.code).toBe('account_limit_reached')
      expect((await bob.call('POST', 'accounts', { ...account, email: 'a0@example.com' })).status).toBe(201)
    })
  })
})

describe('who sees and changes an account', () => {
  it('everybody sees what is shared, without its e-mail; only the owner sees and changes the private', async () => {
    await withApi(postgres, async ({ register, makeAdmin }) => {
      const [ann, bob, root] = [await register('ann'), await register('bob'), await register('root')]
      await makeAdmin(root)
      const shared = (await ann.call('POST', 'accounts', account)).body.id
      const own = (
        await ann.call('POST', 'accounts', { ...account, email: 'own@example.com', is_private: true })
      ).body.id
      const seenByBob = await bob.call('GET', 'accounts')
      expect(seenByBob.body.accounts).toMatchObject([{ id: shared, is_own: false, email: null }])
      expect(seenByBob.text).not.toContain('example.com')
      for (const [method, body] of [['GET'], ['PATCH', { priority: 1 }], ['DELETE']] as const) {
        expect((await bob.call(method, `accounts/${own}`, body)).status).toBe(404)
      }
      expect((await bob.call('PATCH', `accounts/${shared}`, { priority: 1 })).status).toBe(403)
      expect((await bob.call('DELETE', `accounts/${shared}`)).status).toBe(403)
      expect(
        (await bob.call('POST', `accounts/${shared}/credits`, { credit_type: 'bonus', amount: 1 })).status,
      ).toBe(403)
      expect((await root.call('GET', `accounts/${own}`)).body.email).toBe('own@example.com')
      expect((await ann.call('GET', 'accounts/999999')).status).toBe(404)
    })
  })

  it('system accounts serve everybody and are deleted by nobody', async () => {
    await withApi(postgres, async ({ register, makeAdmin, database }) => {
      const { id } = await database.db
        .insertInto('provider_accounts')
        .values({ provider_id: 'pixverse', email: 'system@example.com' })
        .returning('id')
        .executeTakeFirstOrThrow()
      const [ann, root] = [await register('ann'), await register('root')]
      await makeAdmin(root)
      expect((await ann.call('GET', `accounts/${id}`)).body).toMatchObject({
        is_system: true,
        is_own: false,
        email: null,
      })
      expect((await ann.call('PATCH', `accounts/${id}`, { priority: 1 })).status).toBe(403)
      expect((await root.call('PATCH', `accounts/${id}`, { priority: 1 })).body.priority).toBe(1)
      expect((await root.call('DELETE', `accounts/${id}`)).status).toBe(403)
    })
  })

  it('the list is filtered by provider and status', async () => {
    await withApi(postgres, async ({ register }) => {
      const user = await register('ann')
      const { id } = (await user.call('POST', 'accounts', account)).body
      await user.call('POST', 'accounts', { ...account, email: 'b@example.com' })
      await user.call('PATCH', `accounts/${id}`, { status: 'disabled' })
      const idsOf = async (query: string) =>
        (await user.call('GET', `accounts?${query}`)).body.accounts.map((found: { id: number }) => found.id)
      expect(await idsOf('status=disabled')).toEqual([id])
      expect(await idsOf('provider_id=sora')).toEqual([])
      expect(await idsOf('provider_id=pixverse')).toHaveLength(2)
      expect((await user.call('GET', 'accounts?status=broken')).status).toBe(422)
    })
  })
})

describe('changing an account', () => {
  it('sets what is named, removes a secret set to null, keeps the others, and logs the names of fields only', async () => {
    await withApi(postgres, async ({ register, database, secretBox, linesOf }) => {
      const user = await register('ann')
      const { id } = (await user.call('POST', 'accounts', { ...account, ...secrets })).body
      const answer = await user.call('PATCH', `accounts/${id}`, {
        priority: 9,
        api_key: 'key-new-0123456789',
        cookies: null,
        max_daily_videos: 7,
      })
      expect(answer.status).toBe(200)
      expect(answer.body).toMatchObject({
        priority: 9,
        has_api_key: true,
        has_cookies: false,
        has_password: true,
        max_daily_videos: 7,
      })
      const row = await database.db.selectFrom('provider_accounts').selectAll().executeTakeFirstOrThrow()
      expect(openSecrets(secretBox, row)).toEqual({
        password: secrets.password,
        jwt_token: secrets.jwt_token,
        api_key_paid: secrets.api_key_paid,
        api_key: 'key-new-0123456789',
      })
      const line = (await linesOf(answer)).find(({ message }) => message === 'Account updated')
      expect(line).toMatchObject({
        account_id: id,
        updated_fields: ['priority', 'max_daily_videos', 'api_key', 'cookies'],
      })
      expect(JSON.stringify(await linesOf(answer))).not.toContain('key-new')
    })
  })

  it('put back into service, an account begins with a clean slate', async () => {
    await withApi(postgres, async ({ register, database }) => {
      const user = await register('ann')
      const { id } = (await user.call('POST', 'accounts', account)).body
      await database.db
        .updateTable('provider_accounts')
        .set({ status: 'error', failure_streak: 5, last_error: 'refused' })
        .execute()
      expect((await user.call('PATCH', `accounts/${id}`, { status: 'active' })).body).toMatchObject({
        status: 'active',
        last_error: null,
      })
      expect(
        (await database.db.selectFrom('provider_accounts').select('failure_streak').executeTakeFirst())
          ?.failure_streak,
      ).toBe(0)
    })
  })

  it('answers 409 when the new e-mail is taken, 422 to what may not be set', async () => {
    await withApi(postgres, async ({ register }) => {
      const user = await register('ann')
      await user.call('POST', 'accounts', account)
      const { id } = (await user.call('POST', 'accounts', { ...account, email: 'b@example.com' })).body
      expect((await user.call('PATCH', `accounts/${id}`, { email: account.email })).status).toBe(409)
      for (const body of [
        { status: 'exhausted' },
        { provider_id: 'sora' },
        { current_processing_jobs: 0 },
        { priority: '1' },
      ]) {
        expect((await user.call('PATCH', `accounts/${id}`, body)).status).toBe(422)
      }
    })
  })

  it('is deleted unless a job is running on it', async () => {
    await withApi(postgres, async ({ register, database, linesOf }) => {
      const user = await register('ann')
      const { id } = (await user.call('POST', 'accounts', account)).body
      await database.db.updateTable('provider_accounts').set({ current_processing_jobs: 1 }).execute()
      const refused = await user.call('DELETE', `accounts/${id}`)
      expect([refused.status, refused.body.error.code]).toEqual([409, 'account_in_use'])
      await database.db.updateTable('provider_accounts').set({ current_processing_jobs: 0 }).execute()
      const answer = await user.call('DELETE', `accounts/${id}`)
      expect(answer.status).toBe(204)
      expect(await linesOf(answer)).toContainEqual(
        expect.objectContaining({ message: 'Account deleted', account_id: id, user_id: user.id }),
      )
      expect((await user.call('GET', `accounts/${id}`)).status).toBe(404)
    })
  })
})

describe('credits', () => {
  it('are set by purse, exhaust the account at nothing and revive it', async () => {
    await withApi(postgres, async ({ register, linesOf }) => {
      const user = await register('ann')
      const { id } = (await user.call('POST', 'accounts', account)).body
      const set = (credit_type: string, amount: number) =>
        user.call('POST', `accounts/${id}/credits`, { credit_type, amount })
      const first = await set('openapi', 12)
      expect(first.body).toMatchObject({ credits: { openapi: 12 }, status: 'active' })
      expect(await linesOf(first)).toContainEqual(
        expect.objectContaining({
          logger: 'account_service',
          message: 'Credits set',
          account_id: id,
          credit_type: 'openapi',
          amount: 12,
        }),
      )
      expect((await set('bonus', 3)).body.credits).toEqual({ openapi: 12, bonus: 3 })
      expect((await set('openapi', 0)).body).toMatchObject({
        status: 'active',
        credits: { openapi: 0, bonus: 3 },
      })
      const last = await set('bonus', 0)
      expect(last.body.status).toBe('exhausted')
      expect(await linesOf(last)).toContainEqual(
        expect.objectContaining({ level: 'WARNING', message: 'Account exhausted', account_id: id }),
      )
      expect((await set('webapi', 1)).body.status).toBe('active')
      for (const body of [
        { credit_type: 'gold', amount: 1 },
        { credit_type: 'bonus', amount: -1 },
        { credit_type: 'bonus', amount: 1.5 },
      ]) {
        expect((await user.call('POST', `accounts/${id}/credits`, body)).status).toBe(422)
      }
    })
  })
})
