import { formatJsonRecord, formatTimestamp, type Level, type LogRecord } from '@pixsim7/record'

/** 2025-11-11T22:30:45Z. */
export const BASE_US = 1_762_900_245_000_000

export interface LineOptions {
  readonly timeUs?: number
  readonly level?: Level
  readonly logger?: string
  readonly message?: string
  readonly exception?: string
  readonly fields?: Readonly<Record<string, unknown>>
}

export function testRecord(options: LineOptions = {}): LogRecord {
  return {
    timestamp: formatTimestamp(options.timeUs ?? BASE_US),
    level: options.level ?? 'INFO',
    logger: options.logger ?? 'job_processor',
    message: options.message ?? 'Processing job',
    module: 'job_processor',
    function: 'process_job',
    line: 45,
    ...(options.exception === undefined ? {} : { exception: options.exception }),
    fields: options.fields ?? {},
  }
}

/** A JSON line with its newline. */
export function jsonLine(options: LineOptions = {}): string {
  return `${formatJsonRecord(testRecord(options))}\n`
}

/** Lines numbered by the field `seq`, from `first` on, each a millisecond after the one before. */
export function numberedLines(
  first: number,
  count: number,
  fields: Readonly<Record<string, unknown>> = {},
): string {
  let text = ''
  for (let seq = first; seq < first + count; seq += 1) {
    text += jsonLine({ timeUs: BASE_US + seq * 1000, message: `line ${seq}`, fields: { seq, ...fields } })
  }
  return text
}

/** The field `seq` of each entry. */
export function seqs(entries: readonly { readonly fields: Readonly<Record<string, unknown>> }[]): unknown[] {
  return entries.map((entry) => entry.fields['seq'])
}

/** `first`, `first + 1`, … */
export function numbers(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index)
}
