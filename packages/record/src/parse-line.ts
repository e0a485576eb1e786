import { parseJsonLine } from './json-line.ts'
import { parsePlainContinuation, parsePlainLine } from './plain-line.ts'
import type { LogRecord } from './record.ts'

/** What a line of a log file is: a record, a further line of the stack of the record before it, or some other text. */
export type ParsedLine =
  | { readonly kind: 'record'; readonly format: 'json' | 'plain'; readonly record: LogRecord }
  | { readonly kind: 'continuation'; readonly text: string }
  | { readonly kind: 'text' }

const TEXT: ParsedLine = { kind: 'text' }

/**
 * Reads one line, given without its newline, in any of our formats. Never throws, whatever the text. A byte order mark
 * before and a carriage return after it, which editors leave behind, are not part of the line.
 */
export function parseLine(text: string): ParsedLine {
  const start = text.startsWith('\ufeff') ? 1 : 0
  const line = text.slice(start, text.endsWith('\r') ? -1 : undefined)
  if (line.startsWith('{')) {
    const record = parseJsonLine(line)
    return record === undefined ? TEXT : { kind: 'record', format: 'json', record }
  }
  const continuation = parsePlainContinuation(line)
  if (continuation !== undefined) return { kind: 'continuation', text: continuation }
  const record = parsePlainLine(line)
  return record === undefined ? TEXT : { kind: 'record', format: 'plain', record }
}
