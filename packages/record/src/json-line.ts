import { parseJson } from './json-parse.ts'
import { escapeJsonText, jsonString, jsonText } from './json-string.ts'
import { parseLevel, type Level } from './levels.ts'
import { fieldKey, setField, type LogRecord } from './record.ts'
import { formatTimestamp, parseTimestamp } from './timestamp.ts'

/** What comes before the fields of a line. */
export type LineHead = Omit<LogRecord, 'exception' | 'fields'>

/** The beginning of a JSON line, up to the end of its time: `{"timestamp":"2025-11-11T22:30:45.123456Z`. Never throws. */
export function jsonLineStart(timeUs: number): string {
  const timeMs = Math.floor(timeUs / 1000)
  const end = ENDS[timeUs - timeMs * 1000]
  if (timeMs === startMs && end !== undefined) return start + end
  const whole = `{"timestamp":"${formatTimestamp(timeUs)}`
  // Kept for the rest of the millisecond, unless formatTimestamp had to cut the time.
  if (end !== undefined && Number.isSafeInteger(timeUs)) {
    start = whole.slice(0, -4)
    startMs = timeMs
  }
  return whole
}

// Many lines share a millisecond, and a thousand texts are all there is behind it (bench: specification's line).
let startMs = Number.NaN
let start = ''
const ENDS = Array.from({ length: 1000 }, (_, us) => `${String(us).padStart(3, '0')}Z`)

/** What follows it up to the message: a constant per logger and level, so encoded once. */
export function jsonLineHead(level: Level, logger: string): string {
  return `","level":"${level}","logger":${jsonString(logger)},"message":"`
}

/** What follows the message: `","module":"job_processor","function":"process_job","line":45`, a constant per place in the code. */
export function jsonLineSite(site: Pick<LogRecord, 'module' | 'function' | 'line'>): string {
  const module = site.module === null ? 'null' : jsonString(site.module)
  const name = site.function === null ? 'null' : jsonString(site.function)
  return `","module":${module},"function":${name},"line":${site.line ?? 'null'}`
}

/**
 * A JSON line with its newline from parts that are encoded already. This file is the one place that knows the names and
 * the order of its keys.
 *
 * @param start By jsonLineStart.
 * @param head By jsonLineHead.
 * @param messageText The message by jsonText.
 * @param site By jsonLineSite.
 * @param members The fields, each with a comma before it, `,"user_id":1,"job_id":123`, keys by fieldKey, strings by
 *   jsonString; empty for no fields.
 * @param exceptionJson The stack by jsonString; empty for none.
 */
export function joinJsonLine(
  start: string,
  head: string,
  messageText: string,
  site: string,
  members: string,
  exceptionJson: string,
): string {
  const line = start + head + messageText + site + members
  return exceptionJson === '' ? line + '}\n' : `${line},"exception":${exceptionJson}}\n`
}

/**
 * A JSON line without newline. An empty exception counts as none.
 *
 * @param fieldsJson Members of an object without its braces, `"user_id":1,"job_id":123`; empty for no fields.
 */
export function formatJsonLine(head: LineHead, fieldsJson = '', exception = ''): string {
  const line = joinJsonLine(
    `{"timestamp":"${head.timestamp}`,
    jsonLineHead(head.level, head.logger),
    jsonText(head.message),
    jsonLineSite(head),
    fieldsJson === '' ? '' : `,${fieldsJson}`,
    exception === '' ? '' : jsonString(exception),
  )
  return line.slice(0, -1)
}

/**
 * Fields of a record as formatJsonLine and formatPlainLine take them. Values that JSON does not know are left out, as
 * JSON.stringify does.
 *
 * @throws What JSON.stringify throws: on cycles, BigInt and getters that throw, none of which a LogRecord holds.
 */
