import type { LogEntry, LogRecord } from '@pixsim7/record'
import { fieldJson } from './field-json.ts'
import { wellFormed } from './sql/well-formed.ts'
import { statisticsOf } from './statistics-columns.ts'

/**
 * A record as a row of the table `logs`, and back. The one place that knows how the columns are filled.
 *
 * `flags`: 1 bad (no record; kept as text), 2 cut. `id_types`: two bits each for user_id, job_id and request_id, from
 * the lowest: 0 absent, 1 string, 2 number.
 */
export const ROW_COLUMNS = [
  'timestamp',
  'file',
  'offset',
  'length',
  'lines',
  'flags',
  'batch',
  'day',
  'level',
  'component',
  'file_name',
  'logger',
  'module',
  'function',
  'line',
  'service',
  'host',
  'user_id',
  'job_id',
  'request_id',
  'id_types',
  'event',
  'duration_ms',
  'status_code',
  'is_request',
  'message',
  'exception',
  'fields',
] as const

export const FLAG_BAD = 1
export const FLAG_CUT = 2

/** A record and the bytes of a file it was read from. */
export interface PlacedRecord {
  readonly record: LogRecord
  /** Of its first byte in the incarnation, after decompression. */
  readonly offset: number
  /** Bytes it takes there, newlines included. */
  readonly length: number
  /** Lines it takes there. */
  readonly lines: number
  readonly isBad: boolean
  readonly isCut: boolean
}

/** What rows of one file have in common. */
export interface RowOrigin {
  readonly file: number
  readonly fileName: string
  readonly component: string
  /** Whether the record's own field `component` has been used as component, and is no field any more. */
  readonly liftsComponent: boolean
}

const EARLIEST = '1900-01-01T00:00:00.000000Z'
const MAX_LINE = 2 ** 32 - 1

/** The row as a line of a JSON array in the order of ROW_COLUMNS, newline included. `day`: see PartitionDays. */
export function encodeRow(placed: PlacedRecord, origin: RowOrigin, batch: number, day: string): string {
  const { record } = placed
  // Text compares as time: the form has a fixed width. What the column cannot hold becomes the nearest it can.
  const timestamp = record.timestamp < EARLIEST ? EARLIEST : record.timestamp
  const { lifted, fields } = liftFields(record, origin.liftsComponent)
  const statistics = statisticsOf(record.fields)
  return (
    JSON.stringify([
      `${timestamp.slice(0, 10)} ${timestamp.slice(11, 26)}`,
      origin.file,
      placed.offset,
      placed.length,
      placed.lines,
      (placed.isBad ? FLAG_BAD : 0) | (placed.isCut ? FLAG_CUT : 0),
      batch,
      day,
      record.level,
      wellFormed(origin.component),
      wellFormed(origin.fileName),
      wellFormed(record.logger),
      wellFormed(record.module ?? ''),
      wellFormed(record.function ?? ''),
      isStorableLine(record.line) ? record.line : 0,
      wellFormed(lifted.service),
      wellFormed(lifted.host),
      wellFormed(lifted.user_id),
      wellFormed(lifted.job_id),
      wellFormed(lifted.request_id),
      lifted.types,
      statistics.event,
      statistics.durationMs,
      statistics.statusCode,
      statistics.isRequest ? 1 : 0,
      wellFormed(record.message),
      wellFormed(record.exception ?? ''),
      fields,
    ]) + '\n'
  )
}

function isStorableLine(line: number | null): line is number {
  return line !== null && line >= 1 && line <= MAX_LINE
}

interface Lifted {
  service: string
  host: string
  user_id: string
  job_id: string
  request_id: string
  types: number
}

const ID_SHIFT = { user_id: 0, job_id: 2, request_id: 4 } as const
const TYPE_STRING = 1
const TYPE_NUMBER = 2

/** Takes the fields that have a column of their own out of the others, which become JSON text; empty when none is left. */
function liftFields(record: LogRecord, liftsComponent: boolean): { lifted: Lifted; fields: string } {
  const lifted: Lifted = { service: '', host: '', user_id: '', job_id: '', request_id: '', types: 0 }
  let fields = ''
  for (const key in record.fields) {
    const value = record.fields[key]
    switch (key) {
      case 'user_id':
      case 'job_id':
      case 'request_id':
        if (typeof value === 'string' || typeof value === 'number') {
          lifted[key] = String(value)
          lifted.types |= (typeof value === 'string' ? TYPE_STRING : TYPE_NUMBER) << ID_SHIFT[key]
          continue
        }
        break
      case 'service':
      case 'host':
        if (typeof value === 'string' && value !== '') {
          lifted[key] = value
          continue
        }
        break
      case 'component':
        if (liftsComponent) continue
        break
    }
    fields += `${fields === '' ? '{' : ','}${fieldJson(key)}:${fieldJson(value)}`
  }
  if (record.line !== null && !isStorableLine(record.line)) {
    fields += `${fields === '' ? '{' : ','}"line_":${record.line}`
  }
  return { lifted, fields: fields === '' ? '' : `${fields}}` }
}

/** Columns a question selects to make entries; sort columns first, as reading in key order wants them. */
export const ENTRY_COLUMNS = [
  'timestamp',
  'file',
  'offset',
  'level',
  'component',
  'file_name',
  'logger',
  'module',
  'function',
  'line',
  'service',
  'host',
  'user_id',
  'job_id',
  'request_id',
  'id_types',
  'message',
  'exception',
  'fields',
].join(', ')

/** A row of ENTRY_COLUMNS as the engine answers it. */
export interface EntryRow {
  readonly timestamp: string
  readonly file: number
  readonly offset: number
  readonly level: LogEntry['level']
  readonly component: string
  readonly file_name: string
  readonly logger: string
  readonly module: string
  readonly function: string
  readonly line: number
  readonly service: string
  readonly host: string
  readonly user_id: string
  readonly job_id: string
  readonly request_id: string
  readonly id_types: number
  readonly message: string
  readonly exception: string
  readonly fields: string
}

export function decodeRow(row: EntryRow, id: string): LogEntry {
  return {
    id,
    timestamp: isoTime(row.timestamp),
    level: row.level,
    component: row.component,
    service: orNull(row.service),
    host: orNull(row.host),
    logger: row.logger,
    message: row.message,
    module: orNull(row.module),
    function: orNull(row.function),
    line: row.line === 0 ? null : row.line,
    user_id: idValue(row.user_id, row.id_types >> ID_SHIFT.user_id),
    job_id: idValue(row.job_id, row.id_types >> ID_SHIFT.job_id),
    request_id: ((row.id_types >> ID_SHIFT.request_id) & 3) === 0 ? null : row.request_id,
    exception: orNull(row.exception),
    fields: row.fields === '' ? {} : (JSON.parse(row.fields) as Record<string, unknown>),
    file: row.file_name,
    offset: row.offset,
  }
}

/** `2025-11-11 22:30:45.123456`, as the engine writes a time, in the form of a record. */
export function isoTime(text: string): string {
  return `${text.slice(0, 10)}T${text.slice(11)}Z`
}

function orNull(text: string): string | null {
  return text === '' ? null : text
}

function idValue(text: string, type: number): string | number | null {
  return (type & 3) === TYPE_NUMBER ? Number(text) : (type & 3) === TYPE_STRING ? text : null
}
