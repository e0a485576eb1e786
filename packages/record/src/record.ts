import type { Level } from './levels.ts'

/** One event as the library writes it and as the store reads it. */
export interface LogRecord {
  /** ISO 8601 in UTC with microseconds: `2025-11-11T22:30:45.123456Z`. */
  readonly timestamp: string
  readonly level: Level
  /** Name of the logger, `job_processor`; empty when the line names none. */
  readonly logger: string
  readonly message: string
  /** Source file without its ending; null when unknown. */
  readonly module: string | null
  /** Function, `Class.method` in classes; null when unknown. */
  readonly function: string | null
  /** Line in the source, from 1; null when unknown. */
  readonly line: number | null
  /** Stack of the error with its causes, lines separated by `\n`; absent when the record has none. */
  readonly exception?: string
  /** Context and fields in the order they were written, `user_id` and `job_id` included; JSON values only. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** Keys a field of the application cannot take, in the order a JSON line writes them; `exception` comes after the fields. */
export const RESERVED_KEYS = [
  'timestamp',
  'level',
  'logger',
  'message',
  'module',
  'function',
  'line',
  'exception',
] as const

const RESERVED: ReadonlySet<string> = new Set(RESERVED_KEYS)

/** The key a field is written and read under: a reserved one gets an underscore after it (`level_`), any other stays. */
export function fieldKey(key: string): string {
  return RESERVED.has(key) ? `${key}_` : key
}

/** Puts a field into an object under any key: `__proto__` becomes a key like the others, not the prototype. */
export function setField(fields: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true })
  } else {
    fields[key] = value
  }
}
