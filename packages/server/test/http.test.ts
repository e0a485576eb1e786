import { expect, test } from 'vitest'
import { codeOf, messageOf, send, sendRaw } from './http-client.ts'
import { PASSWORD, TOKEN, withApp, type RunningApp } from './with-app.ts'

const bearer = { authorization: `Bearer ${TOKEN}` }
const LOG_ROUTES = [
  '/logs',
  '/logs/histogram',
  '/logs/facets',
  '/logs/some-id',
  '/logs/some-id/context',
  '/logs/tail',
]

test.each(LOG_ROUTES)(
  'GET %s: nothing without signing in, 503 with a wait while the store is starting',
  (route) =>
    withApp(async (app) => {
      const anonymous = await app.send(`/api/v1${route}`)
      expect([anonymous.status, codeOf(anonymous)]).toEqual([401, 'unauthorized'])
      const starting = await app.send(`/api/v1${route}`, { headers: bearer })
      expect([starting.status, codeOf(starting), starting.headers['retry-after']]).toEqual([
        503,
        'store_starting',
        '1',
      ])
    }),
)

test('health is public and says that the store is starting', () =>
  withApp(async (app) => {
    const health = await app.send('/api/v1/health')
    expect(health.status).toBe(200)
    expect(health.json).toMatchObject({ status: 'starting', version: '0.0.0-test', rows: 0, files: [] })
  }))

test('every answer has the security headers and a request id of the server’s own', () =>
  withApp(async (app) => {
    const answers = await Promise.all([
      app.send('/', { headers: { 'x-request-id': 'mine' } }),
      app.send('/logs?level=ERROR'),
      app.send('/assets/index-3f2a1b.js'),
      app.send('/assets/missing.js'),
      app.send('/api/v1/health'),
      app.send('/api/v1/logs'),
      app.send('/api/v1/nothing'),
      app.send('/api/v1/auth/login', {
        method: 'POST',
        body: '{',
        headers: { 'content-type': 'application/json' },
      }),
      app.send('/%ff', {}),
      app.send('/', { method: 'DELETE' }),
    ])
    for (const { headers } of answers) {
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
      )
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      })
      expect(headers['access-control-allow-origin']).toBeUndefined()
    }
    for (const { headers } of answers.slice(4)) expect(headers['cache-control']).toBe('no-store')
  }))

test('the panel: its page for every address that is no file and not the API’s, its files with the right caching', () =>
  withApp(async (app) => {
    for (const address of ['/', '/logs', '/logs?q=%3Cscript%3E', '/some/where/else', '/logs/x.y']) {
      const page = await app.send(address)
      expect([page.status, page.headers['content-type'], page.headers['cache-control']], address).toEqual([
        200,
        'text/html; charset=utf-8',
        'no-cache',
      ])
      expect(page.text).toContain('<title>panel</title>')
    }
    expect((await app.send('/logs', { method: 'HEAD' })).status).toBe(200)
    const script = await app.send('/assets/index-3f2a1b.js')
    expect([script.status, script.headers['content-type'], script.headers['cache-control']]).toEqual([
      200,
      'application/javascript; charset=utf-8',
      'public, max-age=31536000, immutable',
    ])
    expect((await app.send('/favicon.svg')).headers['content-type']).toBe('image/svg+xml')
    expect((await app.send('/assets/missing.js')).status).toBe(404)
    expect((await app.send('/assets/')).status).toBe(404)
    expect(codeOf(await app.send('/api/v1/missing'))).toBe('not_found')
    expect(codeOf(await app.send('/api/v2/logs'))).toBe('not_found')
    expect(codeOf(await app.send('/logs', { method: 'POST' }))).toBe('not_found')
  }))

test.each([
  '/../outside.txt',
  '/..%2foutside.txt',
  '/%2e%2e/outside.txt',
  '/assets/../../outside.txt',
  '/assets/..%2f..%2foutside.txt',
  '/assets/%2e%2e%2f%2e%2e%2foutside.txt',
  '/assets/..%5c..%5coutside.txt',
  '/assets/%c0%ae%c0%ae/outside.txt',
  '/%2fetc/passwd',
  '//etc/passwd',
  '/assets/index-3f2a1b.js%00.txt',
  '/.secret',
  '/%2esecret',
  '/types/main.d.ts',
])('%s gives no file outside the built panel', (address) =>
  withApp(async (app) => {
    const answer = await app.send(address)
    expect(answer.text).not.toMatch(/CANARY|root:|export \{\}|console\.log/)
    expect([200, 400, 403, 404]).toContain(answer.status)
    if (answer.status === 200) expect(answer.text).toContain('<title>panel</title>')
  }),
)

test('without a built panel its page says so, and the API works', () =>
  withApp(
    async (app) => {
      const page = await app.send('/logs')
      expect([page.status, page.headers['content-type']]).toEqual([503, 'text/html; charset=utf-8'])
      expect(page.text).toContain('npm run build')
      expect((await app.send('/api/v1/health')).status).toBe(200)
    },
    { panelFolder: undefined },
  ))

