import { severityOf, type Level } from '@pixsim7/record'
import { currentContext } from '../log-context.ts'
import { withTrace } from './trace-context.ts'
import { Redactor, type RedactionOptions } from '../redaction/redactor.ts'
import { SeverityCounts } from './severity-counts.ts'
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
import { flatText } from './flat-text.ts'
import { isPlainObject } from './errors-of-values.ts'
import { describeErrors } from './exception.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { loggerState, OWN_LOGGER, severityForCall, type LoggerState } from './levels.ts'
import { ValueEncoder } from './value-encoder.ts'
import { FlightRecorder, type FlightRecorderOptions } from '../recorder/flight-recorder.ts'
import { FloodControl, type FloodOptions } from '../volume/flood-control.ts'
import { Sampling, type SamplingOptions } from '../volume/sampling.ts'

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
  readonly flood?: FloodOptions | undefined
  readonly sampling?: SamplingOptions | undefined
  readonly flightRecorder?: FlightRecorderOptions | undefined
  /** Fields of every line, `service` and `host`; the application cannot write fields of these names. */
  readonly resource?: Readonly<Record<string, string>>
  /** Told about what should never happen inside the library. */
  readonly onFault: (error: unknown) => void
}

/** From ERROR on, events are written at once. */
export const URGENT_SEVERITY = 40

/** From WARNING on, what the library says about itself does not depend on the level in force. */
const ALWAYS_TOLD_SEVERITY = 30
/** Neither does this, or a rule could hide that it was made. */
const ALWAYS_TOLD_EVENT = 'level_changed'

/** Field of lines that the flight recorder kept; with a recorder the application cannot write it. */
const RECORDED = 'recorded'

/** Code of the application that runs while a record is encoded (getters, toJSON, rules) may log, but not without end. */
const MAX_NESTING = 3

/** Makes events of calls: context, fields, call site, redaction. One for each setup, and one before it. */
export class Pipeline {
  readonly redactor: Redactor
  /** Calls of the application that were logged. */
  eventCount = 0
  /** Values taken out of records, by the severity of the record; what records share (a context) counts for the first. */
  readonly redacted = new SeverityCounts()
  /** Lines held back by flood control or sampling, by severity. */
  readonly suppressed = new SeverityCounts()
  /** True from the beginning of the end of the process: then each event is urgent. */
  isEnding = false
  readonly #options: PipelineOptions
  readonly #limits: Limits
  readonly #encoder: ValueEncoder
  readonly #resource: BaseFields
  readonly #taken: ReadonlySet<string>
  readonly #flood: FloodControl | undefined
  readonly #sampling: Sampling | undefined
  readonly #canHoldBack: boolean
  readonly #recorder: FlightRecorder | undefined
  #nesting = 0
  /** How much of the redactor's count is in `redacted`. */
  #redactedCount = 0

