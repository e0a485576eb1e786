/** What log files hold, read without the log server: records with the line they stand in. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parseJsonLine, parsePlainLine, type LogRecord } from '@pixsim7/record'

export interface WrittenRecord extends LogRecord {
  /** As it stands in the file; without stack lines, which follow in the plain format. */
  readonly text: string
  /** Name of the file, `backend.log.2.gz`. */
  readonly file: string
}

/** The text of a log file, unpacked if need be. */
export function readLog(file: string): string {
  const bytes = readFileSync(file)
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
}

/** The live file of a component and its archives, by name. */
export function filesOf(folder: string, component: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${component}.log`))
    .sort()
    .map((name) => path.join(folder, name))
}

/** The record a line of either format holds; undefined for any other line. */
export function recordOf(line: string): LogRecord | undefined {
  return line.startsWith('{') ? parseJsonLine(line) : parsePlainLine(line)
}

/** The records of a file in either format, in their order. */
export function recordsIn(file: string): WrittenRecord[] {
  const name = path.basename(file)
  return readLog(file)
    .split('\n')
    .flatMap((text) => {
      const record = recordOf(text)
      return record === undefined ? [] : [{ ...record, text, file: name }]
    })
}

/** The records of all files of a component. */
export function recordsOf(folder: string, component: string): WrittenRecord[] {
  return filesOf(folder, component).flatMap(recordsIn)
}