test('the API describes itself at /docs, with a policy of its own that allows no foreign source', () =>
  withApp(async (app) => {
    const page = await app.send('/docs/')
    expect(page.status).toBe(200)
    const policy = String(page.headers['content-security-policy'])
    expect(policy).not.toContain("'unsafe-inline'")
    expect(policy).not.toMatch(/\*|https?:/)
    const description = (await app.send('/docs/json')).json as { paths: Record<string, unknown> }
    expect(Object.keys(description.paths).sort()).toEqual([
      '/api/v1/auth/login',
      '/api/v1/auth/logout',
      '/api/v1/auth/me',
      '/api/v1/health',
      '/api/v1/logs',
      '/api/v1/logs/facets',
      '/api/v1/logs/histogram',
      '/api/v1/logs/tail',
      '/api/v1/logs/{id}',
      '/api/v1/logs/{id}/context',
      '/api/v1/stats/requests-per-minute',
      '/api/v1/stats/services',
      '/api/v1/stats/slow',
      '/api/v1/stats/storage',
    ])
  }))

async function refusal(app: RunningApp, query: string): Promise<[number, string | undefined, string]> {
  const answer = await app.send(`/api/v1${query}`, { headers: bearer })
  return [answer.status, codeOf(answer), messageOf(answer)]
}

test.each([
  ['/logs?limit=0', 'bad_parameter', 'Parameter "limit" is 0; expected one whole number from 1 to 1000.'],
  [
    '/logs?limit=1001',
    'bad_parameter',
    'Parameter "limit" is 1001; expected one whole number from 1 to 1000.',
  ],
  [
    '/logs?limit=ten',
    'bad_parameter',
    'Parameter "limit" is "ten"; expected one whole number from 1 to 1000.',
  ],
  ['/logs?limit=NaN', 'bad_parameter', 'whole number'],
  ['/logs?limit=-1', 'bad_parameter', 'whole number'],
  ['/logs?limit=1.5', 'bad_parameter', 'whole number'],
  ['/logs?limit=9e99', 'bad_parameter', 'whole number'],
  ['/logs?limit=1&limit=2', 'bad_parameter', 'Parameter "limit" is ["1","2"]; expected one whole number'],
  ['/logs?order=up', 'bad_parameter', 'Parameter "order" is "up"; expected one of desc, asc.'],
  [
    '/logs?level=LOUD',
    'bad_parameter',
    'Parameter "level" is "LOUD"; expected one of DEBUG, INFO, WARNING, ERROR, CRITICAL',
  ],
  ['/logs?level=a&level=b&level=c&level=d&level=e&level=f', 'bad_parameter', 'at most 5 values'],
  ['/logs?from=tomorrow', 'bad_parameter', 'Parameter "from" is "tomorrow"; expected a time such as'],
  ['/logs?from=now&to=-1h', 'bad_parameter', '"from" before "to"'],
  [
    '/logs?search=a&search=b',
    'bad_parameter',
    'Parameter "search" is ["a","b"]; expected one text of at most 4096 characters.',
  ],
  [`/logs?search=${'a'.repeat(4097)}`, 'bad_parameter', 'one text of at most 4096 characters'],
  [
    '/logs?sarch=a',
    'unknown_parameter',
    'Parameter "sarch" is unknown here. Known: q, level, logger, component, search,',
  ],
  ['/logs?sarch=', 'unknown_parameter', '"sarch"'],
  ['/logs?__proto__=a', 'unknown_parameter', '"__proto__"'],
  ['/logs?constructor=a', 'unknown_parameter', '"constructor"'],
  [
    '/logs/histogram?buckets=501',
    'bad_parameter',
    'Parameter "buckets" is 501; expected one whole number from 1 to 500.',
  ],
  ['/logs/histogram?limit=5', 'unknown_parameter', '"limit"'],
  [
    '/logs/facets?fields=level,,job_id',
    'bad_parameter',
    'Parameter "fields" is "level,,job_id"; expected at most 20 names of fields',
  ],
  [
    '/logs/x/context?before=501',
    'bad_parameter',
    'Parameter "before" is 501; expected one whole number from 0 to 500.',
  ],
  ['/logs/x?limit=5', 'unknown_parameter', 'None is taken'],
  ['/logs/tail?limit=5', 'unknown_parameter', '"limit"'],
  [`/logs/${'x'.repeat(300)}`, 'bad_parameter', 'at most 256 characters'],
])('%s is refused in a sentence that helps', (query, code, message) =>
  withApp(async (app) => {
    expect(await refusal(app, query)).toEqual([400, code, expect.stringContaining(message)])
  }),
)

