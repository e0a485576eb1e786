/** The HTTP server of the API: limits, hooks, documentation, routes. */
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { VERSION } from '../version.ts'
import type { ApiApp } from './api-app.ts'
import { requireUser } from './authenticate.ts'
import type { Dependencies } from './dependencies.ts'
import { addErrorAnswers, answerBrokenHttp, answerFrameworkError } from './error-handler.ts'
import { requestIdOf } from './request-id.ts'
import { addRequestLog } from './request-log.ts'
import { accountRoutes } from './routes/account-routes.ts'
import { assetRoutes } from './routes/asset-routes.ts'
import { authRoutes } from './routes/auth-routes.ts'
import { healthRoutes } from './routes/health-routes.ts'
import { jobRoutes } from './routes/job-routes.ts'
import { providerRoutes } from './routes/provider-routes.ts'
import { userRoutes } from './routes/user-routes.ts'
import { assertStorable } from './storable.ts'
import { compileValidator } from './validator.ts'

/** Prompts are some thousand characters, cookies of a site some more. */
const MAX_BODY_BYTES = 256 * 1024
/** A client that takes longer to send its request holds a connection for nothing. */
const REQUEST_TIMEOUT_MS = 30_000

export interface ServerOptions {
  /** Addresses of proxies whose X-Forwarded-For is believed. Default none. */
  readonly trustedProxies?: readonly string[]
}

/** Builds the server; the caller listens and closes. */
export async function buildServer(
  dependencies: Dependencies,
  options: ServerOptions = {},
): Promise<FastifyInstance> {
  const trusted = options.trustedProxies ?? []
  const app = Fastify({
    // One line per request is written by request-log.ts, with our context; Fastify's own lines would tell it again.
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    trustProxy: trusted.length === 0 ? false : [...trusted],
    genReqId: (request) => requestIdOf(request.headers['x-request-id']),
    clientErrorHandler: answerBrokenHttp,
    frameworkErrors: answerFrameworkError,
    // Requests under way, and what comes on their connections, are still answered while closing.
    return503OnClosing: false,
  })
  app.setValidatorCompiler(compileValidator)
  app.decorateRequest('identity', null)
  addRequestLog(app)
  addErrorAnswers(app)
  let isClosing = false
  app.addHook('preClose', (done) => {
    isClosing = true
    done()
  })
  app.addHook('onSend', (request, reply, _payload, done) => {
    // Else the connection of a request that was under way stays open, idle, and the end waits for its time-out.
    if (isClosing) reply.header('connection', 'close')
    reply.header('x-content-type-options', 'nosniff')
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store')
    done()
  })
  app.addHook('preValidation', (request, _reply, done) => {
    try {
      assertStorable(request.body)
      assertStorable(request.query)
      done()
    } catch (error) {
      done(error as Error)
    }
  })
  await app.register(swagger, {
    openapi: {
      info: {
        title: 'PixSim7',
        version: VERSION,
        description:
          'Video generation jobs. Errors are `{error: {code, message, request_id}}`; 422 is a body, query or path that does not fit its schema, 400 malformed JSON or a request that makes no sense now.',
      },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    },
  })
  await app.register(swaggerUi, { routePrefix: '/docs' })
  await app.register(async (root: ApiApp) => healthRoutes(root, dependencies))
  await app.register(async (api: ApiApp) => authRoutes(api, dependencies), { prefix: '/api/v1' })
  await app.register(
    async (api: ApiApp) => {
      api.addHook('onRequest', requireUser(dependencies.auth))
      for (const routes of [userRoutes, accountRoutes, jobRoutes, assetRoutes, providerRoutes])
        routes(api, dependencies)
    },
    { prefix: '/api/v1' },
  )
  return app
}
