import {
  formatLocalTime,
  formatPlainLine,
  joinJsonLine,
  jsonLineStart,
  jsonString,
  jsonText,
  severityOf,
  type Level,
} from '@pixsim7/record'
import { currentContext } from '../log-context.ts'
import { Redactor, type RedactionOptions } from '../redaction/redactor.ts'
import type { BoundFields } from './bound-fields.ts'
import { sortArguments } from './call-arguments.ts'
import { captureCallSite, UNKNOWN_CALL_SITE, type CallSite } from './call-site.ts'
import { nowUs } from './clock.ts'
import {
  appendFields,
  baseFieldsOf,
  encodeFieldsOf,
  joinFields,
  type BaseFields,
  type EncodedFields,
} from './encoded-fields.ts'
import { isPlainObject } from './errors-of-values.ts'
import { describeErrors } from './exception.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { loggerState, type LoggerState } from './levels.ts'
import { ValueEncoder } from './value-encoder.ts'

/** One event, encoded and redacted; outputs make a line of it in their own format. */
export interface LogEvent {
  readonly timeUs: number
  readonly level: Level
  readonly severity: number
  readonly logger: LoggerState
  readonly message: string
  /** The message needs no escaping in a JSON line. */
  readonly isClean: boolean
  readonly site: CallSite
  /** Members of a JSON object, each with a comma before it. */
  readonly members: string
  /** Empty for none. */
  readonly exception: string
}

/** Where events go. Neither method throws. */
export interface Output {
  /** An urgent event is written before this returns. */
  write(event: LogEvent, isUrgent: boolean): void
}

/** How a pipeline is made. */
export interface PipelineOptions {
  readonly output: Output
  readonly hasCallSites: boolean
  readonly redaction?: RedactionOptions | undefined
  readonly limits?: Partial<Limits> | undefined
  /** Fields of every line, `service` and `host`; the application cannot write fields of these names. */
  readonly resource?: Readonly<Record<string, string>>
  /** Told about what should never happen inside the library. */
  readonly onFault: (error: unknown) => void
}

/** From ERROR on, events are written at once. */
export const URGENT_SEVERITY = 40

/** From WARNING on, what the library says about itself does not depend on the level in force. */
const ALWAYS_TOLD_SEVERITY = 30

/** Code of the application that runs while a record is encoded (getters, toJSON, rules) may log, but not without end. */
const MAX_NESTING = 3

/** The logger under which the library speaks of itself. */
export const OWN_LOGGER = 'pixsim7.logging'

/** Makes events of calls: context, fields, call site, redaction. One for each setup, and one before it. */
export class Pipeline {
  readonly redactor: Redactor
  /** Calls of the application that were logged. */
  eventCount = 0
  /** True from the beginning of the end of the process: then each event is urgent. */
  isEnding = false
  readonly #options: PipelineOptions
  readonly #limits: Limits
  readonly #encoder: ValueEncoder
  readonly #resource: BaseFields
  readonly #taken: ReadonlySet<string>
  #nesting = 0

  constructor(options: PipelineOptions) {
    this.#options = options
    this.redactor = new Redactor(options.redaction)
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.#encoder = new ValueEncoder(this.redactor, this.#limits)
    const resource = encodeFieldsOf(options.resource ?? {}, this.#encoder, this.#limits.maxKeys, new Set())
    this.#resource = baseFieldsOf(resource, this.#encoder)
    this.#taken = new Set(Object.keys(options.resource ?? {}))
  }

  /**
   * Logs what a call of a logger method says. Never throws.
   *
   * @param at The call site, where it is known ahead of time; else the function the application called, the frame above which
   *   it is.
   */
  log(
    logger: LoggerState,
    bound: BoundFields | undefined,
    level: Level,
    severity: number,
    at: CallSite | ((...args: never[]) => unknown),
    first: unknown,
    second: unknown,
    rest: readonly unknown[],
  ): void {
    if (this.#nesting >= MAX_NESTING) {
      this.#options.onFault(new Error('code that runs while a line is encoded logs without end'))
      return
    }
    this.#nesting++
    this.eventCount++
    try {
      const timeUs = nowUs()
      const site = !this.#options.hasCallSites
        ? UNKNOWN_CALL_SITE
        : typeof at === 'function'
          ? captureCallSite(at)
          : at
      this.#emit(timeUs, logger, bound, level, severity, site, first, second, rest)
    } catch (error) {
      this.#logFault(logger, level, severity, error)
    } finally {
      this.#nesting--
    }
  }

  /**
   * Logs an event of the library itself, under its own logger: WARNING and above whatever the level in force, since losses
   * must be told. Never throws.
   */
  logOwn(level: Level, event: string, message: string, fields: object): void {
    try {
      const logger = loggerState(OWN_LOGGER)
      const severity = severityOf(level)
      if (severity < logger.threshold && severity < ALWAYS_TOLD_SEVERITY) return
      const encoded = encodeFieldsOf(
        { event, ...fields },
        this.#newEncoder(),
        this.#limits.maxKeys,
        this.#taken,
      )
      const members = encoded.json === '' ? '' : `,${encoded.json}`
      this.#write(
        nowUs(),
        logger,
        level,
        severity,
        message,
        false,
        UNKNOWN_CALL_SITE,
        members,
        encoded.errors,
      )
    } catch (error) {
      this.#options.onFault(error)
    }
  }

