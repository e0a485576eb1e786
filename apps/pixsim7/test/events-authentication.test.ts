/** Each event of signing in, of sessions and of limits, made to happen over HTTP and read from backend.log. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
  api = await world.startApi()
  ann = await api.register('ann')
})
afterAll(() => world.close())

const someone = () => api.register(`user${++count}`)
const sql = (statement: string, values: unknown[] = []) => world.database.pool.query(statement, values)
const request = async (answer: Promise<Answer>) => ({ request_id: (await answer).requestId })
const withToken = (token: string) => api.call('GET', 'users/me', { token })
const login = (email: string, password = TEST_PASSWORD) =>
  api.call('POST', 'auth/login', { body: { email, password } })

describe('authentication', () => {
  const rejected = 'WARNING auth_service: Token rejected'
  const client_ip = '127.0.0.1'
  const session = (user: SignedInUser, change: string) =>
    sql(`update user_sessions set ${change} where user_id = $1`, [user.id])

  testEvents(() => world, 'backend.log', [
    on('register', 'INFO auth_service: User registered', { client_ip, request_id: text }, async () => ({
      user_id: (await someone()).id,
    })),
    on(
      'register, e-mail known',
      'WARNING auth_service: Registration refused',
      { client_ip, reason: 'email_taken' },
      () =>
        request(
          api.call('POST', 'auth/register', {
            body: { email: ann.email, username: 'another', password: TEST_PASSWORD },
          }),
        ),
    ),
    on(
      'register, name known',
      'WARNING auth_service: Registration refused',
      { client_ip, reason: 'username_taken' },
      () =>
        request(
          api.call('POST', 'auth/register', {
            body: { email: 'another@example.com', username: 'ann', password: TEST_PASSWORD },
          }),
        ),
    ),
    on('login ok', 'INFO auth_service: Login succeeded', { client_ip }, async () => ({
      ...(await request(login(ann.email))),
      user_id: ann.id,
    })),
    on(
      'login failed, wrong password',
      'WARNING auth_service: Login refused',
      { client_ip, reason: 'wrong_password' },
      async () => ({
        ...(await request(login(ann.email, 'wrong-horse-battery'))),
        user_id: ann.id,
      }),
    ),
    on(
      'login failed, unknown user',
      'WARNING auth_service: Login refused',
      { client_ip, reason: 'unknown_user' },
      () => request(login('nobody@example.com')),
    ),
    on(
      'login failed, inactive user',
      'WARNING auth_service: Login refused',
      { client_ip, reason: 'inactive_user' },
      async () => {
        const user = await someone()
        await sql('update users set is_active = false where id = $1', [user.id])
        return { ...(await request(login(user.email))), user_id: user.id }
      },
    ),
    on('token missing', rejected, { client_ip, reason: 'missing_token' }, () =>
      request(api.call('GET', 'users/me')),
    ),
    on('token malformed', rejected, { client_ip, reason: 'malformed_token' }, () =>
      request(withToken('nonsense')),
    ),
    on('token with a false signature', rejected, { client_ip, reason: 'bad_signature' }, () =>
      request(withToken(`${ann.token.replace(/[^.]*$/, '')}${'A'.repeat(43)}`)),
    ),
    on('token of no session', rejected, { client_ip, reason: 'unknown_session' }, async () => {
      const user = await someone()
      await sql('delete from user_sessions where user_id = $1', [user.id])
      return request(withToken(user.token))
    }),
    on('token of a session that was ended', rejected, { client_ip, reason: 'session_revoked' }, async () => {
      const user = await someone()
      await user.call('POST', 'auth/logout')
      return { ...(await request(withToken(user.token))), user_id: user.id }
    }),
    on('token of an inactive user', rejected, { client_ip, reason: 'inactive_user' }, async () => {
      const user = await someone()
      await sql('update users set is_active = false where id = $1', [user.id])
      return { ...(await request(withToken(user.token))), user_id: user.id }
    }),
    on(
      'session expired',
      'INFO auth_service: Session expired',
      { client_ip, reason: 'session_expired' },
      async () => {
        const user = await someone()
        await session(user, `created_at = now() - interval '2 days', expires_at = now() - interval '1 day'`)
        return { ...(await request(withToken(user.token))), user_id: user.id }
      },
    ),
    on('logout', 'INFO auth_service: Logged out', { session: number }, async () => {
      const user = await someone()
      return { ...(await request(user.call('POST', 'auth/logout'))), user_id: user.id }
    }),
    on('logout everywhere', 'INFO auth_service: Logged out everywhere', { sessions: 1 }, async () => {
      const user = await someone()
      return { ...(await request(user.call('POST', 'auth/logout-all'))), user_id: user.id }
    }),
    on('session revoked', 'INFO auth_service: Session revoked', { session: number }, async () => {
      const user = await someone()
      const { body } = await user.call('GET', 'auth/sessions')
      const revoked = user.call('DELETE', `auth/sessions/${body.sessions[0].id}`)
      return { ...(await request(revoked)), user_id: user.id }
    }),
  ])
})

describe('limits', () => {
  testEvents(() => world, 'backend.log', [
    on(
      'rate limit hit, logins',
      'WARNING rate_limit: Rate limit reached',
      { limiter: 'login', identity: '127.0.0.1', retry_after: number },
      async () => {
        for (let n = 0; n < 5; n++) await login('eve@example.com')
        return request(login('eve@example.com'))
      },
    ),
    on(
      'rate limit hit, jobs',
      'WARNING rate_limit: Rate limit reached',
      { limiter: 'create_job', retry_after: number, user_id: number },
      async () => {
        const user = await someone()
        for (let n = 0; n < 10; n++) await user.call('POST', 'jobs', cat)
        return { ...(await request(user.call('POST', 'jobs', cat))), identity: user.id }
      },
    ),
    on('http 429', 'WARNING api.http: Request refused', { status_code: 429, code: 'rate_limited' }, () =>
      request(login('eve@example.com')),
    ),
    on(
      'job rejected, day used up',
      'WARNING job_service: Job rejected',
      { reason: 'user_quota_exceeded' },
      async () => {
        const user = await someone()
        await sql('update users set max_daily_jobs = 0 where id = $1', [user.id])
        return { ...(await request(user.call('POST', 'jobs', cat))), user_id: user.id }
      },
    ),
  ])
})

it('writes no password, token or e-mail address', () => {
  const lines = JSON.stringify([...world.lines('backend.log'), ...world.lines('errors.log')])
  for (const secret of [
    TEST_PASSWORD,
    'wrong-horse',
    '@example.com',
    ann.token,
    ann.token.split('.')[2] ?? '',
  ]) {
    expect(lines).not.toContain(secret)
  }
})
