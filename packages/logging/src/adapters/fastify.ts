import { parseLevel, severityOf, type Level } from '@pixsim7/record'
import { AT_SITE, writtenSite, type CallSite, type WrittenSite } from '../core/call-site.ts'
import { extendFields, type BoundFields } from '../core/bound-fields.ts'
import { loggerState } from '../core/levels.ts'
import { logFrom } from '../logger.ts'
import { translateFields } from './http-fields.ts'

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
  child(bindings: object, options?: { level?: string }): FastifyLogger
}

const LEVELS = {
  trace: 'DEBUG',
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
  fatal: 'CRITICAL',
} as const satisfies Record<string, Level>

/**
 * A logger for Fastify's option `loggerInstance`. What Fastify logs by itself becomes fields with our names: of the request
 * `method`, `path` (without query) and `client_ip`, of the answer `status_code`; `reqId` becomes `request_id`, `responseTime`
 * `duration_ms`, `err` `error`. A route's `logLevel` is respected.
 *
 * @param name The logger's name.
 */
export function fastifyLogger(name = 'fastify'): FastifyLogger {
  return adapt(name, undefined, 0)
}

/** @param site Where its calls are, when that was written into the code ahead of time. */
function adapt(
  name: string,
  bound: BoundFields | undefined,
  lowestSeverity: number,
  site?: CallSite,
): FastifyLogger {
  let lowest = lowestSeverity
  const method = (level: Level): FastifyLogMethod => {
    const severity = severityOf(level)
    const log = (first: unknown, second?: unknown, ...rest: unknown[]): void => {
      if (severity >= lowest) logFrom(name, bound, level, site ?? log, translateFields(first), second, rest)
    }
    return log
  }
  const logger: FastifyLogger = {
    get level() {
      return wordOf(Math.max(lowest, loggerState(name).writtenFrom))
    },
    set level(word) {
      lowest = severityOfWord(word) ?? lowest
    },
    trace: method(LEVELS.trace),
    debug: method(LEVELS.debug),
    info: method(LEVELS.info),
    warn: method(LEVELS.warn),
    error: method(LEVELS.error),
    fatal: method(LEVELS.fatal),
    silent: () => undefined,
    child(bindings, options) {
      return adapt(
        name,
        extendFields(bound, translateFields(bindings) as object),
        severityOfWord(options?.level) ?? lowest,
      )
    },
  }
  // Not enumerable: Fastify and its plugins may copy what a logger has.
  return Object.defineProperty(logger, AT_SITE, {
    value: (written: WrittenSite) => adapt(name, bound, lowest, writtenSite(written)),
  })
}

/** Fastify's word for no lines at all is no level of ours. */
function severityOfWord(word: string | undefined): number | undefined {
  if (word === undefined) return undefined
  if (word === 'silent') return Infinity
  const level = parseLevel(word)
  return level === undefined ? undefined : severityOf(level)
}

function wordOf(severity: number): string {
  const words = Object.keys(LEVELS) as (keyof typeof LEVELS)[]
  return words.findLast((word) => severityOf(LEVELS[word]) <= severity && severity !== Infinity) ?? 'silent'
}
