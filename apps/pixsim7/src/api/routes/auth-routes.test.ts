import { describe, expect, it } from 'vitest'
import { TEST_PASSWORD, TEST_SECRET_KEY, withApi, withLogFiles } from '../../../test/with-api.ts'
import { withPostgres } from '../../../test/with-database.ts'
import { Tokens } from '../../security/tokens.ts'

const postgres = withPostgres()
withLogFiles()

const ann = { email: 'Ann@Example.com', username: 'ann', password: TEST_PASSWORD }

describe('registration', () => {
  it('answers 201 with a token that works, and nothing of the password', async () => {
    await withApi(postgres, async ({ call }) => {
      const answer = await call('POST', 'auth/register', { body: ann })
      expect(answer.status).toBe(201)
      expect(answer.body).toMatchObject({
        token_type: 'bearer',
        expires_in: 2_592_000,
        user: { email: 'ann@example.com', username: 'ann', role: 'user' },
      })
      expect(answer.text).not.toContain(TEST_PASSWORD)
      expect(answer.text).not.toContain('argon2')
      expect(Object.keys(answer.body.user)).not.toContain('password_hash')
      for (const route of ['users/me', 'auth/me']) {
        const me = await call('GET', route, { token: answer.body.access_token })
        expect(me.status).toBe(200)
        expect(me.body).toEqual(answer.body.user)
      }
    })
  })

  it.each([
    ['the same e-mail in another case', { ...ann, email: 'aNN@example.COM', username: 'other' }],
    ['the same username in another case', { ...ann, email: 'other@example.com', username: 'ANN' }],
  ])('answers 409 to %s', async (_name, second) => {
    await withApi(postgres, async ({ call }) => {
      await call('POST', 'auth/register', { body: ann })
      const answer = await call('POST', 'auth/register', { body: second })
      expect(answer.status).toBe(409)
      expect(answer.body.error.code).toBe('resource_already_exists')
      expect(answer.text.toLowerCase()).not.toContain('key (')
    })
  })

  it.each([
    ['a short password', { ...ann, password: 'short' }],
    ['a long password', { ...ann, password: 'x'.repeat(101) }],
    ['no e-mail address', { ...ann, email: 'ann' }],
    ['a line break in the e-mail address', { ...ann, email: 'ann@example.com\nbcc@example.com' }],
    ['a short username', { ...ann, username: 'an' }],
    ['a username with markup', { ...ann, username: '<b>ann</b>' }],
    ['an unknown field', { ...ann, role: 'admin' }],
    ['a number for a text', { ...ann, username: 12345 }],
    ['a missing field', { email: ann.email, username: ann.username }],
    ['a list', [ann]],
  ])('answers 422 to %s and repeats no password', async (_name, body) => {
    await withApi(postgres, async ({ call }) => {
      const answer = await call('POST', 'auth/register', { body })
      expect(answer.status).toBe(422)
      expect(answer.body.error.code).toBe('validation_error')
      expect(answer.text).not.toContain('x'.repeat(20))
      expect(answer.text).not.toContain(TEST_PASSWORD)
    })
  })
})

