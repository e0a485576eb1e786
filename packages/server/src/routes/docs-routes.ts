import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

/** As strict as the panel's; besides it the page has its icons and font as data. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ')

/** The OpenAPI description, made from the schemas of the routes, and its page at /docs. Register before the routes. */
export async function addDocsRoutes(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'PixSim7 Logs',
        version,
        description:
          'The log server: questions about the log, and its live tail. Errors have the form of Problem; docs/errors.md lists their codes.',
      },
      tags: [
        { name: 'logs', description: 'Questions about the log' },
        { name: 'auth', description: 'Signing in and out' },
        { name: 'health', description: 'Health of the pipeline' },
      ],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'LOGS_API_TOKEN' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'pixsim7-session',
            description: 'set by POST /auth/login',
          },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { deepLinking: true, docExpansion: 'list' },
    staticCSP: PAGE_POLICY,
  })
}
