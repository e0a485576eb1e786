import cookie, { type CookieSerializeOptions } from '@fastify/cookie'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { createHash, timingSafeEqual } from 'node:crypto'
import type { OwnLog } from '../host/own-log.ts'
import { ServerError } from '../server-error.ts'
import { ADMIN } from './credentials.ts'
import type { LoginLimit } from './login-limit.ts'
import { hashPassword, verifyPassword } from './password.ts'
import { ABSOLUTE_LIMIT_MS, type Sessions } from './sessions.ts'

/** Who asks. There is one user; what differs is how long the right lasts. */
export type Identity =
  | { readonly kind: 'session'; readonly id: string }
  /** The bearer token: it does not end. */
  | { readonly kind: 'token' }
  /** The local socket: whoever may open its file. It does not end. */
  | { readonly kind: 'local' }

export interface AccessOptions {
  readonly passwordHash: string
  /** LOGS_API_TOKEN; undefined: no token opens anything. */
  readonly apiToken: string | undefined
  readonly sessions: Sessions
  readonly loginLimit: LoginLimit
  readonly ownLog: OwnLog
  /** Whether a request came through the local socket. */
  readonly isLocal: (request: FastifyRequest) => boolean
}

const DEVICE_COOKIE_DAYS = 365

/** Decides who may read: signs in and out, and knows a request's cookie or token. */
export class Access {
  readonly #options: AccessOptions
  readonly #apiTokenHash: Buffer | undefined
  /** Of a password nobody has: what an unknown user's attempt is compared with, to take the same time. */
  readonly #nobodysHash: Promise<string>

  constructor(options: AccessOptions) {
    this.#options = options
    this.#apiTokenHash = options.apiToken === undefined ? undefined : sha256(options.apiToken)
    this.#nobodysHash = hashPassword(crypto.randomUUID())
  }

  /**
   * Who sends the request, undefined for nobody known. A request with a wrong bearer token is nobody's, whatever its cookie
   * and whichever way it came.
   */
  identify(request: FastifyRequest): Identity | undefined {
    const { authorization } = request.headers
    if (authorization !== undefined) {
      const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? ''
      // Of equal length whatever was sent, so that the comparison takes the same time for every token.
      if (this.#apiTokenHash !== undefined && timingSafeEqual(sha256(token), this.#apiTokenHash))
        return { kind: 'token' }
      this.#options.ownLog.tell('authn_token_fail', {
        client_ip: request.ip,
        is_token_set: this.#apiTokenHash !== undefined,
      })
      return undefined
    }
    if (this.#options.isLocal(request)) return { kind: 'local' }
    const token = request.cookies[cookieName(request, 'session')]
    const id = token === undefined ? undefined : this.#options.sessions.use(token)
    return id === undefined ? undefined : { kind: 'session', id }
  }

  /** @throws ServerError unauthorized */
  require(request: FastifyRequest): Identity {
    const identity = this.identify(request)
    if (identity !== undefined) return identity
    throw new ServerError(
      'unauthorized',
      'Sign in first, or send the API token as "Authorization: Bearer …".',
    )
  }

  /** Whether what was known about the sender of a long-lived request still holds. */
  isValid(identity: Identity): boolean {
    return identity.kind !== 'session' || this.#options.sessions.isAlive(identity.id)
  }

  /** Calls `listener` when the right ends by itself or is taken back; returns what stops listening. */
  onEnd(identity: Identity, listener: () => void): () => void {
    return identity.kind === 'session' ? this.#options.sessions.onEnd(identity.id, listener) : () => {}
  }

  /**
   * Opens a session, whose cookie goes with `reply`. An earlier session of the same browser ends, so that no token known
   * from before signing in stays good.
   *
   * @throws ServerError bad_credentials or too_many_attempts
   */
  async login(
    username: string,
    password: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const { sessions, loginLimit, ownLog } = this.#options
    const deviceToken = request.cookies[cookieName(request, 'device')]
    const device = deviceToken === undefined ? undefined : sessions.knownDevice(deviceToken)
    const client = { address: request.ip, device }
    const waitSeconds = loginLimit.take(client)
    if (waitSeconds > 0) {
      ownLog.tell('excess_rate_limit_exceeded', { client_ip: request.ip })
      throw new ServerError('too_many_attempts', `Too many wrong passwords. Try again in ${waitSeconds} s.`, {
        retryAfterSeconds: waitSeconds,
      })
    }
    const isAdmin = username === ADMIN
    const hash = isAdmin ? this.#options.passwordHash : await this.#nobodysHash
    const isRight = (await verifyPassword(hash, password)) && isAdmin
    if (!isRight) {
      ownLog.tell('authn_login_fail', { client_ip: request.ip })
      throw new ServerError('bad_credentials', 'User name or password is wrong.')
    }
    loginLimit.succeeded(client)
    ownLog.tell('authn_login_success', { client_ip: request.ip })
    await this.#endSessionOf(request)
    setCookie(request, reply, 'session', await sessions.create(), ABSOLUTE_LIMIT_MS / 1000)
    if (device === undefined) {
      setCookie(request, reply, 'device', await sessions.rememberDevice(), DEVICE_COOKIE_DAYS * 86_400)
    }
  }

  /** Ends the session of the request, if it has one, and takes its cookie back. */
  async logout(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await this.#endSessionOf(request)
    setCookie(request, reply, 'session', '', 0)
  }

  async #endSessionOf(request: FastifyRequest): Promise<void> {
    const token = request.cookies[cookieName(request, 'session')]
    if (token !== undefined) await this.#options.sessions.end(token)
  }
}

/** Makes `request.cookies` and `reply.setCookie` work. */
export async function addCookies(app: FastifyInstance): Promise<void> {
  await app.register(cookie)
}

/** Over TLS the name itself makes browsers refuse a cookie that a sub-domain or an unencrypted page has planted. */
function cookieName(request: FastifyRequest, cookie: 'session' | 'device'): string {
  return request.protocol === 'https' ? `__Host-pixsim7-${cookie}` : `pixsim7-${cookie}`
}

function setCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  cookie: 'session' | 'device',
  value: string,
  maxAgeSeconds: number,
): void {
  const options: CookieSerializeOptions = {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: request.protocol === 'https',
    maxAge: maxAgeSeconds,
  }
  reply.setCookie(cookieName(request, cookie), value, options)
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
