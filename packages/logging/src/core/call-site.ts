import { jsonLineSite } from '@pixsim7/record'
import { flatText } from './flat-text.ts'
import { mapPosition } from './source-position.ts'

/** Where in the source a line was logged. */
export interface CallSite {
  /** File name without its ending; null when unknown. */
  readonly module: string | null
  /** Function, `Class.method` in classes; null at the top of a module, in nameless functions, and when unknown. */
  readonly function: string | null
  readonly line: number | null
  /** The three as a JSON line takes them, behind the message. */
  readonly json: string
}

export function callSite(module: string | null, functionName: string | null, line: number | null): CallSite {
  return {
    module,
    function: functionName,
    line,
    json: flatText(jsonLineSite({ module, function: functionName, line })),
  }
}

/**
 * Under this key a logger has a method that takes a place written into the code ahead of time (call-sites/transform.ts) and returns the
 * logger to make the call on. Registered, since the code knows it without importing anything.
 */
export const AT_SITE = Symbol.for('@pixsim7/logging:at')

/** A place as it is written into the code, with what the logger that was there last made of it. */
export interface WrittenSite {
  readonly module: string | null
  readonly function: string | null
  readonly line: number | null
  /** Encoded at first use. */
  site?: CallSite
  /** The logger of the last call, and the same with this place: almost always the next one's too. */
  logger?: object
  loggerHere?: object
}

/** The place, encoded once. */
export function writtenSite(written: WrittenSite): CallSite {
  return (written.site ??= callSite(written.module, written.function, written.line))
}

export const UNKNOWN_CALL_SITE = callSite(null, null, null)

/** Sites known by file, then by position and function: resolving one reads source maps, looking it up must not. */
const known = new Map<string, Map<string, CallSite>>()
const MAX_KNOWN = 20_000
let knownCount = 0

/**
 * The place that called `method`, a function on the stack. Costs about 3 µs: one frame is captured as a structure,
 * without formatting a stack. The position is that of the TypeScript source where a source map can be found. Never throws.
 */
export function captureCallSite(method: (...args: never[]) => unknown): CallSite {
  const { prepareStackTrace, stackTraceLimit } = Error
  try {
    Error.prepareStackTrace = takeFrames
    Error.stackTraceLimit = 1
    const holder: { stack?: readonly NodeJS.CallSite[] } = {}
    Error.captureStackTrace(holder, method)
    const frame = holder.stack?.[0]
    return frame === undefined ? UNKNOWN_CALL_SITE : siteOf(frame)
  } catch {
    // Frozen intrinsics or a stranger's hook: a line without its place is still a line.
    return UNKNOWN_CALL_SITE
  } finally {
    restore(prepareStackTrace, stackTraceLimit)
  }
}

function restore(prepareStackTrace: typeof Error.prepareStackTrace, stackTraceLimit: number): void {
  try {
    Error.prepareStackTrace = prepareStackTrace
    Error.stackTraceLimit = stackTraceLimit
  } catch {
    // Frozen intrinsics: then they were never changed either.
  }
}

function takeFrames(_error: Error, frames: readonly NodeJS.CallSite[]): readonly NodeJS.CallSite[] {
  return frames
}

function siteOf(frame: NodeJS.CallSite): CallSite {
  const file = frame.getFileName() ?? ''
  const name = functionNameOf(frame)
  const line = frame.getLineNumber()
  const key = `${line}:${frame.getColumnNumber()}:${name}`
  let sites = known.get(file)
  if (sites === undefined) known.set(file, (sites = new Map()))
  let site = sites.get(key)
  if (site === undefined) {
    if (++knownCount > MAX_KNOWN) {
      known.clear()
      knownCount = 0
    }
    const mapped = mapPosition(file, line ?? 1, frame.getColumnNumber() ?? 1)
    site = callSite(moduleOf(mapped.file), name, line === null ? null : mapped.line)
    sites.set(key, site)
  }
  return site
}

/** `Class.method`, `Class.constructor` or `name`; null for functions without name. */
function functionNameOf(frame: NodeJS.CallSite): string | null {
  const name = frame.getFunctionName()
  if (name === null || name === '') return null
  if (frame.isConstructor()) return `${name}.constructor`
  if (name.startsWith('<')) return null
  const plain = name.replace(/^(?:get|set|async) /, '')
  const type = frame.getTypeName()
  if (type === null || type === 'Object' || type === 'global' || plain.includes('.')) return plain
  if (type !== 'Function') return frame.isToplevel() ? plain : `${type}.${plain}`
  // A static method: the name of its class is only in the text form.
  const text = /^(?:async )?([\w$]+)\.[\w$#]+/.exec(String(frame))?.[1]
  return text === undefined || text === 'Function' ? plain : `${text}.${plain}`
}

/** `file:///srv/app/job_processor.ts` gives `job_processor`. */
export function moduleOf(file: string): string | null {
  const base = /[^/\\]*$/.exec(file.replace(/[?#].*$/, ''))?.[0] ?? ''
  return base.replace(/\.[^.]+$/, '') || null
}