describe('login', () => {
  it('answers 200 with a token, whatever the case of the address', async () => {
    await withApi(postgres, async ({ call, register, linesOf }) => {
      const user = await register('ann')
      const answer = await call('POST', 'auth/login', {
        body: { email: 'ANN@example.com', password: TEST_PASSWORD },
      })
      expect(answer.status).toBe(200)
      expect(answer.body.user.id).toBe(user.id)
      expect(answer.body.access_token).not.toBe(user.token)
      expect(await linesOf(answer)).toContainEqual(
        expect.objectContaining({
          logger: 'auth_service',
          level: 'INFO',
          message: 'Login succeeded',
          user_id: user.id,
        }),
      )
    })
  })

  it('answers the same 401 to a wrong password, an unknown and an inactive user', async () => {
    await withApi(postgres, async ({ call, register, database, linesOf }) => {
      await register('ann')
      await register('idle')
      await database.db
        .updateTable('users')
        .set({ is_active: false })
        .where('username', '=', 'idle')
        .execute()
      const attempts = [
        ['ann@example.com', 'wrong-password', 'wrong_password'],
        ['nobody@example.com', TEST_PASSWORD, 'unknown_user'],
        ['idle@example.com', TEST_PASSWORD, 'inactive_user'],
      ] as const
      const messages = new Set<string>()
      for (const [email, password, reason] of attempts) {
        const answer = await call('POST', 'auth/login', { body: { email, password } })
        expect(answer.status).toBe(401)
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
        messages.add(answer.body.error.message)
        const lines = await linesOf(answer)
        expect(lines).toContainEqual(
          expect.objectContaining({
            logger: 'auth_service',
            level: 'WARNING',
            message: 'Login refused',
            reason,
          }),
        )
        expect(JSON.stringify(lines)).not.toContain(email)
        expect(JSON.stringify(lines)).not.toContain(password)
      }
      expect(messages.size).toBe(1)
    })
  })

  it('takes as long for an unknown user as for a wrong password', async () => {
    await withApi(postgres, async ({ call, register, advance }) => {
      await register('ann')
      const timesMs = { 'ann@example.com': [] as number[], 'nobody@example.com': [] as number[] }
      // In turns, so that a busy moment of the machine meets both.
      for (let round = 0; round < 10; round++) {
        advance(61_000)
        for (const [email, times] of Object.entries(timesMs)) {
          const startedAt = performance.now()
          await call('POST', 'auth/login', { body: { email, password: 'wrong-password' } })
          times.push(performance.now() - startedAt)
        }
      }
      const [known, unknown] = Object.values(timesMs).map((times) => times.sort((a, b) => a - b)[4] ?? 0) as [
        number,
        number,
      ]
      // Without the decoy hash the unknown user is answered about ten times as fast.
      expect(unknown / known).toBeGreaterThan(0.4)
    })
  })

  it('is limited to 5 per minute for each address and e-mail, and says when to come back', async () => {
    await withApi(postgres, async ({ call, register, advance, linesOf }) => {
      await register('ann')
      const attempt = (email: string, password = 'wrong-password') =>
        call('POST', 'auth/login', { body: { email, password } })
      for (let n = 0; n < 5; n++) expect((await attempt('ann@example.com')).status).toBe(401)
      const limited = await attempt('Ann@example.com', TEST_PASSWORD)
      expect(limited.status).toBe(429)
      expect(limited.body.error.code).toBe('rate_limited')
      const retryAfter = Number(limited.headers.get('retry-after'))
      expect(retryAfter).toBeGreaterThan(0)
      expect(retryAfter).toBeLessThanOrEqual(60)
      const lines = await linesOf(limited)
      expect(lines).toContainEqual(
        expect.objectContaining({
          logger: 'rate_limit',
          level: 'WARNING',
          limiter: 'login',
          retry_after: retryAfter,
        }),
      )
      expect((await attempt('bob@example.com')).status).toBe(401)
      advance(retryAfter * 1000)
      expect((await attempt('ann@example.com', TEST_PASSWORD)).status).toBe(200)
    })
  })

  it('is limited by the address alone as well, so that one password cannot be tried on everybody', async () => {
    await withApi(postgres, async ({ call }) => {
      const statuses: number[] = []
      for (let n = 0; n < 61; n++) {
        statuses.push(
          (await call('POST', 'auth/login', { body: { email: `user${n}@example.com`, password: 'x' } }))
            .status,
        )
      }
      expect(statuses.slice(0, 60).every((status) => status === 401)).toBe(true)
      expect(statuses[60]).toBe(429)
    })
  })
})

describe('tokens', () => {
  it('are refused with 401 when missing, malformed, of another key or algorithm, or expired', async () => {
    await withApi(postgres, async ({ call, register, advance, linesOf }) => {
      const user = await register('ann')
      const [header, payload, signature] = user.token.split('.') as [string, string, string]
      const forged = (object: object) => Buffer.from(JSON.stringify(object)).toString('base64url')
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
      const otherKey = await new Tokens('another-key-of-sufficient-length-here').sign({
        userId: user.id,
        role: 'admin',
        tokenId: claims.jti,
        expiresAt: new Date(Date.now() + 1000_000),
      })
      const unknownSession = await new Tokens(TEST_SECRET_KEY).sign({
        userId: user.id,
        role: 'user',
        tokenId: 'no-such-session',
        expiresAt: new Date(Date.now() + 1000_000),
      })
      const bad: [string | undefined, string | undefined][] = [
        [undefined, undefined],
        ['rubbish', 'malformed_token'],
        [`${forged({ alg: 'none', typ: 'JWT' })}.${payload}.`, 'malformed_token'],
        [`${header}.${forged({ ...claims, sub: '999', role: 'admin' })}.${signature}`, 'bad_signature'],
        [otherKey, 'bad_signature'],
        [unknownSession, 'unknown_session'],
        ['x'.repeat(5000), 'malformed_token'],
      ]
      for (const [token, reason] of bad) {
        const answer = await call('GET', 'users/me', token === undefined ? {} : { token })
        expect(answer.status, token).toBe(401)
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
        if (reason !== undefined) {
          const lines = await linesOf(answer)
          expect(lines).toContainEqual(
            expect.objectContaining({
              logger: 'auth_service',
              level: 'WARNING',
              message: 'Token rejected',
              reason,
            }),
          )
        }
      }
      expect((await user.call('GET', 'users/me')).status).toBe(200)
      advance(30 * 86_400_000 + 10_000)
      const expired = await user.call('GET', 'users/me')
      expect(expired.status).toBe(401)
      expect(await linesOf(expired)).toContainEqual(
        expect.objectContaining({ level: 'INFO', message: 'Session expired' }),
      )
    })
  })

  it('stop working when their user is made inactive', async () => {
    await withApi(postgres, async ({ register, database }) => {
      const user = await register('ann')
      await database.db.updateTable('users').set({ is_active: false }).where('id', '=', user.id).execute()
      expect((await user.call('GET', 'users/me')).status).toBe(401)
    })
  })
})

