import { Type } from '@fastify/type-provider-typebox'
import type { SignedIn } from '../../users/auth-service.ts'
import type { ApiApp } from '../api-app.ts'
import { clientOf, identityOf, requireUser } from '../authenticate.ts'
import type { Dependencies } from '../dependencies.ts'
import { showSession, showUser } from '../presenters.ts'
import { assertRate } from '../rate-limits.ts'
import { Email, failures, IdParams, NoContent, SessionBody, Strict, UserBody } from '../schemas.ts'

const TokenBody = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal('bearer'),
  expires_in: Type.Integer({ description: 'Seconds' }),
  user: UserBody,
})

const Registration = Strict({
  email: Email,
  username: Type.String({
    pattern: '^[A-Za-z0-9._-]{3,50}$',
    description: 'Letters, digits, dots, dashes; 3 to 50',
  }),
  password: Type.String({ minLength: 8, maxLength: 100 }),
})

const Credentials = Strict({
  email: Type.String({ maxLength: 254 }),
  password: Type.String({ maxLength: 100 }),
})

/** `/auth/*`: registration, login, one's sessions. */
export function authRoutes(app: ApiApp, { auth, limiters, tokenLifetimeSec }: Dependencies): void {
  const tags = ['auth']
  const security = [{ bearer: [] }]
  const showToken = ({ user, accessToken }: SignedIn) => ({
    access_token: accessToken,
    token_type: 'bearer' as const,
    expires_in: tokenLifetimeSec,
    user: showUser(user),
  })

  app.post(
    '/auth/register',
    {
      schema: {
        tags,
        summary: 'Register',
        body: Registration,
        response: { 201: TokenBody, ...failures(400, 409, 422, 429) },
      },
    },
    async (request, reply) => {
      assertRate(limiters.register, request.ip, request.ip)
      const signedIn = await auth.register(request.body, clientOf(request))
      return reply.code(201).send(showToken(signedIn))
    },
  )

  app.post(
    '/auth/login',
    {
      schema: {
        tags,
        summary: 'Log in',
        body: Credentials,
        response: { 200: TokenBody, ...failures(400, 401, 422, 429) },
      },
    },
    async (request) => {
      const { ip, body } = request
      assertRate(limiters.loginAddress, ip, ip)
      assertRate(limiters.login, `${ip} ${body.email.toLowerCase()}`, ip)
      return showToken(await auth.login(body, clientOf(request)))
    },
  )

  app.register(async (own: ApiApp) => {
    own.addHook('onRequest', requireUser(auth))

    own.post(
      '/auth/logout',
      {
        schema: {
          tags,
          security,
          summary: 'End this session',
          response: { 204: NoContent, ...failures(401) },
        },
      },
      async (request, reply) => {
        await auth.logout(identityOf(request))
        return reply.code(204).send(null)
      },
    )

    own.post(
      '/auth/logout-all',
      {
        schema: {
          tags,
          security,
          summary: 'End all sessions, this one too',
          response: { 200: Type.Object({ count: Type.Integer() }), ...failures(401) },
        },
      },
      async (request) => ({ count: await auth.logoutAll(identityOf(request)) }),
    )

    own.get(
      '/auth/sessions',
      {
        schema: {
          tags,
          security,
          summary: 'Sessions that still work, newest first',
          response: { 200: Type.Object({ sessions: Type.Array(SessionBody) }), ...failures(401) },
        },
      },
      async (request) => {
        const identity = identityOf(request)
        const sessions = await auth.listSessions(identity)
        return { sessions: sessions.map((session) => showSession(session, identity.session.id)) }
      },
    )

    own.delete(
      '/auth/sessions/:id',
      {
        schema: {
          tags,
          security,
          summary: 'End a session',
          params: IdParams,
          response: { 204: NoContent, ...failures(401, 403, 404, 422) },
        },
      },
      async (request, reply) => {
        await auth.revokeSession(identityOf(request), request.params.id)
        return reply.code(204).send(null)
      },
    )
  })
}
