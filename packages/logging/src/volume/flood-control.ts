import { performance } from 'node:perf_hooks'
import { LEVELS, severityOf } from '@pixsim7/record'
import type { BoundFields } from '../core/bound-fields.ts'
import { fieldOfCall } from '../core/call-field.ts'
import type { CallSite } from '../core/call-site.ts'
import type { LoggerState } from '../core/levels.ts'
import { SeverityCounts } from '../core/severity-counts.ts'

/** How many lines of one call site are written. */
export interface FloodOptions {
  /** Lines below ERROR in an interval, from 1 on. Default 100. */
  readonly maxLines?: number
  /** Milliseconds, from 100 to 3,600,000. Default 1000. */
  readonly intervalMs?: number
  /** A field whose values are counted apart, `client_ip`: a flood of one leaves the lines of the others alone. */
  readonly by?: string
}

const DEFAULT_MAX_LINES = 100
const DEFAULT_INTERVAL_MS = 1000
/** Counts that are kept apart in an interval. Values of a field come from outside: further ones share a count. */
const MAX_COUNTS = 10_000
const MAX_VALUE_CHARACTERS = 128
/** The largest floods of an interval have a line each, the rest one together: the news must not become the flood. */
const MAX_REPORTS = 20
/** Value of those that share a count. */
const OTHERS = '[others]'

/** Completes "expected …". */
export const FLOOD_EXPECTED =
  'an object with maxLines from 1 on, intervalMs from 100 to 3600000 and by, the name of a field, each if given'

/** Whether code without types gave what FloodOptions says. */
export function isFloodOptions(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { maxLines = DEFAULT_MAX_LINES, intervalMs = DEFAULT_INTERVAL_MS, by = 'x' } = value as Record<string, unknown> // prettier-ignore
  const isIn = (number: unknown, min: number, max: number) =>
    typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max
  return isIn(maxLines, 1, 2 ** 31) && isIn(intervalMs, 100, 3_600_000) && typeof by === 'string' && by !== ''
}

/** The lines of one call site, logger and value in the present interval. */
interface LineCount {
  readonly site: CallSite
  readonly logger: LoggerState
  readonly value: string | undefined
  lines: number
  /** Those of them that were not written; made when there is one. */
  suppressed: SeverityCounts | undefined
}

/** Told at the end of an interval, for each flood. */
export type FloodReport = (count: number, fields: object, site?: CallSite) => void

/**
 * Counts the lines of each call site, by logger and, if asked for, by a field, and says which are too many. All intervals begin and
 * end together. Its timer does not keep the process alive.
 */
export class FloodControl {
  readonly #maxLines: number
  readonly #intervalMs: number
  readonly #by: string | undefined
  readonly #report: FloodReport
  readonly #timer: NodeJS.Timeout
  #counts = new Map<CallSite, Map<LoggerState, Map<string | undefined, LineCount>>>()
  #size = 0
  #endsMs: number

  constructor(options: FloodOptions, report: FloodReport) {
    this.#maxLines = options.maxLines ?? DEFAULT_MAX_LINES
    this.#intervalMs = options.intervalMs ?? DEFAULT_INTERVAL_MS
    this.#by = options.by
    this.#report = report
    this.#endsMs = performance.now() + this.#intervalMs
    this.#timer = setInterval(() => this.#endInterval(performance.now()), this.#intervalMs).unref()
  }

  /** The value of the field that counts apart; undefined when none is asked for. Never throws. */
  valueOfCall(
    context: BoundFields | undefined,
    bound: BoundFields | undefined,
    first: unknown,
    second: unknown,
    rest: readonly unknown[],
  ): string | undefined {
    if (this.#by === undefined) return undefined
    return fieldOfCall(this.#by, context, bound, first, second, rest)?.slice(0, MAX_VALUE_CHARACTERS)
  }

  /** Counts a line; returns whether it is written. Never throws. */
  admits(site: CallSite, logger: LoggerState, severity: number, value: string | undefined): boolean {
    const count = this.#countOf(site, logger, value)
    if (++count.lines <= this.#maxLines) return true
    const nowMs = performance.now()
    // Code that logs without a pause lets no timer come.
    if (nowMs >= this.#endsMs) {
      this.#endInterval(nowMs)
      return this.admits(site, logger, severity, value)
    }
    count.suppressed ??= new SeverityCounts()
    count.suppressed.add(severity, 1)
    return false
  }

  #countOf(site: CallSite, logger: LoggerState, value: string | undefined): LineCount {
    let ofSite = this.#counts.get(site)
    if (ofSite === undefined) this.#counts.set(site, (ofSite = new Map()))
    let ofLogger = ofSite.get(logger)
    if (ofLogger === undefined) ofSite.set(logger, (ofLogger = new Map()))
    const known = ofLogger.get(value)
    if (known !== undefined) return known
    const shown = value !== undefined && this.#size >= MAX_COUNTS ? OTHERS : value
    const shared = ofLogger.get(shown)
    if (shared !== undefined) return shared
    this.#size++
    const count: LineCount = { site, logger, value: shown, lines: 0, suppressed: undefined }
    ofLogger.set(shown, count)
    return count
  }

  #endInterval(nowMs: number): void {
    this.#endsMs = nowMs + this.#intervalMs
    this.report()
  }

  /** Tells what was suppressed since the last report; the interval begins anew. */
  report(): void {
    if (this.#size === 0) return
    const floods: { count: number; of: LineCount; suppressed: SeverityCounts }[] = []
    for (const ofSite of this.#counts.values())
      for (const ofLogger of ofSite.values())
        for (const of of ofLogger.values())
          if (of.suppressed !== undefined)
            floods.push({ count: of.suppressed.total, of, suppressed: of.suppressed })
    this.#counts = new Map()
    this.#size = 0
    floods.sort((a, b) => b.count - a.count)
    const single = floods.length > MAX_REPORTS ? floods.splice(0, MAX_REPORTS) : floods.splice(0)
    for (const { count, of, suppressed } of single) {
      const { logger, site, value } = of
      const where = this.#by === undefined || value === undefined ? {} : { where: { [this.#by]: value } }
      // The place is a field too: plain lines do not say where a line is from.
      const place = site.module === null ? {} : { call_site: `${site.module}:${site.line}` }
      this.#report(count, { of_logger: logger.name, ...place, ...where, levels: byWord(suppressed) }, site)
    }
    if (floods.length === 0) return
    const rest = new SeverityCounts()
    for (const { suppressed } of floods) rest.addAll(suppressed)
    this.#report(rest.total, { floods: floods.length, levels: byWord(rest) })
  }

  /** Stops the timer. Safe to call twice. */
  close(): void {
    clearInterval(this.#timer)
  }
}

/** By level in lower case, as the commands of the specification look for levels by their upper case words. */
function byWord(counts: SeverityCounts): Record<string, number> {
  const words: Record<string, number> = {}
  for (const level of LEVELS) {
    const count = counts.of(severityOf(level))
    if (count > 0) words[level.toLowerCase()] = count
  }
  return words
}
