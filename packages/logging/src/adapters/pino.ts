/**
 * `@pixsim7/logging/adapters/pino`: a logger in the shape of pino's, for libraries that want an instance of it. What it logs goes
 * where all lines go, under our names of levels and fields. Written against pino 10, of which nothing is imported.
 */
import { EventEmitter } from 'node:events'
import { severityOf } from '@pixsim7/record'
import { extendFields, type BoundFields } from '../core/bound-fields.ts'
import { headlineOf, isError } from '../core/errors-of-values.ts'
import { loggerState, type LoggerState } from '../core/levels.ts'
import { LoggingError } from '../errors.ts'
import { flushLogging } from '../lifetime.ts'
import { logFrom } from '../logger.ts'
import { HTTP_SERIALIZERS, translateFields, type Serializer, type Serializers } from './http-fields.ts'
import { levelOf, levelsWith, PINO_LEVELS, refusedLevel, valueOf, type PinoLevels } from './pino-levels.ts'
import { formatMessage } from './pino-message.ts'

/** Where libraries look for the serializers of a logger they are given (pino-http, Fastify): a public symbol of pino's. */
const SERIALIZERS = Symbol.for('pino.serializers')

/** The version of pino whose shape this is. */
const SHAPE_OF_VERSION = '10.0.0'

/** How a method may be called: object, error or message first, then a message with placeholders and its values. */
export type PinoLogMethod = (first?: unknown, ...rest: unknown[]) => void

/** What a child may be made with; the other options of pino's child mean nothing here and are ignored. */
export interface PinoChildOptions {
  /** A word or number of `levels`; also `silent`. Default: the parent's level, also when that changes later. */
  readonly level?: string
  /** By key of a binding or field. */
  readonly serializers?: Readonly<Record<string, (value: never) => unknown>>
  /** Put before each message, after that of the parent. */
  readonly msgPrefix?: string
  /** Methods of further names, `{ audit: 35 }`: a line has the level of ours that its number is at or above. */
  readonly customLevels?: Readonly<Record<string, number>>
}

/** How pinoLogger is made. */
export interface PinoLoggerOptions extends PinoChildOptions {
  /** The logger's name. Default `pino`. */
  readonly name?: string
  /** Fields of every line. */
  readonly bindings?: object
}

/** An instance in the shape of pino's; made by pinoLogger. */
export interface PinoLogger extends EventEmitter {
  /** Written as DEBUG, like `debug`. */
  readonly trace: PinoLogMethod
  readonly debug: PinoLogMethod
  readonly info: PinoLogMethod
  readonly warn: PinoLogMethod
  readonly error: PinoLogMethod
  /** Written as CRITICAL. */
  readonly fatal: PinoLogMethod
  /** Logs nothing. */
  readonly silent: PinoLogMethod
  /**
   * The lowest level that is logged here, `info`. It holds beside LOG_LEVEL: the stricter of the two decides, and without one of its own
   * LOG_LEVEL does. Setting it throws LoggingError LOGGING_LEVEL_UNKNOWN, and emits `level-change` as pino does.
   */
  level: string
  readonly levelVal: number
  readonly levels: PinoLevels
  readonly version: string
  readonly msgPrefix: string | undefined
  /** Called with each child that is made. */
  onChild(child: PinoLogger): void
  /** @throws LoggingError LOGGING_LEVEL_UNKNOWN; LOGGING_OPTION_REFUSED for `redact`, which would not be obeyed */
  child(bindings: object, options?: PinoChildOptions): PinoLogger
  /** The bindings as they were given, the parents' included. */
  bindings(): Record<string, unknown>
  setBindings(bindings: object): void
  isLevelEnabled(level: string): boolean
  /** Writes what is pending; the callback gets the error when that failed. */
  flush(callback?: (error?: Error) => void): void
}

/**
 * A logger for libraries that want an instance of pino. Of requests, answers and errors it logs what fastifyLogger does (`method`,
 * `path`, `client_ip`, `status_code`, `request_id`, `duration_ms`, `error`) unless other serializers are given for `req`, `res`, `err`.
 * Arguments without a placeholder are not dropped but become fields. Its type fits pino's `BaseLogger`; where a library asks for pino's
 * full `Logger`, whose type names every custom level, it takes a cast.
 *
 * @throws LoggingError LOGGING_LEVEL_UNKNOWN, LOGGING_OPTION_REFUSED
 */
