/** Puts secrets into every input of the log server. */
import type { Exchanges } from './exchanges.ts'
import { plant, plantShape, plantText, type Shape } from './plants.ts'

/**
 * An answer may repeat a question to who asked it: what was searched for, and of a value that cannot be used what has no known
 * shape, a word like any other.
 */
const ECHO = { answers: /^GET \/(api\/v1\/)?/ }
const ECHOED_SHAPES: readonly Shape[] = ['password', 'opaque']
const ECHOED_INPUTS = ['search', 'q', 'histogram', 'facets', 'statistics', 'tail', 'page of the panel']

const SHAPES: readonly Shape[] = ['password', 'opaque', 'jwt', 'apiKey', 'card', 'iban', 'email', 'pem']

/** `adminPassword` and `token` are planted already: they are settings. */
export async function plantInLogServer(
  server: Exchanges,
  access: { readonly adminPassword: string; readonly token: string },
): Promise<void> {
  const headers = { authorization: `Bearer ${access.token}` }
  const login = (body: object | string) => server.call('/api/v1/auth/login', { body })
  await login({ username: 'admin', password: plantShape('wrong login at the log server', 'password') })
  await login({ username: plantShape('user of the log server', 'email'), password: access.adminPassword })
  await login({ username: 'admin', password: [plantShape('password as a list', 'password')] })
  await login({ username: 'admin', password: 'x', [plantShape('field of a login', 'jwt')]: 1 })
  await login(`{"username":"admin","password":"${plantShape('bad JSON at the log server', 'password')}`)
  const signedIn = await login({ username: 'admin', password: access.adminPassword })
  for (const cookie of signedIn.headers.getSetCookie()) {
    const value = /=([^;]*)/.exec(cookie)?.[1] ?? ''
    plant(`cookie of the log server ${cookie.split('=')[0]}`, value, { answers: /\/auth\/login → 200/ })
  }
  const wrong = { authorization: `Bearer ${plantShape('token of the log server', 'opaque')}` }
  await server.call('/api/v1/logs', { headers: wrong })
  await server.call('/api/v1/logs', {
    headers: { cookie: `pixsim7_session=${plantShape('wrong cookie', 'opaque')}` },
  })
  await server.call('/api/v1/logs', {
    headers: {
      ...headers,
      'x-api-key': plantShape('header of the log server', 'opaque'),
      'user-agent': plantText('user agent at the log server'),
      'x-request-id': plantShape('request id at the log server', 'jwt'),
    },
  })

  const value = (input: string, shape: Shape) => {
    const isEchoed = ECHOED_SHAPES.includes(shape) || ECHOED_INPUTS.includes(input)
    return encodeURIComponent(plantShape(`${input} of the log server`, shape, isEchoed ? ECHO : {}))
  }
  for (const shape of SHAPES) {
    const parameters = ['search', 'q', 'logger', 'request_id', 'user_id', 'cursor', 'from', 'level'] as const
    for (const parameter of parameters) {
      await server.call(`/api/v1/logs?${parameter}=${value(parameter, shape)}`, { headers })
    }
    await server.call(`/api/v1/logs/histogram?search=${value('histogram', shape)}`, { headers })
    await server.call(`/api/v1/logs/facets?search=${value('facets', shape)}&fields=level`, { headers })
    await server.call(`/api/v1/stats/slow?q=${value('statistics', shape)}`, { headers })
    await server.call(`/api/v1/logs/${value('id of an entry', shape)}`, { headers })
    // A key of several lines is no shape any more when its spaces are encoded.
    if (shape !== 'pem') await server.call(`/api/v1/${value('path', shape)}`, { headers })
    await server.call(`/logs?search=${value('page of the panel', shape)}`)
    await server.call(`/api/v1/logs?${value('name of a parameter', shape)}=1`, { headers })
  }
  await server.peek(`/api/v1/logs/tail?search=${value('tail', 'password')}`, headers)
  await server.raw(`GET /?token=${plantShape('no HTTP, log server', 'opaque')} HTTP/9.9\r\n\r\n`)
}
