import type { LogRecord } from './record.ts'

/**
 * A record as the store answers it: the record itself, where it came from, and the ids people search by lifted out of
 * its fields. The HTTP API sends exactly this shape.
 */
export interface LogEntry extends Omit<LogRecord, 'exception'> {
  /** Stable for the life of the store; opaque to clients. */
  readonly id: string
  /** From the file's name; only for errors.log from the line. */
  readonly component: string
  readonly service: string | null
  readonly host: string | null
  readonly user_id: string | number | null
  readonly job_id: string | number | null
  readonly request_id: string | null
  readonly exception: string | null
  /** Base name of the file the record was first read from. */
  readonly file: string
  /** Byte offset of the record's first byte in that file (after decompression). */
  readonly offset: number
}