  /** What should not happen: then the line is there at least, without anything that may have caused it. */
  #logFault(logger: LoggerState, level: Level, severity: number, error: unknown): void {
    try {
      this.#options.onFault(error)
      this.#write(
        nowUs(),
        logger,
        level,
        severity,
        '[line could not be encoded]',
        false,
        UNKNOWN_CALL_SITE,
        '',
        [],
      )
    } catch {
      // Not even that, at the end of the stack or the memory: the application must not notice.
    }
  }

  #emit(
    timeUs: number,
    logger: LoggerState,
    bound: BoundFields | undefined,
    level: Level,
    severity: number,
    site: CallSite,
    first: unknown,
    second: unknown,
    rest: readonly unknown[],
  ): void {
    const encoder = this.#nesting === 1 ? this.#encoder : this.#newEncoder()
    const base = this.#base(currentContext(), bound, encoder)
    let message: string
    let members = base.tail
    let errors = base.errors
    // The usual call first: a message and at most one object.
    if (typeof first === 'string' && rest.length === 0 && (second === undefined || isFieldsLiteral(second))) {
      message = first
      if (second !== undefined) {
        members = appendFields(base, second as object, encoder, this.#limits.maxKeys, this.#taken)
        if (encoder.errors.length > 0) errors = [...errors, ...encoder.errors]
      }
    } else {
      const sorted = sortArguments(first, [second, ...rest])
      message = sorted.message
      let fields: EncodedFields = base
      for (const more of sorted.fields) fields = joinFields(fields, this.#encode(more, encoder))
      members = fields.json === '' ? '' : `,${fields.json}`
      errors = fields.errors
    }
    const isClean = encoder.isClean(message)
    const text = isClean ? message : encoder.text(message)
    this.#write(timeUs, logger, level, severity, text, isClean, site, members, errors)
  }

  #write(
    timeUs: number,
    logger: LoggerState,
    level: Level,
    severity: number,
    message: string,
    isClean: boolean,
    site: CallSite,
    members: string,
    errors: readonly object[],
  ): void {
    const exception = errors.length === 0 ? '' : describeErrors(errors, this.redactor)
    const event = { timeUs, level, severity, logger, message, isClean, site, members, exception }
    this.#options.output.write(event, this.isEnding || severity >= URGENT_SEVERITY)
  }

  /** Resource, context and the logger's own fields, in this order; kept with the outer of the two. */
  #base(context: BoundFields | undefined, bound: BoundFields | undefined, encoder: ValueEncoder): BaseFields {
    const outer = context ?? bound
    if (outer === undefined) return this.#resource
    const inner = context === undefined ? undefined : bound
    if (outer.base !== undefined && outer.base.by === this && outer.base.inner === inner)
      return outer.base.fields
    let joined = joinFields(this.#resource, this.#encodeBound(outer, encoder))
    if (inner !== undefined) joined = joinFields(joined, this.#encodeBound(inner, encoder))
    const fields = baseFieldsOf(joined, encoder)
    outer.base = { by: this, inner, fields }
    return fields
  }

  #encodeBound(bound: BoundFields, encoder: ValueEncoder): EncodedFields {
    if (bound.encoded?.by === this) return bound.encoded.fields
    const fields = this.#encode(bound.fields, encoder)
    bound.encoded = { by: this, fields }
    return fields
  }

  #encode(fields: object, encoder: ValueEncoder): EncodedFields {
    return encodeFieldsOf(fields, encoder, this.#limits.maxKeys, this.#taken)
  }

  #newEncoder(): ValueEncoder {
    return new ValueEncoder(this.redactor, this.#limits)
  }
}

/** An object literal that is no error; everything else takes the slow way, which sorts it out. */
function isFieldsLiteral(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  try {
    return isPlainObject(value)
  } catch {
    // A revoked proxy; the slow way shows it as unreadable.
    return false
  }
}

/** An event as a JSON line with its newline; `more` are further members, `,"component":"backend"`. */
export function jsonLineOf(event: LogEvent, more = ''): string {
  return joinJsonLine(
    jsonLineStart(event.timeUs),
    event.logger.heads[event.severity / 10] as string,
    event.isClean ? event.message : jsonText(event.message),
    event.site.json,
    more === '' ? event.members : event.members + more,
    event.exception === '' ? '' : jsonString(event.exception),
  )
}

/** An event as plain text with a newline at its end; `more` as for jsonLineOf. */
export function plainLineOf(event: LogEvent, more = ''): string {
  const head = { level: event.level, logger: event.logger.name, message: event.message }
  const fieldsJson = (event.members + more).slice(1)
  return `${formatPlainLine(localTimeOf(event.timeUs), head, fieldsJson, event.exception)}\n`
}

let localSecond = Number.NaN
let localTime = ''

/** The local time of a whole second is asked for once: many lines share it. */
function localTimeOf(timeUs: number): string {
  const second = Math.floor(timeUs / 1_000_000)
  if (second !== localSecond) {
    localTime = formatLocalTime(timeUs)
    localSecond = second
  }
  return localTime
}