  constructor(options: PipelineOptions) {
    this.#options = options
    this.redactor = new Redactor(options.redaction)
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.#encoder = new ValueEncoder(this.redactor, this.#limits)
    const resource = encodeFieldsOf(options.resource ?? {}, this.#encoder, this.#limits.maxKeys, new Set())
    this.#resource = baseFieldsOf(resource, this.#encoder)
    this.#taken = new Set(Object.keys(options.resource ?? {}))
    this.#canHoldBack = options.flood !== undefined || options.sampling !== undefined
    if (options.flightRecorder !== undefined) {
      this.#recorder = new FlightRecorder(options.flightRecorder)
      this.#taken = new Set([...this.#taken, RECORDED])
    }
    if (options.sampling !== undefined) this.#sampling = new Sampling(options.sampling)
    if (options.flood !== undefined)
      this.#flood = new FloodControl(options.flood, (count, fields, site) =>
        this.logOwn('WARNING', 'flood_suppressed', 'Lines were suppressed', { count, ...fields }, site),
      )
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
    let site: CallSite | undefined
    // Apart, so that the usual call stays small enough for V8 to inline what it needs.
    if (logger.isLookedAt || this.#canHoldBack) {
      site = this.#siteIfWritten(logger, bound, level, severity, at, first, second, rest)
      if (site === undefined) return
    }
    this.#nesting++
    this.eventCount++
    try {
      const timeUs = nowUs()
      if (!this.#options.hasCallSites) site = UNKNOWN_CALL_SITE
      else site ??= siteOf(at)
      const event = this.#encodeCall(timeUs, logger, bound, level, severity, site, first, second, rest)
      if (severity >= URGENT_SEVERITY && this.#recorder !== undefined) this.#release(this.#recorder)
      this.#put(event)
    } catch (error) {
      this.#logFault(logger, level, severity, error)
    } finally {
      this.#nesting--
    }
  }

  /** The place of a call, unknown where nobody needs it; undefined when the call is not written: below its level, or held back. */
  #siteIfWritten(
    logger: LoggerState,
    bound: BoundFields | undefined,
    level: Level,
    severity: number,
    at: CallSite | ((...args: never[]) => unknown),
    first: unknown,
    second: unknown,
    rest: readonly unknown[],
  ): CallSite | undefined {
    const context = currentContext()
    if (logger.isLookedAt && severity < severityForCall(logger, context, bound, first, second, rest)) {
      if (this.#recorder !== undefined && context !== undefined)
        this.#record(this.#recorder, context, logger, bound, level, severity, at, first, second, rest)
      return undefined
    }
    const canBeHeldBack = severity < URGENT_SEVERITY && !logger.isProtected
    if (canBeHeldBack && this.#sampling?.keeps(context, bound, first, second, rest) === false) {
      this.suppressed.add(severity, 1)
      return undefined
    }
    const site = this.#options.hasCallSites || this.#flood !== undefined ? siteOf(at) : UNKNOWN_CALL_SITE
    if (!canBeHeldBack || this.#flood === undefined) return site
    const value = this.#flood.valueOfCall(context, bound, first, second, rest)
    if (this.#flood.admits(site, logger, severity, value)) return site
    this.suppressed.add(severity, 1)
    return undefined
  }

  /** Keeps a line that is not written, for the case that its context logs an ERROR. */
  #record(
    recorder: FlightRecorder,
    context: BoundFields,
    logger: LoggerState,
    bound: BoundFields | undefined,
    level: Level,
    severity: number,
    at: CallSite | ((...args: never[]) => unknown),
    first: unknown,
    second: unknown,
    rest: readonly unknown[],
  ): void {
    this.#nesting++
    try {
      const timeUs = nowUs()
      const site = this.#options.hasCallSites ? siteOf(at) : UNKNOWN_CALL_SITE
      const event = this.#encodeCall(timeUs, logger, bound, level, severity, site, first, second, rest)
      recorder.keep(context, { ...event, members: flatText(`${event.members},"${RECORDED}":true`) })
    } catch (error) {
      this.#options.onFault(error)
    } finally {
      this.#nesting--
    }
  }

  /** Writes what was recorded of the running context, before the ERROR that is its reason. */
  #release(recorder: FlightRecorder): void {
    const context = currentContext()
    const recording = context === undefined ? undefined : recorder.release(context)
    if (recording === undefined) return
    if (recording.leftOut > 0) {
      const count = recording.leftOut
      this.logOwn('INFO', 'recording_cut', 'Older lines of a context were not kept', { count })
    }
    for (const event of recording.events) this.#options.output.write(event, this.isEnding)
  }

  /**
   * Logs an event of the library itself, under its own logger: WARNING and above whatever the level in force, since losses
   * must be told. Never throws.
   *
   * @param site The place in the application that the event is about.
   */
  logOwn(level: Level, event: string, message: string, fields: object, site = UNKNOWN_CALL_SITE): void {
    try {
      const logger = loggerState(OWN_LOGGER)
      const severity = severityOf(level)
      const isTold = severity >= logger.writtenFrom || severity >= ALWAYS_TOLD_SEVERITY
      if (!isTold && event !== ALWAYS_TOLD_EVENT) return
      const encoded = encodeFieldsOf(
        { event, ...fields },
        this.#newEncoder(),
        this.#limits.maxKeys,
        this.#taken,
      )
      const members = encoded.json === '' ? '' : `,${encoded.json}`
      this.#put(
        this.#eventOf(nowUs(), logger, level, severity, message, false, site, members, encoded.errors),
      )
    } catch (error) {
      this.#options.onFault(error)
    }
  }

  /** Writes what is known of suppressed lines so far, for the end of the process. */
  reportSuppressed(): void {
    this.#flood?.report()
  }

  /** Stops timers. Safe to call twice. */
  close(): void {
    this.#flood?.close()
  }

  /** What should not happen: then the line is there at least, without anything that may have caused it. */
  #logFault(logger: LoggerState, level: Level, severity: number, error: unknown): void {
    try {
      this.#options.onFault(error)
      this.#put(
        this.#eventOf(
          nowUs(),
          logger,
          level,
          severity,
          '[line could not be encoded]',
          false,
          UNKNOWN_CALL_SITE,
          '',
          [],
        ),
      )
    } catch {
      // Not even that, at the end of the stack or the memory: the application must not notice.
    }
  }

  #encodeCall(
    timeUs: number,
    logger: LoggerState,
    bound: BoundFields | undefined,
    level: Level,
    severity: number,
    site: CallSite,
    first: unknown,
    second: unknown,
    rest: readonly unknown[],
  ): LogEvent {
    const encoder = this.#nesting === 1 ? this.#encoder : this.#newEncoder()
    const base = this.#base(withTrace(currentContext()), bound, encoder)
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
    return this.#eventOf(timeUs, logger, level, severity, text, isClean, site, members, errors)
  }

  #eventOf(
    timeUs: number,
    logger: LoggerState,
    level: Level,
    severity: number,
    message: string,
    isClean: boolean,
    site: CallSite,
    members: string,
    errors: readonly object[],
  ): LogEvent {
    const exception = errors.length === 0 ? '' : describeErrors(errors, this.redactor)
    if (this.redactor.redactedCount !== this.#redactedCount) {
      this.redacted.add(severity, this.redactor.redactedCount - this.#redactedCount)
      this.#redactedCount = this.redactor.redactedCount
    }
    return { timeUs, level, severity, logger, message, isClean, site, members, exception }
  }

  #put(event: LogEvent): void {
    this.#options.output.write(event, this.isEnding || event.severity >= URGENT_SEVERITY)
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

function siteOf(at: CallSite | ((...args: never[]) => unknown)): CallSite {
  return typeof at === 'function' ? captureCallSite(at) : at
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
