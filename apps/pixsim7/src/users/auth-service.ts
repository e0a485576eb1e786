/** Registration, login, sessions: who somebody is. Logger `auth_service`; never a password, a token or an e-mail address. */
import { getLogger } from '@pixsim7/logging'
import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import { AppError, notFound } from '../app-error.ts'
import { isUniqueViolation } from '../database/connection-errors.ts'
import type { Tables, User, UserSession } from '../database/tables.ts'
import type { Passwords } from '../security/passwords.ts'
import { TokenError } from '../security/tokens.ts'
import type { TokenClaims, Tokens } from '../security/tokens.ts'
import {
  findSession,
  findSessionById,
  insertSession,
  listSessions,
  revokeSessions,
  touchSession,
} from './session-repository.ts'
import { findUserByEmail, insertUser, recordLogin } from './user-repository.ts'

const DAY_MS = 86_400_000

const logger = getLogger('auth_service')

/** Where a request comes from. */
export interface ClientInfo {
  readonly ip: string
  readonly userAgent: string | undefined
}

/** A user with a fresh token. */
export interface SignedIn {
  readonly user: User
  readonly accessToken: string
}

/** Whoever sent a request with a valid token. */
export interface Identity {
  readonly user: User
  readonly session: UserSession
}

export interface AuthServiceOptions {
  readonly db: Kysely<Tables>
  readonly passwords: Passwords
  readonly tokens: Tokens
  readonly tokenLifetimeDays: number
  /** Default: the system's clock, in ms. */
  readonly now?: () => number
}

export class AuthService {
  readonly #options: AuthServiceOptions
  readonly #now: () => number

  constructor(options: AuthServiceOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
  }

  /** @throws AppError `resource_already_exists` */
  async register(
    account: { readonly email: string; readonly username: string; readonly password: string },
    client: ClientInfo,
  ): Promise<SignedIn> {
    const { db, passwords } = this.#options
    const password_hash = await passwords.hash(account.password)
    const email = account.email.toLowerCase()
    let user: User
    try {
      user = await insertUser(db, { email, username: account.username, password_hash })
    } catch (error) {
      if (isUniqueViolation(error, 'users_email_key')) {
        logRefusedRegistration('email_taken', client)
        throw new AppError('resource_already_exists', 'A user with this e-mail address exists already.')
      }
      if (isUniqueViolation(error, 'users_username_key')) {
        logRefusedRegistration('username_taken', client)
        throw new AppError('resource_already_exists', 'A user with this username exists already.')
      }
      throw error
    }
    const signedIn = await this.#signIn(user, client)
    logger.info('User registered', { user_id: user.id, client_ip: client.ip })
    return signedIn
  }

  /** The same answer, after the same time, whether the user is unknown, inactive or the password wrong. @throws AppError */
  async login(
    credentials: { readonly email: string; readonly password: string },
    client: ClientInfo,
  ): Promise<SignedIn> {
    const { db, passwords } = this.#options
    const user = await findUserByEmail(db, credentials.email.toLowerCase())
    const isRight = await passwords.verify(user?.password_hash, credentials.password)
    if (user === undefined || !isRight || !user.is_active) {
      const reason = user === undefined ? 'unknown_user' : !isRight ? 'wrong_password' : 'inactive_user'
      logger.warning('Login refused', {
        reason,
        ...(user === undefined ? {} : { user_id: user.id }),
        client_ip: client.ip,
      })
      throw new AppError('authentication_error', 'E-mail address or password is wrong.')
    }
    await recordLogin(db, user.id)
    const signedIn = await this.#signIn(user, client)
    logger.info('Login succeeded', { user_id: user.id, client_ip: client.ip })
    return signedIn
  }

  /** Who holds this token. @throws AppError `authentication_error` when there is none, or nobody holds it (any more) */
  async authenticate(token: string | undefined, client: ClientInfo): Promise<Identity> {
    if (token === undefined) throw refuse('missing_token', client)
    const claims = await this.#verify(token, client)
    const found = await findSession(this.#options.db, claims.tokenId)
    if (found === undefined || found.user.id !== claims.userId) throw refuse('unknown_session', client)
    const { user, session } = found
    if (session.is_revoked) throw refuse('session_revoked', client, user.id)
    if (session.expires_at.getTime() <= this.#now()) throw refuse('session_expired', client, user.id)
    if (!user.is_active) throw refuse('inactive_user', client, user.id)
    await touchSession(this.#options.db, session)
    return found
  }

  async logout(identity: Identity): Promise<void> {
    const { user, session } = identity
    await revokeSessions(this.#options.db, { userId: user.id, sessionId: session.id }, 'user_logout')
    logger.info('Logged out', { user_id: user.id, session: session.id })
  }

  /** Ends all sessions of the user, this one included; returns how many. */
  async logoutAll({ user }: Identity): Promise<number> {
    const count = await revokeSessions(this.#options.db, { userId: user.id }, 'logout_all')
    logger.info('Logged out everywhere', { user_id: user.id, sessions: count })
    return count
  }

  listSessions({ user }: Identity): Promise<UserSession[]> {
    return listSessions(this.#options.db, user.id)
  }

  /** Ends a session of one's own. @throws AppError `resource_not_found`, `permission_denied` */
  async revokeSession({ user }: Identity, sessionId: number): Promise<void> {
    const session = await findSessionById(this.#options.db, sessionId)
    if (session === undefined) throw notFound('session')
    if (session.user_id !== user.id)
      throw new AppError('permission_denied', 'This session belongs to another user.')
    await revokeSessions(this.#options.db, { userId: user.id, sessionId }, 'user_revocation')
    logger.info('Session revoked', { user_id: user.id, session: sessionId })
  }

  async #signIn(user: User, client: ClientInfo): Promise<SignedIn> {
    const { db, tokens, tokenLifetimeDays } = this.#options
    const tokenId = randomUUID()
    // Whole seconds, as in the token: both must end at the same moment.
    const expiresAt = new Date(Math.floor((this.#now() + tokenLifetimeDays * DAY_MS) / 1000) * 1000)
    await insertSession(db, {
      user_id: user.id,
      token_id: tokenId,
      expires_at: expiresAt,
      ip_address: client.ip,
      user_agent: client.userAgent,
    })
    return { user, accessToken: await tokens.sign({ userId: user.id, role: user.role, tokenId, expiresAt }) }
  }

  async #verify(token: string, client: ClientInfo): Promise<TokenClaims> {
    try {
      return await this.#options.tokens.verify(token)
    } catch (error) {
      if (error instanceof TokenError) throw refuse(error.code, client)
      throw error
    }
  }
}

function logRefusedRegistration(reason: string, client: ClientInfo): void {
  logger.warning('Registration refused', { reason, client_ip: client.ip })
}

/** Logs why and makes the answer, which does not tell more than what the client can see for itself. */
function refuse(reason: string, client: ClientInfo, userId?: number): AppError {
  const fields = { reason, client_ip: client.ip, ...(userId === undefined ? {} : { user_id: userId }) }
  // A session that simply ended is part of every day; the rest is worth a look.
  if (reason === 'token_expired' || reason === 'session_expired') logger.info('Session expired', fields)
  else logger.warning('Token rejected', fields)
  return new AppError(
    'authentication_error',
    reason === 'missing_token'
      ? 'Send an access token: Authorization: Bearer <token>.'
      : 'The access token is not valid or no longer valid; log in again.',
  )
}
