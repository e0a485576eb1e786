import { parseTimestamp } from '@pixsim7/record'
import { sqlTime, sqlUInt } from '../sql/literal.ts'
import { isoTime } from '../row.ts'

/** Where an entry stands in the order of paging. */
export interface EntryKey {
  readonly timeUs: number
  /** Incarnation. */
  readonly file: number
  readonly offset: number
}

/** The columns of a key, as the engine answers them. */
export interface KeyRow {
  readonly timestamp: string
  readonly file: number
  readonly offset: number
}

export function keyOf(row: KeyRow): EntryKey {
  return { timeUs: parseTimestamp(isoTime(row.timestamp)) ?? 0, file: row.file, offset: row.offset }
}

/** A key as text of letters, digits, dots and a minus sign. */
export function formatKey(key: EntryKey): string {
  return `${key.timeUs.toString(36)}.${key.file.toString(36)}.${key.offset.toString(36)}`
}

const KEY_FORM = /^(-?[0-9a-z]{1,11})\.([0-9a-z]{1,7})\.([0-9a-z]{1,11})$/

/** What formatKey wrote, or undefined for any other text. */
export function parseKey(text: string): EntryKey | undefined {
  const match = KEY_FORM.exec(text)
  if (match === null) return undefined
  const key = {
    timeUs: Number.parseInt(match[1] ?? '', 36),
    file: Number.parseInt(match[2] ?? '', 36),
    offset: Number.parseInt(match[3] ?? '', 36),
  }
  const isValid =
    Number.isSafeInteger(key.timeUs) &&
    key.file < 2 ** 32 &&
    Number.isSafeInteger(key.offset) &&
    formatKey(key) === text
  return isValid ? key : undefined
}

/** The row with this key. */
export function atKey({ timeUs, file, offset }: EntryKey): string {
  return `timestamp = ${sqlTime(timeUs)} AND file = ${sqlUInt(file)} AND offset = ${sqlUInt(offset)}`
}

/**
 * Rows behind a key, in one direction. Not written as a comparison of tuples, which this engine answers without its
 * primary index (123 of 123 granules read against 37).
 */
export function beyondKey({ timeUs, file, offset }: EntryKey, direction: 'before' | 'after'): string {
  const sign = direction === 'before' ? '<' : '>'
  const time = sqlTime(timeUs)
  const [fileSql, offsetSql] = [sqlUInt(file), sqlUInt(offset)]
  return (
    `timestamp ${sign}= ${time} AND (timestamp ${sign} ${time} OR file ${sign} ${fileSql} ` +
    `OR (file = ${fileSql} AND offset ${sign} ${offsetSql}))`
  )
}
