import { redactText } from '@pixsim7/logging'
import { PROBLEM_STATUS, type Problem, type ProblemCode } from '@pixsim7/protocol'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { randomUUID } from 'node:crypto'
import type { OwnLog } from '../host/own-log.ts'
import { ServerError } from '../server-error.ts'
import { describeValidation } from './parameter-problem.ts'
import { SECURITY_HEADERS } from './security-headers.ts'
import { asStoreProblem } from './store-problem.ts'

/** Pause after which a client may ask a store that is not there yet again. */
export const STORE_RETRY_SECONDS = 2

/** Answers every error of the app in the form of the contract: a code, a sentence, the request's id; never a stack. */
export function addProblemAnswers(app: FastifyInstance, ownLog: OwnLog): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => sendProblem(error, request, reply, ownLog))
}

export function notFound(request: FastifyRequest): ServerError {
  return new ServerError(
    'not_found',
    `There is no ${request.method} ${cut(request.url.split('?', 1)[0] ?? '')} here. /docs lists what there is.`,
  )
}

/** Sends the answer an error deserves. */
export function sendProblem(
  error: Error,
  request: FastifyRequest,
  reply: FastifyReply,
  ownLog: OwnLog,
): FastifyReply {
  const problem = asProblem(error, request)
  // A client that went away gets no answer, and its leaving is nobody's mistake.
  if (problem.code === 'internal' && !reply.raw.destroyed) {
    ownLog.tell('request_failed', {
      request_id: request.id,
      route: request.routeOptions.url,
      method: request.method,
      error,
    })
  }
  const code = problem.problemCode ?? 'internal'
  if (code === 'unauthorized') reply.header('www-authenticate', 'Bearer')
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', problem.retryAfterSeconds)
  return reply
    .headers({ ...SECURITY_HEADERS, 'x-request-id': request.id })
    .code(PROBLEM_STATUS[code])
    .type('application/json; charset=utf-8')
    .send(problemBody(code, problem.message, request.id))
}

/** A sentence may repeat a value or a path: what looks like a secret is not repeated, not even to its sender. */
function problemBody(code: ProblemCode, message: string, requestId: string): Problem {
  return { error: { code, message: redactText(message), request_id: requestId } }
}

function asProblem(error: Error, request: FastifyRequest): ServerError {
  if (error instanceof ServerError && error.problemCode !== undefined) return error
  const { validation, validationContext, statusCode, code } = error as Partial<FastifyError>
  if (validation !== undefined) return describeValidation(validation, validationContext, request)
  const storeProblem = asStoreProblem(error)
  if (storeProblem !== undefined) return storeProblem
  if (code?.startsWith('FST_') === true) {
    if (statusCode === 413)
      return new ServerError('body_too_large', 'The body is larger than this route takes.')
    if (statusCode === 415)
      return new ServerError(
        'unsupported_media_type',
        'The body must be JSON, with Content-Type: application/json.',
      )
    if (statusCode === 414) return new ServerError('url_too_long', 'A part of the address is too long.')
  }
  // What the file sender says to a path that leads out of its folder.
  if (statusCode === 403) return notFound(request)
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new ServerError('bad_request', `The request cannot be read: ${cut(error.message)}`)
  }
  return new ServerError(
    'internal',
    `The log server made a mistake. Its own log tells more under request id ${request.id}.`,
  )
}

function cut(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

/** Answers what is not even HTTP: here no request exists, only bytes that could not be understood. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const [code, text]: [ProblemCode, string] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['headers_too_large', 'Address and headers together are larger than 16 KiB.']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['request_timeout', 'The request took too long to arrive.']
        : ['bad_request', 'This is not a request in HTTP.']
  const body = JSON.stringify(problemBody(code, text, randomUUID()))
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(
    `HTTP/1.1 ${PROBLEM_STATUS[code]} ${STATUS_CODES[PROBLEM_STATUS[code]]}\r\n${lines.join('')}\r\n${body}`,
  )
}
