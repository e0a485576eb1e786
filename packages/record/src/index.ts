export { LEVELS, parseLevel, severityOf, type Level } from './levels.ts'
export { RESERVED_KEYS, type LogRecord } from './record.ts'
export type { LogEntry } from './entry.ts'