export function encodeFields(fields: LogRecord['fields']): string {
  const members: string[] = []
  for (const key of Object.keys(fields)) {
    const json = JSON.stringify(fields[key]) as string | undefined
    if (json !== undefined) members.push(`${jsonString(fieldKey(key))}:${escapeJsonText(json)}`)
  }
  return members.join(',')
}

/** A whole record as a JSON line without newline. */
export function formatJsonRecord(record: LogRecord): string {
  return formatJsonLine(record, encodeFields(record.fields), record.exception)
}

/**
 * The record of a JSON line, or undefined when the text is no JSON object with a usable `timestamp` and a `message`.
 * Never throws. It is tolerant of older and odd writers: any case and alias of a level, pino's level numbers, missing
 * keys, times in any form of parseTimestamp. What cannot be used is not dropped but kept as a field with an
 * underscore after its name (`level_`). Numbers that JavaScript cannot hold are kept as text.
 */
export function parseJsonLine(text: string): LogRecord | undefined {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const source = value as Record<string, unknown>
  const timestamp = timestampOf(own(source, 'timestamp'))
  const message = textOf(own(source, 'message'))
  if (timestamp === undefined || message === undefined) return undefined

  let level: Level = 'INFO'
  let logger = ''
  let module: string | null = null
  let name: string | null = null
  let line: number | null = null
  let exception = ''
  const fields: Record<string, unknown> = {}
  for (const key in source) {
    const item = source[key]
    switch (key) {
      case 'timestamp':
      case 'message':
        break
      case 'level':
        level = levelOf(item) ?? keepUnused(fields, key, item, level)
        break
      case 'logger':
        logger = textOf(item) ?? keepUnused(fields, key, item, logger)
        break
      case 'module':
        module = textOf(item) ?? keepUnused(fields, key, item, module)
        break
      case 'function':
        name = textOf(item) ?? keepUnused(fields, key, item, name)
        break
      case 'line':
        line = lineOf(item) ?? keepUnused(fields, key, item, line)
        break
      case 'exception':
        exception = exceptionOf(item, fields)
        break
      default:
        setField(fields, key, item)
    }
  }
  // Two literals, not a spread: an object made in one go is faster to make and to read.
  return exception === ''
    ? { timestamp, level, logger, message, module, function: name, line, fields }
    : { timestamp, level, logger, message, module, function: name, line, exception, fields }
}

function own(source: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(source, key) ? source[key] : undefined
}

/** What stands under a known key but cannot be used there stays visible; null is no loss. Returns `instead`. */
function keepUnused<T>(fields: Record<string, unknown>, key: string, value: unknown, instead: T): T {
  if (value !== null) fields[fieldKey(key)] = value
  return instead
}

function timestampOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const timeUs = parseTimestamp(value)
  return timeUs === undefined ? undefined : formatTimestamp(timeUs)
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

function lineOf(value: unknown): number | undefined {
  const line = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof line === 'number' && Number.isSafeInteger(line) ? line : undefined
}

/** A word, or a number of pino's and bunyan's scale (10 trace to 60 fatal). */
function levelOf(value: unknown): Level | undefined {
  if (typeof value === 'string') return parseLevel(value.trim())
  if (typeof value !== 'number' || value < 10) return undefined
  if (value < 30) return 'DEBUG'
  return value < 40 ? 'INFO' : value < 50 ? 'WARNING' : value < 60 ? 'ERROR' : 'CRITICAL'
}

/** Some write the stack as an array of lines, or the error as an object; what the object holds besides becomes a field. */
function exceptionOf(value: unknown, fields: Record<string, unknown>): string {
  if (typeof value === 'string') return value
  if (value === null) return ''
  if (Array.isArray(value) && value.every((line) => typeof line === 'string')) return value.join('\n')
  if (typeof value === 'object' && !Array.isArray(value)) {
    const { stack, ...rest } = value as Record<string, unknown>
    if (typeof stack === 'string') {
      return Object.keys(rest).length === 0 ? stack : keepUnused(fields, 'exception', rest, stack)
    }
  }
  return JSON.stringify(value)
}
