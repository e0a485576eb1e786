/** Puts secrets into every input of the API: bodies, headers, addresses, accounts, jobs, and what a provider answers. */
import { waitFor } from '@pixsim7/testkit'
import { PATIENCE_MS } from '../../support/running-system.ts'
import type { Call, Exchanges } from './exchanges.ts'
import { marker, plant, plantShape, plantText } from './plants.ts'
import type { Sayings } from './talkative-provider.ts'

/** What the user asks the provider for is kept, and shown to the user. */
const OF_JOBS = { columns: ['jobs.params', 'provider_submissions.payload'], answers: /\/api\/v1\/jobs/ }
/** Where the result lies: the download needs the whole address, and its owner gets it. */
const OF_ASSETS = { columns: ['assets.remote_url'], answers: /GET \/api\/v1\/assets(\/\d+)? → 200/ }

/** What the provider says of which behaviour. */
export function plantSayings(): Sayings {
  const say = (behaviour: string) => `${marker(behaviour)} ${plantText(`provider's answer, ${behaviour}`)}`
  return {
    // Short enough each that nothing is cut off.
    refuse: plantText("provider's answer, refuse").split('; ').map((part) => `${marker('refuse')} ${part}`), // prettier-ignore
    unauthorized: say('unauthorized'),
    broken: say('broken'),
    garbage: say('garbage'),
    unknown: say('unknown'),
    status: say('status'),
    userInfo: `root:${plantShape('address of a video, user', 'opaque', OF_ASSETS)}`,
    query: `token=${plantShape('address of a video, query', 'opaque', OF_ASSETS)}`,
  }
}

interface User {
  readonly authorization: { readonly authorization: string }
  readonly accountId: number
}

/** Registers, logs in rightly and wrongly, and adds a private account with all its secrets. */
async function plantUser(api: Exchanges, name: string): Promise<User> {
  const email = plantShape(`registration of ${name}`, 'email', {
    columns: ['users.email'],
    answers: /\/auth\/(register|login) → 20|\/users\/me → 200/,
  })
  const password = plantShape(`registration of ${name}`, 'password')
  const agent = { 'user-agent': `${marker('user agent')} ${plantText(`user agent of ${name}`)}` }
  const register: Call = { headers: agent, body: { email, username: name, password } }
  await api.call('/api/v1/auth/register', register)
  await api.call('/api/v1/auth/register', register)
  const login = async (body: object) => api.call('/api/v1/auth/login', { headers: agent, body })
  await login({ email, password: plantShape(`wrong login of ${name}`, 'password') })
  await login({ email: plantShape(`unknown login of ${name}`, 'email'), password })
  await login({ email, password, [plantShape(`unknown field of ${name}`, 'jwt')]: 1 })
  const { json } = await login({ email, password })
  const { access_token } = json as { access_token: string }
  plant(`access token of ${name}`, access_token, { answers: /\/auth\/(register|login) → 20/ })

  const authorization = { authorization: `Bearer ${access_token}` }
  const secretsOf = (what: string) => ({
    password: plantShape(what, 'password'),
    jwt_token: plantShape(what, 'jwt'),
    api_key: plantShape(what, 'opaque'),
    api_key_paid: plantShape(what, 'apiKey'),
    cookies: `sid=${plantShape(`${what}, cookies`, 'opaque')}; theme=dark`,
  })
  const account = {
    provider_id: 'pixverse',
    is_private: true,
    email: plantShape(`account of ${name}`, 'email', {
      columns: ['provider_accounts.email'],
      answers: /\/api\/v1\/accounts/,
    }),
  }
  const created = await api.call('/api/v1/accounts', {
    headers: authorization,
    body: { ...account, ...secretsOf(`account of ${name}`) },
  })
  const { id: accountId } = created.json as { id: number }
  for (const body of [
    { ...account, ...secretsOf(`second account of ${name}`) },
    { ...account, password: [plantShape(`account password as a list of ${name}`, 'password')] },
    { ...account, priority: plantShape(`priority of an account of ${name}`, 'apiKey') },
    { ...account, provider_id: plantShape(`provider of an account of ${name}`, 'github') },
  ]) {
    await api.call('/api/v1/accounts', { headers: authorization, body })
  }
  const changed = secretsOf(`changed account of ${name}`)
  await api.call(`/api/v1/accounts/${accountId}`, { method: 'PATCH', headers: authorization, body: changed })
  const credits = { credit_type: 'webapi', amount: 50 }
  await api.call(`/api/v1/accounts/${accountId}/credits`, { headers: authorization, body: credits })
  return { authorization, accountId }
}

/** Runs jobs through everything the provider does, each with secrets of its own. Returns once all have ended. */
async function plantJobs(api: Exchanges, user: User, words: readonly string[]): Promise<void> {
  const headers = user.authorization
  const params = (word: string) => ({
    prompt: `[${word}] ${plantText(`prompt ${word}`, OF_JOBS)}`,
    note: { password: plantShape(`note of job ${word}`, 'password', OF_JOBS) },
  })
  const orders = words.map((word) => ({ operation_type: 'text_to_video', params: params(word) }))
  const secret = plantShape(`picture of ${words.join(' ')}`, 'opaque', OF_JOBS)
  const picture = { ...params('picture'), image_url: `https://u:${secret}@pictures.example/a?sig=${secret}` }
  for (const body of [...orders, { operation_type: 'image_to_video', params: picture }]) {
    await api.call('/api/v1/jobs', { headers, body })
  }
  await waitFor(
    async () => {
      const { json } = await api.call('/api/v1/jobs', { headers })
      const { jobs } = json as { jobs: { status: string }[] }
      return jobs.length > words.length && jobs.every(({ status }) => /completed|failed/.test(status))
    },
    { timeoutMs: PATIENCE_MS, intervalMs: 500 },
  )
  const { json } = await api.call('/api/v1/assets', { headers })
  for (const { id } of (json as { assets: { id: number }[] }).assets) {
    await api.call(`/api/v1/assets/${id}/sync`, { method: 'POST', headers })
  }
  for (const url of [`/accounts/${user.accountId}`, '/accounts', '/auth/sessions', '/users/me', '/assets']) {
    await api.call(`/api/v1${url}`, { headers })
  }
}

