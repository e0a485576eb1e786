import { redactText } from '@pixsim7/logging'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AuthService, ClientInfo, Identity } from '../users/auth-service.ts'
import { continueInContext } from './request-log.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on routes behind {@link requireUser}. */
    identity: Identity | null
  }
}

/** Where a request comes from. The user agent is kept with the session and shown: it may be anything, a token too. */
export function clientOf(request: FastifyRequest): ClientInfo {
  const userAgent = request.headers['user-agent']
  return { ip: request.ip, userAgent: userAgent === undefined ? undefined : redactText(userAgent) }
}

/** The user behind the request. Call only on routes behind {@link requireUser}. */
export function identityOf(request: FastifyRequest): Identity {
  if (request.identity === null) throw new Error('BUG: a route without authentication asks for the identity')
  return request.identity
}

function bearerToken(request: FastifyRequest): string | undefined {
  return /^Bearer +([^\s]+)$/i.exec(request.headers.authorization ?? '')?.[1]
}

/** An onRequest hook, before the body is read: who has no valid session gets 401 and no more of our time. */
export function requireUser(auth: AuthService) {
  return (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void => {
    auth.authenticate(bearerToken(request), clientOf(request)).then((identity) => {
      request.identity = identity
      continueInContext(request, { user_id: identity.user.id }, done)
    }, done)
  }
}