export function pinoLogger(options: PinoLoggerOptions = {}): PinoLogger {
  const root = new PinoShaped(loggerState(String(options.name ?? 'pino')), undefined)
  return root.child(options.bindings ?? {}, options)
}

/** Keys of bindings that pino takes for options of old versions and does not log. */
const NO_BINDINGS: ReadonlySet<string> = new Set(['level', 'serializers', 'formatters', 'customLevels'])

const STANDARD_LEVELS = levelsWith({})

/** Behind a symbol, not private: libraries wrap loggers in proxies and derive objects from them. */
const PARTS = Symbol('parts')

interface Parts {
  readonly state: LoggerState
  readonly parent: PinoShaped | undefined
  bound: BoundFields | undefined
  /** As they were given to this one; see bindings. */
  ownBindings: object
  serializers: Serializers
  /** A number of pino's; undefined when the parent's holds. Written by the setter of `level` only. */
  ownLevel: number | undefined
}

class PinoShaped extends EventEmitter implements PinoLogger {
  readonly version = SHAPE_OF_VERSION
  onChild: (child: PinoLogger) => void
  levels: PinoLevels
  msgPrefix: string | undefined
  readonly [PARTS]: Parts

  constructor(state: LoggerState, parent: PinoShaped | undefined) {
    super()
    this[PARTS] = {
      state,
      parent,
      bound: parent?.[PARTS].bound,
      ownBindings: {},
      serializers: parent?.[PARTS].serializers ?? HTTP_SERIALIZERS,
      ownLevel: undefined,
    }
    this.onChild = parent?.onChild ?? (() => undefined)
    this.levels = parent?.levels ?? STANDARD_LEVELS
    this.msgPrefix = parent?.msgPrefix
  }

  declare trace: PinoLogMethod
  declare debug: PinoLogMethod
  declare info: PinoLogMethod
  declare warn: PinoLogMethod
  declare error: PinoLogMethod
  declare fatal: PinoLogMethod

  silent(): void {}

  get [SERIALIZERS](): Serializers {
    return this[PARTS].serializers
  }

  get levelVal(): number {
    return lowestOf(this) ?? valueOf(this[PARTS].state.threshold)
  }

  get level(): string {
    return this.levels.labels[this.levelVal] ?? 'silent'
  }

  set level(level: string | number) {
    const before = this.levelVal
    const word = typeof level === 'number' ? this.levels.labels[level] : level
    const value = word === undefined ? undefined : this.levels.values[word]
    if (typeof word !== 'string' || typeof value !== 'number') {
      throw new LoggingError(
        'LOGGING_LEVEL_UNKNOWN',
        `There is no level ${JSON.stringify(level)} here, only ${Object.keys(this.levels.values).join(', ')} and silent.`,
      )
    }
    this[PARTS].ownLevel = value
    this.emit('level-change', word, value, this.levels.labels[before], before, this)
  }

  isLevelEnabled(level: string): boolean {
    const value = this.levels.values[level]
    return typeof value === 'number' && isEnabled(this, value)
  }

  child(bindings: object, options: PinoChildOptions = {}): PinoLogger {
    const child = new PinoShaped(this[PARTS].state, this)
    configure(child, options)
    child.setBindings(bindings)
    child.onChild(child)
    return child
  }

  setBindings(bindings: object): void {
    try {
      const given = Object.entries(bindings ?? {}).filter(([key]) => !NO_BINDINGS.has(key))
      this[PARTS].ownBindings = { ...this[PARTS].ownBindings, ...Object.fromEntries(given) }
      this[PARTS].bound = extendFields(
        this[PARTS].bound,
        translateFields(Object.fromEntries(given), this[PARTS].serializers) as object,
      )
    } catch {
      // A getter that throws, whose field the encoder can name.
      this[PARTS].bound = extendFields(this[PARTS].bound, bindings)
    }
  }

  bindings(): Record<string, unknown> {
    return { ...this[PARTS].parent?.bindings(), ...this[PARTS].ownBindings }
  }

  flush(callback?: (error?: Error) => void): void {
    flushLogging().then(
      () => callback?.(),
      (error: unknown) => callback?.(error as Error),
    )
  }
}

for (const [word, value] of Object.entries(PINO_LEVELS)) {
  Object.defineProperty(PinoShaped.prototype, word, {
    value: methodOf(value),
    configurable: true,
    writable: true,
  })
}

