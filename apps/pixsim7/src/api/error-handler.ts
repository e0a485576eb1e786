/** Every failure leaves as `{error: {code, message, request_id}}`; what it was goes to the log. */
import { getLogger, redactText } from '@pixsim7/logging'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { AppError } from '../app-error.ts'
import { answerFor } from './error-answer.ts'
import { requestIdOf } from './request-id.ts'
import { pathOf } from './request-log.ts'

const logger = getLogger('api.http')

/** Names of unknown fields, for instance, are repeated: what looks like a secret is not, not even to its sender. */
function errorBody(code: string, message: string, requestId: string) {
  return { error: { code, message: redactText(message), request_id: requestId } }
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, code, message, retryAfterSec } = answerFor(error)
  request.failure = { code, error }
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="pixsim7"')
  if (retryAfterSec !== undefined) reply.header('retry-after', String(retryAfterSec))
  // Not through the schema of the route: an answer about a failure must not fail.
  reply
    .code(status)
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(errorBody(code, message, request.id))
}

/** Registers the handlers for thrown errors and for routes that do not exist. */
export function addErrorAnswers(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => sendError(error, request, reply))
  app.setNotFoundHandler((request, reply) => {
    sendError(new AppError('resource_not_found', 'There is no such route; see /docs.'), request, reply)
  })
}

/** Answers a URL the router cannot read; no hook runs for it. */
export function answerFrameworkError(
  _error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const requestId = requestIdOf(request.headers['x-request-id'])
  const fields = {
    request_id: requestId,
    method: request.method,
    path: pathOf(request.url),
    client_ip: request.ip,
  }
  logger.warning('Request refused', { ...fields, status_code: 400, code: 'malformed_url' })
  reply
    .code(400)
    .header('x-request-id', requestId)
    .send(errorBody('malformed_url', 'The URL is malformed.', requestId))
}

/** Answers what is no HTTP at all, is too long, or comes too slowly. */
export function answerBrokenHttp(error: Error & { readonly code?: string }, socket: Socket): void {
  // The client hung up: nobody to answer.
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, code] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? (['431 Request Header Fields Too Large', 'headers_too_large'] as const)
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? (['408 Request Timeout', 'request_timeout'] as const)
        : (['400 Bad Request', 'malformed_http'] as const)
  const requestId = randomUUID()
  const status_code = Number.parseInt(status, 10)
  logger.warning('Request refused', {
    request_id: requestId,
    status_code,
    code,
    client_ip: socket.remoteAddress,
  })
  const body = JSON.stringify(errorBody(code, 'The request could not be read.', requestId))
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `X-Request-ID: ${requestId}\r\nConnection: close\r\n\r\n${body}`,
  )
}
