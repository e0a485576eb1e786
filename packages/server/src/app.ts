import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { API_PREFIX } from '@pixsim7/protocol'
import fastify, { type FastifyInstance } from 'fastify'
import { randomUUID } from 'node:crypto'
import { addCookies, type Access } from './access/access.ts'
import type { OwnLog } from './host/own-log.ts'
import type { StoreHolder } from './host/store-holder.ts'
import { ignoreEmptyParameters } from './http/parameter-problem.ts'
import { addProblemAnswers, answerClientError, sendProblem } from './http/problems.ts'
import { addRequestChecks, type RequestChecks } from './http/request-checks.ts'
import { addSecurityHeaders } from './http/security-headers.ts'
import { addAuthRoutes } from './routes/auth-routes.ts'
import { addDocsRoutes } from './routes/docs-routes.ts'
import { addHealthRoute } from './routes/health-route.ts'
import { addLogRoutes } from './routes/log-routes.ts'
import { addPanelRoutes } from './routes/panel-routes.ts'
import { addStatsRoutes } from './routes/stats-routes.ts'
import { addTailRoute } from './routes/tail-route.ts'
import type { Retention } from './retention.ts'

/** No route but login takes a body at all. */
const BODY_LIMIT_BYTES = 16 * 1024
/** A request that takes longer to arrive comes from somebody who holds connections for their own sake. */
const REQUEST_LIMIT_MS = 30_000
/** Tails included; past it new connections are closed at once. */
const MAX_CONNECTIONS = 1000

export interface AppOptions extends RequestChecks {
  readonly stores: StoreHolder
  /** Resolves when the password hash has been read; routes that need it wait. */
  readonly access: Promise<Access>
  readonly ownLog: OwnLog
  /** Built panel; undefined when there is none. */
  readonly panelFolder: string | undefined
  /** Addresses whose X-Forwarded-* headers count (LOGS_TRUSTED_PROXIES). */
  readonly trustedProxies: readonly string[]
  readonly version: string
  readonly engine: string
  /** What the store keeps, as it is told. */
  readonly retention: Retention
  /** Aborted when the log server stops: questions end, tails say so. */
  readonly stopping: AbortSignal
  /** Milliseconds since 1970; default Date.now. */
  readonly now?: () => number
}

/** The HTTP side of the log server, ready to listen. The caller closes it. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { access, ownLog, now = Date.now } = options
  const app = fastify({
    // It follows its own log: a line per request of a panel that asks each second would feed on itself.
    logger: false,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_LIMIT_MS,
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 512 },
    ajv: {
      customOptions: {
        // Parameters come as text, once or repeated; nothing unknown is dropped in silence.
        coerceTypes: 'array',
        removeAdditional: false,
        useDefaults: false,
        // Errors carry the value, for the sentence that names it.
        verbose: true,
      },
    },
    clientErrorHandler: (error, socket) => answerClientError(error, socket),
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply, ownLog),
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.server.maxConnections = MAX_CONNECTIONS
  // Answers are typed here and checked by tests; walking the schema again for each would only cost time.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))

  // JSON is the only body there is.
  app.removeContentTypeParser('text/plain')

  addSecurityHeaders(app)
  addProblemAnswers(app, ownLog)
  addRequestChecks(app, options, ownLog)
  ignoreEmptyParameters(app)
  await addCookies(app)
  await addDocsRoutes(app, options.version)
  await app.register(
    async (api) => {
      addAuthRoutes(api, access)
      addHealthRoute(api, { ...options, now })
      await api.register(async (logs) => {
        logs.addHook('onRequest', async (request) => {
          ;(await access).require(request)
        })
        addLogRoutes(logs, { ...options, now })
        addStatsRoutes(logs, { ...options, now })
        addTailRoute(logs, { ...options, now })
      })
    },
    { prefix: API_PREFIX },
  )
  await addPanelRoutes(app, options.panelFolder)
  return app
}
