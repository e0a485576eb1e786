export { LEVELS, parseLevel, severityOf, type Level } from './levels.ts'
export { RESERVED_KEYS, fieldKey, type LogRecord } from './record.ts'
export type { LogEntry } from './entry.ts'
export {
  formatLocalTime,
  formatTimestamp,
  parseLocalTime,
  parseTimestamp,
  type ZonelessAs,
} from './timestamp.ts'
export { escapeJsonText, jsonString, jsonText } from './json-string.ts'
export { parseJson } from './json-parse.ts'
export {
  encodeFields,
  formatJsonLine,
  formatJsonRecord,
  joinJsonLine,
  jsonLineHead,
  jsonLineSite,
  jsonLineStart,
  parseJsonLine,
  type LineHead,
} from './json-line.ts'
export {
  formatPlainLine,
  formatPlainRecord,
  isPlainContinuation,
  parsePlainContinuation,
  parsePlainLine,
  withContinuation,
  type PlainHead,
} from './plain-line.ts'
export { parseLine, type ParsedLine } from './parse-line.ts'