describe('sessions', () => {
  it('end with logout, and only this one', async () => {
    await withApi(postgres, async ({ call, register, linesOf }) => {
      const user = await register('ann')
      const other = await call('POST', 'auth/login', { body: { email: user.email, password: TEST_PASSWORD } })
      const answer = await user.call('POST', 'auth/logout')
      expect(answer.status).toBe(204)
      expect(answer.text).toBe('')
      const refused = await user.call('GET', 'users/me')
      expect(refused.status).toBe(401)
      expect(await linesOf(refused)).toContainEqual(
        expect.objectContaining({ message: 'Token rejected', reason: 'session_revoked' }),
      )
      expect((await call('GET', 'users/me', { token: other.body.access_token })).status).toBe(200)
    })
  })

  it('all end with logout-all', async () => {
    await withApi(postgres, async ({ call, register }) => {
      const user = await register('ann')
      const other = await call('POST', 'auth/login', { body: { email: user.email, password: TEST_PASSWORD } })
      const stranger = await register('bob')
      const answer = await user.call('POST', 'auth/logout-all')
      expect([answer.status, answer.body]).toEqual([200, { count: 2 }])
      for (const token of [user.token, other.body.access_token])
        expect((await call('GET', 'users/me', { token })).status).toBe(401)
      expect((await stranger.call('GET', 'users/me')).status).toBe(200)
    })
  })

  it('are listed with the present one marked, and can be ended one by one', async () => {
    await withApi(postgres, async ({ call, register, linesOf }) => {
      const user = await register('ann')
      const other = await call('POST', 'auth/login', {
        body: { email: user.email, password: TEST_PASSWORD },
        headers: { 'user-agent': 'phone' },
      })
      const { body } = await user.call('GET', 'auth/sessions')
      expect(body.sessions).toHaveLength(2)
      const [newest, own] = body.sessions
      expect(newest).toMatchObject({ user_agent: 'phone', ip_address: '127.0.0.1', is_current: false })
      expect(own.is_current).toBe(true)
      expect(JSON.stringify(body)).not.toContain('token')
      const stranger = await register('bob')
      expect((await stranger.call('DELETE', `auth/sessions/${newest.id}`)).status).toBe(403)
      expect((await user.call('DELETE', 'auth/sessions/999999')).status).toBe(404)
      expect((await user.call('DELETE', 'auth/sessions/none')).status).toBe(422)
      const revoked = await user.call('DELETE', `auth/sessions/${newest.id}`)
      expect(revoked.status).toBe(204)
      expect(await linesOf(revoked)).toContainEqual(
        expect.objectContaining({ message: 'Session revoked', user_id: user.id, session: newest.id }),
      )
      expect((await call('GET', 'users/me', { token: other.body.access_token })).status).toBe(401)
      expect((await user.call('GET', 'auth/sessions')).body.sessions).toHaveLength(1)
    })
  })

  it('note their last use at most once a minute', async () => {
    await withApi(postgres, async ({ register, database }) => {
      const user = await register('ann')
      const lastUsed = async () =>
        (await database.db.selectFrom('user_sessions').select('last_used_at').executeTakeFirstOrThrow())
          .last_used_at
      const before = await lastUsed()
      await user.call('GET', 'users/me')
      expect(await lastUsed()).toEqual(before)
      await database.db
        .updateTable('user_sessions')
        .set({ last_used_at: new Date(Date.now() - 120_000) })
        .execute()
      await user.call('GET', 'users/me')
      expect(Date.now() - (await lastUsed()).getTime()).toBeLessThan(60_000)
    })
  })
})
