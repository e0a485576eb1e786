import { LoginBodySchema, MeAnswerSchema, ProblemSchema } from '@pixsim7/protocol'
import { Type } from 'typebox'
import type { Access } from '../access/access.ts'
import { ADMIN } from '../access/credentials.ts'
import type { App } from '../http/app-type.ts'

/** A login body has two short texts. */
const BODY_LIMIT_BYTES = 4096

/** Signing in and out, and who is signed in. `access` opens as soon as the password hash has been read. */
export function addAuthRoutes(app: App, access: Promise<Access>): void {
  const NoContent = Type.Null({ description: 'done' })
  app.post(
    '/auth/login',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      schema: {
        tags: ['auth'],
        security: [],
        summary: 'Sign in: opens a session and sets its cookie',
        body: LoginBodySchema,
        response: { 200: MeAnswerSchema, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      await (await access).login(request.body.username, request.body.password, request, reply)
      return { username: ADMIN }
    },
  )
  app.post(
    '/auth/logout',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      schema: { tags: ['auth'], summary: 'Sign out: ends the session', response: { 204: NoContent } },
    },
    async (request, reply) => {
      await (await access).logout(request, reply)
      return reply.code(204).send(null)
    },
  )
  app.get(
    '/auth/me',
    {
      schema: {
        tags: ['auth'],
        summary: 'Who is signed in',
        response: { 200: MeAnswerSchema, '4xx': ProblemSchema },
      },
    },
    async (request) => {
      ;(await access).require(request)
      return { username: ADMIN }
    },
  )
}
