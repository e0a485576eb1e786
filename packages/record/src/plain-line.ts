import { encodeFields } from './json-line.ts'
import { LEVELS, type Level } from './levels.ts'
import { parsePlainFields, plainFields } from './plain-fields.ts'
import { escapeLogger, escapeMessage, escapeText, indexOfFields, unescapeText } from './plain-text.ts'
import type { LogRecord } from './record.ts'
import { formatLocalTime, formatTimestamp, parseLocalTime, parseTimestamp } from './timestamp.ts'

/** What a plain line keeps of the place a record comes from. */
export type PlainHead = Pick<LogRecord, 'level' | 'logger' | 'message'>

/** Before each line of a stack; a line with a record never begins with it. */
const STACK_INDENT = '    '

const HEAD = new RegExp(
  `^(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d) - (.*?) - (${LEVELS.join('|')}) -(?: (.*))?$`,
  's',
)

/**
 * A record as plain text, without newline at its end: `2025-11-11 22:30:45 - job_processor - INFO - Processing job #123`,
 * then ` | key=value key="two words"` if there are fields, then the exception's lines, each on a line of its own behind
 * four spaces. See plain-text.ts for the few characters that are escaped.
 *
 * @param localTime By formatLocalTime; the same for a whole second, so callers keep it.
 * @param fieldsJson Encoded fields, as formatJsonLine takes them.
 * @param exception An empty one counts as none.
 */
export function formatPlainLine(localTime: string, head: PlainHead, fieldsJson = '', exception = ''): string {
  let line = `${localTime} - ${escapeLogger(head.logger)} - ${head.level} - ${escapeMessage(head.message)}`
  if (fieldsJson !== '') line += ` | ${plainFields(fieldsJson)}`
  if (exception !== '') {
    for (const stackLine of exception.split('\n')) line += `\n${STACK_INDENT}${escapeText(stackLine)}`
  }
  return line
}

/** A whole record as plain text, without newline at its end. A time that cannot be read is written as it is. */
export function formatPlainRecord(record: LogRecord): string {
  const timeUs = parseTimestamp(record.timestamp)
  const localTime = timeUs === undefined ? record.timestamp : formatLocalTime(timeUs)
  return formatPlainLine(localTime, record, encodeFields(record.fields), record.exception)
}

/**
 * The record of the first line formatPlainLine wrote, or undefined. Never throws. The time is taken as local (see
 * parseLocalTime for the hours of a clock change); call site and parts of a second are not in the line. When what
 * follows a ` | ` is not fields throughout, it belongs to the message: nothing is dropped.
 */
export function parsePlainLine(line: string): LogRecord | undefined {
  const match = HEAD.exec(line)
  const timeUs = match === null ? undefined : parseLocalTime(match[1] ?? '')
  if (match === null || timeUs === undefined) return undefined
  const text = match[4] ?? ''
  const bar = indexOfFields(text)
  const fields = bar === -1 ? undefined : parsePlainFields(text.slice(bar + 3))
  return {
    timestamp: formatTimestamp(timeUs),
    level: match[3] as Level,
    logger: unescapeText(match[2] ?? ''),
    message: unescapeText(fields === undefined ? text : text.slice(0, bar)),
    module: null,
    function: null,
    line: null,
    fields: fields ?? {},
  }
}

/** Whether a line belongs to the stack of the record before it. */
export function isPlainContinuation(line: string): boolean {
  return line.startsWith(STACK_INDENT)
}

/** The stack line formatPlainLine wrote, or undefined when the line is none. */
export function parsePlainContinuation(line: string): string | undefined {
  return isPlainContinuation(line) ? unescapeText(line.slice(STACK_INDENT.length)) : undefined
}

/** The record with one more line of its stack. */
export function withContinuation(record: LogRecord, text: string): LogRecord {
  return { ...record, exception: record.exception === undefined ? text : `${record.exception}\n${text}` }
}
