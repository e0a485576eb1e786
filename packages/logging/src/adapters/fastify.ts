import { getLogger, type Logger } from '../logger.ts'

/** A method as Fastify calls it: an object, an error or a text first. */
export type FastifyLogMethod = (first: unknown, ...rest: unknown[]) => void

/** What Fastify 5 asks of its `loggerInstance`. */
export interface FastifyLogger {
  level: string
  trace: FastifyLogMethod
  debug: FastifyLogMethod
  info: FastifyLogMethod
  warn: FastifyLogMethod
  error: FastifyLogMethod
  fatal: FastifyLogMethod
  silent: FastifyLogMethod
  child(bindings: object): FastifyLogger
}

/**
 * A logger for Fastify's `loggerInstance` option. Fastify's own objects become fields: the request its method, path and
 * client_ip, the answer its status_code, `reqId` request_id, `responseTime` duration_ms.
 */
export function fastifyLogger(name = 'api.http'): FastifyLogger {
  return adapt(getLogger(name))
}

function adapt(logger: Logger): FastifyLogger {
  const method =
    (log: (first: unknown, ...rest: never[]) => void): FastifyLogMethod =>
    (first, ...rest) =>
      log.call(logger, translate(first), ...(rest as never[]))
  return {
    level: logger.isEnabled('DEBUG') ? 'debug' : 'info',
    trace: method(logger.debug),
    debug: method(logger.debug),
    info: method(logger.info),
    warn: method(logger.warning),
    error: method(logger.error),
    fatal: method(logger.critical),
    silent: () => undefined,
    child: (bindings) => adapt(logger.with(translate(bindings) as object)),
  }
}

function translate(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Error) return value
  const fields: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    if (key === 'req') Object.assign(fields, describeRequest(item))
    else if (key === 'res') fields['status_code'] = (item as { statusCode?: unknown } | null)?.statusCode
    else if (key === 'reqId') fields['request_id'] = item
    else if (key === 'responseTime')
      fields['duration_ms'] = typeof item === 'number' ? Math.round(item * 1000) / 1000 : item
    else if (key === 'err') fields['error'] = item
    else fields[key] = item
  }
  return fields
}

function describeRequest(request: unknown): Record<string, unknown> {
  const { method, url, ip } = (request ?? {}) as { method?: unknown; url?: unknown; ip?: unknown }
  return { method, path: typeof url === 'string' ? url.replace(/[?#].*$/s, '') : url, client_ip: ip }
}
