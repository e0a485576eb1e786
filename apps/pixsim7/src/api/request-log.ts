/**
 * One line for each answered request on logger `api.http`, and the context every line of a request carries: request_id, and
 * user_id once known.
 */
import { getLogger, LogContext } from '@pixsim7/logging'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { errorFields } from '../error-fields.ts'

/** Longer paths are cut; no route of ours is nearly as long. */
const MAX_PATH_LENGTH = 300
/** A monitor asks for the health every few seconds: of those answers a change is told, the same again once a minute. */
const HEALTH_INTERVAL_MS = 60_000
const HEALTH_PATH = '/health'

declare module 'fastify' {
  interface FastifyRequest {
    /** Fields of every line of this request. */
    logFields: Readonly<Record<string, unknown>>
    /** What the request failed of; set by the error handler. */
    failure: { readonly code: string; readonly error: unknown } | null
  }
}

const logger = getLogger('api.http')

/** Adds fields to the context and goes on inside it. */
export function continueInContext(request: FastifyRequest, fields: object, next: () => void): void {
  request.logFields = { ...request.logFields, ...fields }
  LogContext.run(request.logFields, next)
}

/** The path of a URL without its query, which may hold secrets. */
export function pathOf(url: string): string {
  const end = url.search(/[?#]/)
  return (end === -1 ? url : url.slice(0, end)).slice(0, MAX_PATH_LENGTH)
}

/** Registers the hooks. Call before any other hook that logs. */
export function addRequestLog(app: FastifyInstance): void {
  let lastHealth = { status: 0, atMs: 0 }

  const level = (path: string, status: number): 'error' | 'warning' | 'info' | 'debug' => {
    const regular = status >= 500 ? 'error' : status >= 400 ? 'warning' : 'info'
    if (path !== HEALTH_PATH) return regular
    const atMs = performance.now()
    if (status === lastHealth.status && atMs - lastHealth.atMs < HEALTH_INTERVAL_MS) return 'debug'
    lastHealth = { status, atMs }
    return regular
  }

  const logAnswer = (request: FastifyRequest, reply: FastifyReply) => {
    const path = pathOf(request.url)
    const fields = {
      method: request.method,
      path,
      status_code: reply.statusCode,
      duration_ms: Math.round(reply.elapsedTime * 1000) / 1000,
      client_ip: request.ip,
    }
    const { failure } = request
    switch (level(path, reply.statusCode)) {
      case 'error': {
        logger.error('Request failed', {
          ...fields,
          code: failure?.code,
          ...(failure && errorFields(failure.error)),
        })
        break
      }
      case 'warning':
        logger.warning('Request refused', { ...fields, code: failure?.code })
        break
      case 'info':
        logger.info('Request answered', fields)
        break
      case 'debug':
        logger.debug('Request answered', fields)
    }
  }

  app.decorateRequest('logFields')
  app.decorateRequest('failure', null)
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    request.logFields = { request_id: request.id }
    LogContext.run(request.logFields, () => {
      if (logger.isEnabled('DEBUG'))
        logger.debug('Request received', { method: request.method, path: pathOf(request.url) })
      done()
    })
  })
  app.addHook('onRequestAbort', (request, done) => {
    LogContext.run(request.logFields, () => {
      logger.info('Request abandoned by the client', { method: request.method, path: pathOf(request.url) })
    })
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    LogContext.run(request.logFields, () => logAnswer(request, reply))
    done()
  })
}