/** Requests that are wrong in every way a request can be, with secrets in all their parts. */
async function plantRequests(api: Exchanges, { authorization }: User): Promise<void> {
  const text = (input: string) => `${marker(input)} ${plantText(input)}`
  const bearer = (token: string): Call => ({ headers: { authorization: token } })
  await api.call('/api/v1/users/me', bearer(`Bearer ${plantShape('bearer token', 'jwt')}`))
  await api.call('/api/v1/users/me', bearer(`Bearer ${plantShape('opaque bearer token', 'opaque')}`))
  await api.call('/api/v1/users/me', bearer(`Bearer ${plantShape('bearer of two', 'jwt')} and more`))
  await api.call('/api/v1/users/me', bearer(plantShape('authorization without a scheme', 'opaque')))
  const basic = plantShape('basic credentials', 'password')
  await api.call('/api/v1/users/me', bearer(`Basic ${Buffer.from(`me:${basic}`).toString('base64')}`))

  const headers = {
    ...authorization,
    cookie: `sid=${plantShape('cookie', 'opaque')}; token=${plantShape('cookie', 'jwt')}`,
    'x-api-key': plantShape('header x-api-key', 'opaque'),
    referer: `https://a.example/?token=${plantShape('referer', 'opaque')}`,
    'user-agent': text('user agent of requests'),
    'x-forwarded-for': plantShape('header x-forwarded-for', 'email'),
    'x-request-id': plantShape('request id', 'jwt'),
    'x-whatever': text('any header'),
  }
  await api.call('/api/v1/users/me', { headers })
  await api.call('/api/v1/nowhere', {
    headers: { ...headers, 'x-request-id': plantShape('request id', 'apiKey') },
  })

  const shapes = ['jwt', 'apiKey', 'cloudKey', 'github', 'card', 'iban', 'email'] as const
  for (const shape of shapes) {
    await api.call(`/api/v1/${marker('path')}/${plantShape('path', shape)}`, { headers: authorization })
    await api.call(`/api/v1/jobs/${plantShape('path of a job', shape)}`, { headers: authorization })
    await api.call(`/api/v1/%zz/${plantShape('malformed path', shape)}`)
    await api.call(`/api/v1/jobs?status=${plantShape('status of jobs', shape)}`, { headers: authorization })
  }
  const query = (input: string) =>
    `token=${plantShape(input, 'opaque')}&q=${encodeURIComponent(plantText(input))}#${plantShape(`${input}, hash`, 'jwt')}`
  for (const url of ['/', '/health', '/docs', '/api/v1/jobs', '/api/v1/nowhere', '/api/v1/%zz']) {
    await api.call(`${url}?${query(`query of ${url}`)}`, { headers: authorization })
  }
  await api.call(`/api/v1/x;password=${plantShape('path parameter', 'password')}`)
  await api.call(`/api/v1/user/password:${plantShape('path with a colon', 'password')}/x`)

  const post = (body: object | string, type = 'application/json') =>
    api.call('/api/v1/jobs', { headers: { ...authorization, 'content-type': type }, body })
  await post(`{"password":"${plantShape('bad JSON', 'password')}","token":`)
  await post(plantShape('bad JSON at its beginning', 'opaque'))
  await post(text('body of another type'), 'text/plain')
  await post(`password=${plantShape('form', 'password')}`, 'application/x-www-form-urlencoded')
  await post(`{"params":"${plantShape('large body', 'jwt')}${'x'.repeat(300_000)}"}`)
  await post({ operation_type: plantShape('operation', 'apiKey'), params: {} })
  await post({ operation_type: 'text_to_video', params: { prompt: `\0${plantText('text with a NUL')}` } })
  await post({ operation_type: 'text_to_video', params: 1, [plantShape('name of a field', 'jwt')]: 1 })
  await post({ operation_type: 'text_to_video', params: {}, provider_id: plantText('provider') })

  await api.raw(
    `GET /?token=${plantShape('no HTTP', 'opaque')} HTTP/9.9\r\nX: ${plantText('no HTTP')}\r\n\r\n`,
  )
  await api.raw(`${plantText('no HTTP at all')}\r\n\r\n`)
  await api.raw(
    `GET / HTTP/1.1\r\nHost: a\r\nCookie: a=${plantText('long header')}${'x'.repeat(40_000)}\r\n\r\n`,
  )
}

/** All of it. */
export async function plantInApplication(api: Exchanges): Promise<void> {
  const [first, second, third] = [
    await plantUser(api, 'first-user'),
    await plantUser(api, 'second-user'),
    await plantUser(api, 'third-user'),
  ]
  await plantRequests(api, first)
  await plantJobs(api, first, ['refuse 0', 'refuse 1', 'refuse 2', 'refuse 3', 'refuse 4', 'refuse 5'])
  await plantJobs(api, second, ['ok', 'address', 'unknown', 'broken', 'garbage', 'status'])
  await plantJobs(api, third, ['unauthorized'])
}