test('a value is repeated cut and escaped, whatever it holds', () =>
  withApp(async (app) => {
    const [status, , message] = await refusal(
      app,
      `/logs?level=${encodeURIComponent('<script>\u001b[31m\n'.repeat(2))}`,
    )
    expect(status).toBe(400)
    expect(message).toContain('\\u001b[31m\\n')
    expect((await refusal(app, `/logs?from=${'x'.repeat(64)}`))[2].length).toBeLessThan(400)
  }))

test('empty parameters count as not given: what is left is asked', () =>
  withApp(async (app) => {
    expect((await refusal(app, '/logs?search=&level=&level=ERROR&limit=&cursor=&user_id=&order='))[1]).toBe(
      'store_starting',
    )
  }))

test.each([
  ['an address without end', `/logs?search=${'a'.repeat(9000)}`, {}, 414, 'url_too_long'],
  ['headers without end', '/logs', { 'x-long': 'a'.repeat(20_000) }, 431, 'headers_too_large'],
  ['a broken escape in the path', '/logs/%zz', {}, 400, 'bad_request'],
  ['a path without end', `/logs/${'x'.repeat(2000)}`, {}, 404, 'not_found'],
])('%s is refused', (_name, path, headers, status, code) =>
  withApp(async (app) => {
    const answer = await app.send(`/api/v1${path}`, { headers: { ...bearer, ...headers } })
    expect([answer.status, codeOf(answer)]).toEqual([status, code])
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
  }),
)

test('what is no HTTP gets an answer all the same, and the connection is closed', () =>
  withApp(async (app) => {
    expect(await sendRaw(app.port, 'HELO example.org\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 [\s\S]*"code":"bad_request"/,
    )
  }))

test.each([
  ['evil.example', 403],
  ['evil.example:5173', 403],
  ['localhost.evil.example', 403],
  ['localhost:1', 200],
  ['127.0.0.1', 200],
  ['[::1]:5173', 200],
])('Host %s answers %i, on pages and on the API', (host, status) =>
  withApp(async (app) => {
    for (const path of ['/', '/api/v1/health']) {
      const answer = await app.send(path, { headers: { host } })
      expect(answer.status).toBe(status)
      if (status === 403) expect(codeOf(answer)).toBe('host_not_allowed')
    }
  }),
)

const own = (app: RunningApp) => `http://127.0.0.1:${app.port}`

test.each([
  ['a page of another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  [
    'a page of another program on localhost',
    { origin: 'http://127.0.0.1:8001', 'sec-fetch-site': 'same-site' },
  ],
  ['a sandboxed frame', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
  ['a browser that says only where from', { origin: 'https://evil.example' }],
  ['a browser that says only how', { 'sec-fetch-site': 'cross-site' }],
  [
    'a form on another site',
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
  ],
])('what %s sends changes nothing and reads nothing', (_name, headers) =>
  withApp(async (app) => {
    const cookie = await app.sessionCookie()
    const login = await app.login(PASSWORD, { headers })
    expect([login.status, codeOf(login), login.headers['set-cookie']]).toEqual([
      403,
      'foreign_origin',
      undefined,
    ])
    const logout = await app.send('/api/v1/auth/logout', { method: 'POST', headers: { cookie, ...headers } })
    expect(logout.status).toBe(403)
    for (const path of ['/api/v1/auth/me', '/api/v1/logs', '/api/v1/logs/tail', '/%61pi/v1/logs/tail']) {
      const mode = { 'sec-fetch-mode': 'cors' }
      expect((await app.send(path, { headers: { cookie, ...headers, ...mode } })).status).toBe(403)
    }
    expect((await app.send('/api/v1/auth/me', { headers: { cookie } })).status).toBe(200)
  }),
)

test('the panel’s own requests, programs that are no browser, and links from elsewhere pass', () =>
  withApp(async (app) => {
    const same = { origin: own(app), 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }
    expect((await app.login(PASSWORD, { headers: same })).status).toBe(200)
    expect((await app.login()).status).toBe(200)
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    expect((await app.send('/logs', { headers: link })).status).toBe(200)
    expect(
      (
        await app.send('/api/v1/health', {
          headers: { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' },
        })
      ).status,
    ).toBe(200)
  }))

test('no preflight of a foreign page is answered', () =>
  withApp(async (app) => {
    const answer = await send(app.port, '/api/v1/logs', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' },
    })
    expect(answer.status).toBe(403)
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  }))

test('GET never changes anything: signing out by a link does not work', () =>
  withApp(async (app) => {
    const cookie = await app.sessionCookie()
    expect((await app.send('/api/v1/auth/logout', { headers: { cookie } })).status).toBe(404)
    expect((await app.send('/api/v1/auth/me', { headers: { cookie } })).status).toBe(200)
  }))

test('once the log server is stopping, questions are told so', () =>
  withApp(async (app) => {
    await app.stores.close()
    const answer = await app.send('/api/v1/logs', { headers: bearer })
    expect([answer.status, codeOf(answer)]).toEqual([503, 'shutting_down'])
  }))