/** The lowest number that is logged, by the logger's own level or the nearest parent's that has one. */
function lowestOf(logger: PinoShaped): number | undefined {
  for (let at: PinoShaped | undefined = logger; at !== undefined; at = at[PARTS].parent) {
    if (at[PARTS].ownLevel !== undefined) return at[PARTS].ownLevel
  }
  return undefined
}

function isEnabled(logger: PinoShaped, value: number): boolean {
  if (severityOf(levelOf(value)) < logger[PARTS].state.threshold || value === Infinity) return false
  return value >= (lowestOf(logger) ?? 0)
}

function configure(logger: PinoShaped, options: PinoChildOptions & { readonly redact?: unknown }): void {
  if (options.redact != null) {
    throw new LoggingError(
      'LOGGING_OPTION_REFUSED',
      'A child cannot have redact of its own: its paths would not be taken out. Give them to setupLogging as redaction: { paths: [...] }.',
    )
  }
  if (options.serializers != null)
    logger[PARTS].serializers = { ...logger[PARTS].serializers, ...functionsOf(options.serializers) }
  if (typeof options.msgPrefix === 'string') logger.msgPrefix = (logger.msgPrefix ?? '') + options.msgPrefix
  if (options.customLevels != null) {
    for (const word of Object.keys(options.customLevels)) {
      if (word in logger) throw refusedLevel(word)
    }
    logger.levels = levelsWith(options.customLevels, logger.levels)
  }
  // Those of the parent too: they are no methods of the class.
  if (logger.levels !== STANDARD_LEVELS) defineLevels(logger)
  if (options.level !== undefined) logger.level = options.level
}

function defineLevels(logger: PinoShaped): void {
  for (const [word, value] of Object.entries(logger.levels.values)) {
    if (!Object.hasOwn(PINO_LEVELS, word))
      Object.defineProperty(logger, word, { value: methodOf(value), configurable: true })
  }
}

/** Logs what a method was called with. Never throws. */
function write(
  logger: PinoShaped,
  value: number,
  method: PinoLogMethod,
  first: unknown,
  rest: readonly unknown[],
): void {
  if (!isEnabled(logger, value)) return
  const parts = logger[PARTS]
  const isMessageFirst = typeof first !== 'object' && first !== undefined
  const message = isMessageFirst ? first : rest[0]
  const values = isMessageFirst ? rest : rest.slice(1)
  let fields: unknown = isMessageFirst ? undefined : translateFields(withHttpKey(first), parts.serializers)
  let said: unknown = message
  if (said === undefined) [said, fields] = messageOf(fields)
  const prefix = logger.msgPrefix ?? ''
  const { text, rest: unused } =
    typeof said === 'string' ? formatMessage(prefix + said, values) : { text: said, rest: values }
  logFrom(parts.state.name, parts.bound, levelOf(value), method, text, fields ?? undefined, unused)
}

/** The method for a number of pino's. Its caller is the call site. */
function methodOf(value: number): PinoLogMethod {
  const method = function (this: PinoShaped, first?: unknown, ...rest: unknown[]): void {
    write(this, value, method, first, rest)
  }
  return method
}

/** A request or answer of Node's given as the object itself. */
function withHttpKey(first: unknown): unknown {
  try {
    const object = first as
      { method?: unknown; headers?: unknown; socket?: unknown; setHeader?: unknown } | null | undefined
    if (object?.method && object.headers && object.socket) return { req: first }
    return typeof object?.setHeader === 'function' ? { res: first } : first
  } catch {
    // A getter or proxy that throws; the encoder shows it as unreadable.
    return first
  }
}

/** The message of a call without one: the object's `msg`, else what its error says. */
function messageOf(fields: unknown): [message: unknown, fields: unknown] {
  if (typeof fields !== 'object' || fields === null || isError(fields)) return [undefined, fields]
  try {
    const { msg, ...others } = fields as Record<string, unknown>
    if (typeof msg === 'string') return [msg, others]
    const error = others['error']
    return [isError(error) ? headlineOf(error) : undefined, fields]
  } catch {
    // A getter or proxy that throws; the encoder shows it as unreadable.
    return [undefined, fields]
  }
}

function functionsOf(serializers: object): Serializers {
  return Object.fromEntries(
    Object.entries(serializers).filter(
      (entry): entry is [string, Serializer] => typeof entry[1] === 'function',
    ),
  )
}
