import { parseLevel, severityOf, type Level } from '@pixsim7/record'
import { AT_SITE, writtenSite, type CallSite, type WrittenSite } from './core/call-site.ts'
import { extendFields, type BoundFields } from './core/bound-fields.ts'
import { isRecording, loggerState, severityForCall, type LoggerState } from './core/levels.ts'
import { currentContext } from './log-context.ts'
import { currentPipeline } from './runtime.ts'

/** How a logger method may be called. No argument is dropped, whatever the order; nothing is formatted. */
export interface LogMethod {
  /** `logger.info('Job completed', { job_id: 123 })`; further objects and errors add to the fields. */
  (message: string, fields?: object, ...more: unknown[]): void
  /** `logger.error(error, 'Failed to submit job', { job_id: 123 })`; also fields first: `logger.info({ job_id: 123 }, 'Done')`. */
  (error: unknown, message?: string, fields?: object, ...more: unknown[]): void
}

/**
 * Logs under one name. Get it from getLogger, also before setupLogging and at the top of a module. No method throws,
 * whatever it is given.
 */
export interface Logger {
  readonly name: string
  /** Internal state, values of variables. */
  readonly debug: LogMethod
  /** What users did, what went well. */
  readonly info: LogMethod
  /** Odd but recoverable. */
  readonly warning: LogMethod
  /** An operation failed; somebody should look. Written to the file before the call returns. */
  readonly error: LogMethod
  /** The system as a whole is in trouble. Written to the file before the call returns. */
  readonly critical: LogMethod
  /** The same as `warning`. */
  readonly warn: LogMethod
  /** The same as `critical`. */
  readonly fatal: LogMethod
  /** Whether a line of this level would be written, or recorded by the flight recorder: to save the work of preparing it. False for unknown words. */
  isEnabled(level: string): boolean
  /** A logger of the same name with these fields on every line; they win over the context's, a call's own win over them. */
  with(fields: object): Logger
}

const NO_ARGUMENTS: readonly unknown[] = []

class NamedLogger implements Logger {
  readonly name: string
  readonly #state: LoggerState
  readonly #bound: BoundFields | undefined
  /** Where its calls are, when that was written into the code ahead of time. */
  readonly #site: CallSite | undefined

  constructor(state: LoggerState, bound: BoundFields | undefined, site?: CallSite) {
    this.name = state.name
    this.#state = state
    this.#bound = bound
    this.#site = site
  }

  /** See AT_SITE. The same logger comes by again and again, so what it became there is kept. */
  [AT_SITE](written: WrittenSite): Logger {
    if (written.logger === this) return written.loggerHere as Logger
    const here = new NamedLogger(this.#state, this.#bound, writtenSite(written))
    written.logger = this
    written.loggerHere = here
    return here
  }

  debug(first: unknown, second?: unknown, ...rest: unknown[]): void {
    if (this.#state.threshold > 10) return
    currentPipeline().log(
      this.#state,
      this.#bound,
      'DEBUG',
      10,
      this.#site ?? NamedLogger.prototype.debug,
      first,
      second,
      rest,
    )
  }

  info(first: unknown, second?: unknown, ...rest: unknown[]): void {
    if (this.#state.threshold > 20) return
    currentPipeline().log(
      this.#state,
      this.#bound,
      'INFO',
      20,
      this.#site ?? NamedLogger.prototype.info,
      first,
      second,
      rest,
    )
  }

  warning(first: unknown, second?: unknown, ...rest: unknown[]): void {
    if (this.#state.threshold > 30) return
    currentPipeline().log(
      this.#state,
      this.#bound,
      'WARNING',
      30,
      this.#site ?? NamedLogger.prototype.warning,
      first,
      second,
      rest,
    )
  }

  error(first: unknown, second?: unknown, ...rest: unknown[]): void {
    if (this.#state.threshold > 40) return
    currentPipeline().log(
      this.#state,
      this.#bound,
      'ERROR',
      40,
      this.#site ?? NamedLogger.prototype.error,
      first,
      second,
      rest,
    )
  }

  critical(first: unknown, second?: unknown, ...rest: unknown[]): void {
    if (this.#state.threshold > 50) return
    currentPipeline().log(
      this.#state,
      this.#bound,
      'CRITICAL',
      50,
      this.#site ?? NamedLogger.prototype.critical,
      first,
      second,
      rest,
    )
  }

  declare readonly warn: LogMethod
  declare readonly fatal: LogMethod

  isEnabled(level: string): boolean {
    const known = typeof level === 'string' ? parseLevel(level) : undefined
    if (known === undefined || severityOf(known) < this.#state.threshold) return false
    if (!this.#state.isLookedAt) return true
    if (isRecording() && currentContext() !== undefined) return true
    return (
      severityOf(known) >=
      severityForCall(this.#state, currentContext(), this.#bound, undefined, undefined, NO_ARGUMENTS)
    )
  }

  with(fields: object): Logger {
    return new NamedLogger(this.#state, extendFields(this.#bound, fields))
  }
}

// The same function, not one that calls it: the frame above it has to be the application's.
Object.defineProperties(NamedLogger.prototype, {
  warn: { value: NamedLogger.prototype.warning },
  fatal: { value: NamedLogger.prototype.critical },
})

/**
 * Logs on behalf of a method of an adapter. Not for applications.
 *
 * @param at The adapter's function that the application called, its caller is the call site; or that itself, where it is known.
 */
export function logFrom(
  name: string,
  bound: BoundFields | undefined,
  level: Level,
  at: CallSite | ((...args: never[]) => unknown),
  first: unknown,
  second: unknown,
  rest: readonly unknown[],
): void {
  const state = loggerState(name)
  const severity = severityOf(level)
  if (state.threshold > severity) return
  currentPipeline().log(state, bound, level, severity, at, first, second, rest)
}

/** The logger called `name`, `job_processor`. Cheap; loggers of one name share their level. */
export function getLogger(name: string): Logger {
  return new NamedLogger(loggerState(String(name)), undefined)
}
