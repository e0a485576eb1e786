import type { Level } from './levels.ts'

/** One event as the library writes it and as the store reads it. */
export interface LogRecord {
  /** ISO 8601 in UTC with microseconds: `2025-11-11T22:30:45.123456Z`. */
  readonly timestamp: string
  readonly level: Level
  /** Name of the logger, `job_processor`. */
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

/** Keys a field of the application cannot take, in the order a JSON line writes them. */
export const RESERVED_KEYS = ['timestamp', 'level', 'logger', 'message', 'module', 'function', 'line'] as const
