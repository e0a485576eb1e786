import {
  formatLocalTime,
  formatPlainLine,
  formatTimestamp,
  joinJsonLine,
  jsonString,
  severityOf,
  type Level,
} from '@pixsim7/record'
import { currentContext } from '../log-context.ts'
import { Redactor, type RedactionOptions } from '../redaction/redactor.ts'
import type { BoundFields } from './bound-fields.ts'
import { sortArguments } from './call-arguments.ts'
import { captureCallSite, UNKNOWN_CALL_SITE, type CallSite } from './call-site.ts'
import { nowUs } from './clock.ts'
import { encodeFieldsOf, joinFields, NO_FIELDS, type EncodedFields } from './encoded-fields.ts'
import { isError } from './errors-of-values.ts'
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
  readonly site: CallSite
  /** Members of a JSON object without braces. */
  readonly fieldsJson: string
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
  readonly #resource: EncodedFields
  readonly #taken: ReadonlySet<string>
  #nesting = 0

  constructor(options: PipelineOptions) {
    this.#options = options
    this.redactor = new Redactor(options.redaction)
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.#encoder = new ValueEncoder(this.redactor, this.#limits)
    this.#resource = encodeFieldsOf(options.resource ?? {}, this.#encoder, this.#limits.maxKeys, new Set())
    this.#taken = new Set(Object.keys(options.resource ?? {}))
  }

  /**
   * Logs what a call of a logger method says. Never throws.
   *
   * @param method The function the application called: the frame above it is the call site.
   */
  log(
    logger: LoggerState,
    bound: BoundFields | undefined,
    level: Level,
    severity: number,
    method: (...args: never[]) => unknown,
    first: unknown,
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
      const site = this.#options.hasCallSites ? captureCallSite(method) : UNKNOWN_CALL_SITE
      this.#emit(timeUs, logger, bound, level, severity, site, first, rest)
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
      this.#write(nowUs(), logger, level, severity, message, UNKNOWN_CALL_SITE, encoded)
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
        UNKNOWN_CALL_SITE,
        NO_FIELDS,
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
    rest: readonly unknown[],
  ): void {
    const encoder = this.#nesting === 1 ? this.#encoder : this.#newEncoder()
    let message: string
    let fields = this.#boundFields(bound, encoder)
    // The usual call first: a message and at most one object.
    if (typeof first === 'string' && (rest.length === 0 || (rest.length === 1 && isPlainFields(rest[0])))) {
      message = first
      if (rest.length === 1) fields = joinFields(fields, this.#encode(rest[0] as object, encoder))
    } else {
      const sorted = sortArguments(first, rest)
      message = sorted.message
      for (const more of sorted.fields) fields = joinFields(fields, this.#encode(more, encoder))
    }
    this.#write(timeUs, logger, level, severity, encoder.text(message), site, fields)
  }

  #write(
    timeUs: number,
    logger: LoggerState,
    level: Level,
    severity: number,
    message: string,
    site: CallSite,
    fields: EncodedFields,
  ): void {
    const exception = fields.errors.length === 0 ? '' : describeErrors(fields.errors, this.redactor)
    const event = { timeUs, level, severity, logger, message, site, fieldsJson: fields.json, exception }
    this.#options.output.write(event, this.isEnding || severity >= URGENT_SEVERITY)
  }

  /** Resource, context and the logger's own fields, in this order. */
  #boundFields(bound: BoundFields | undefined, encoder: ValueEncoder): EncodedFields {
    const context = currentContext()
    let fields = this.#resource
    if (context !== undefined) fields = joinFields(fields, this.#encodeBound(context, encoder))
    return bound === undefined ? fields : joinFields(fields, this.#encodeBound(bound, encoder))
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
function isPlainFields(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || isError(value)) return false
  try {
    const prototype: unknown = Object.getPrototypeOf(value)
    return prototype === Object.prototype || prototype === null
  } catch {
    // A revoked proxy; the slow way shows it as unreadable.
    return false
  }
}

/** An event as a JSON line without newline; `more` are further members, `"component":"backend"`. */
export function jsonLineOf(event: LogEvent, more = ''): string {
  return joinJsonLine(
    formatTimestamp(event.timeUs),
    event.level,
    event.logger.nameJson,
    jsonString(event.message),
    event.site.json,
    joinMembers(event.fieldsJson, more),
    event.exception === '' ? '' : jsonString(event.exception),
  )
}

/** An event as plain text without newline at its end. */
export function plainLineOf(event: LogEvent, more = ''): string {
  const head = { level: event.level, logger: event.logger.name, message: event.message }
  return formatPlainLine(
    localTimeOf(event.timeUs),
    head,
    joinMembers(event.fieldsJson, more),
    event.exception,
  )
}

function joinMembers(members: string, more: string): string {
  return more === '' ? members : members === '' ? more : `${members},${more}`
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
