import { parseLine, type Level, type LogRecord, type ParsedLine } from '@pixsim7/record'
import type { PlacedRecord } from '../row.ts'
import { fusedRecordStart } from './fused-line.ts'
import { LineSplitter, type SplitLine } from './line-splitter.ts'
import { lineText } from './line-text.ts'
import { OpenRecord } from './open-record.ts'
import type { StoredRange } from './stored-range.ts'
import { textRecord } from './text-record.ts'

/** Of a longer line, and of a longer stack, the beginning is kept. */
export const MAX_LINE_BYTES = 1024 * 1024

export interface RecordReaderOptions {
  /** Where to begin: at the beginning of a record. */
  readonly offset: number
  /** Time for text without a record before it. */
  readonly timestamp: string
  /** Level of text. */
  readonly textLevel: Level
  /** Ascending, behind `offset`. */
  readonly stored?: readonly StoredRange[]
}

/** What a reader has passed over: blank lines, and what stands in stored ranges. */
export interface SkippedLines {
  blankLines: number
  rows: number
  lines: number
  badLines: number
  cutLines: number
}

/**
 * Turns the bytes of one incarnation into records, whatever the chunks they arrive in. Stack lines join the record before
 * them, so the last plain record stays open until the next one begins or `closeOpen` says that nothing follows.
 *
 * Ranges that are stored already are passed over: the record before them ends there, as it did when they were stored.
 */
export class RecordReader {
  readonly #textLevel: Level
  readonly #splitter: LineSplitter
  readonly #stored: readonly StoredRange[]
  #nextStored = 0
  #readOffset: number
  #timestamp: string
  #open: OpenRecord | undefined
  #records: PlacedRecord[] = []
  #skipped = nothingSkipped()

  constructor(options: RecordReaderOptions) {
    this.#textLevel = options.textLevel
    this.#splitter = new LineSplitter(options.offset, MAX_LINE_BYTES)
    this.#stored = options.stored ?? []
    this.#readOffset = options.offset
    this.#timestamp = options.timestamp
  }

  /** Offset of the next byte to push. */
  get readOffset(): number {
    return this.#readOffset
  }

  /** Everything before has been given out as records, or needs none: a position to go on from. */
  get safeOffset(): number {
    return this.#open?.offset ?? this.#splitter.lineStart
  }

  /** The time text would get now. */
  get timestamp(): string {
    return this.#timestamp
  }

  /** Stored ranges that are still ahead. */
  get ahead(): readonly StoredRange[] {
    return this.#stored.slice(this.#nextStored)
  }

  get hasOpen(): boolean {
    return this.#open !== undefined
  }

  get hasPartial(): boolean {
    return this.#splitter.hasPartial
  }

  /** Takes the bytes at `readOffset`, gives the records that are complete with them. */
  push(bytes: Buffer): PlacedRecord[] {
    let position = 0
    while (position < bytes.length) {
      const stored = this.#stored[this.#nextStored]
      const limit =
        stored === undefined
          ? bytes.length
          : Math.min(bytes.length, position + stored.offset - this.#readOffset)
      if (limit > position) {
        this.#splitter.push(bytes.subarray(position, limit), (line) => this.#take(line))
        this.#readOffset += limit - position
        position = limit
      }
      if (stored !== undefined && this.#readOffset >= stored.offset) {
        position += this.#passStored(stored, bytes.length - position)
      }
    }
    return this.#given()
  }

  /** Ends the open record: no stack line follows. */
  closeOpen(): PlacedRecord[] {
    this.#close()
    return this.#given()
  }

  /** Takes the unfinished line as it is, and ends the open record. */
  closePartial(): PlacedRecord[] {
    this.#splitter.flush((line) => this.#take(line))
    this.#close()
    return this.#given()
  }

  /** What was passed over since the last call. */
  takeSkipped(): SkippedLines {
    const skipped = this.#skipped
    this.#skipped = nothingSkipped()
    return skipped
  }

  #given(): PlacedRecord[] {
    const records = this.#records
    this.#records = []
    return records
  }

  /** Passes what is there of a stored range; returns how many of the bytes belong to it. */
  #passStored(stored: StoredRange, available: number): number {
    if (this.#splitter.hasPartial) this.#splitter.flush((line) => this.#take(line))
    this.#close()
    const end = stored.offset + stored.length
    const passed = Math.min(available, end - this.#readOffset)
    this.#readOffset += passed
    if (this.#readOffset < end) return passed
    this.#splitter.skipTo(end)
    this.#nextStored += 1
    this.#skipped.rows += stored.rows
    this.#skipped.lines += stored.lines
    this.#skipped.badLines += stored.badLines
    this.#skipped.cutLines += stored.cutLines
    return passed
  }

  #take(line: SplitLine): void {
    if (line.kind === 'nuls') {
      this.#takeText(`[${line.length} NUL bytes]`, line, false)
      return
    }
    const isBlank =
      line.length <= 2 && (line.bytes.length === 0 || (line.bytes.length === 1 && line.bytes[0] === 0x0d))
    if (isBlank) {
      if (this.#open === undefined) this.#skipped.blankLines += 1
      else this.#open.addLine(line, undefined)
      return
    }
    const { text, isValid } = lineText(line.bytes, line.isCut)
    const parsed: ParsedLine = isValid ? parseLine(text) : { kind: 'text' }
    if (parsed.kind === 'record') {
      this.#takeRecord(parsed.record, line, parsed.format === 'json')
    } else if (this.#open !== undefined && (parsed.kind === 'continuation' || /^[ \t]/.test(text))) {
      this.#open.addLine(line, parsed.kind === 'continuation' ? parsed.text : text)
    } else {
      this.#takeTextOrFused(text, line)
    }
  }

  #takeRecord(record: LogRecord, line: SplitLine, isComplete: boolean): void {
    this.#close()
    this.#timestamp = record.timestamp
    const open = new OpenRecord(record, line, false)
    if (isComplete) this.#records.push(open.placed())
    else this.#open = open
  }

  #takeTextOrFused(text: string, line: SplitLine): void {
    const start = fusedRecordStart(line.bytes)
    if (start === -1) {
      this.#takeText(text, line, true)
      return
    }
    const fragment = line.bytes.subarray(0, start)
    this.#takeText(
      lineText(fragment, false).text,
      { ...line, length: start, bytes: fragment, isCut: false },
      false,
    )
    this.#take({
      ...line,
      offset: line.offset + start,
      length: line.length - start,
      bytes: line.bytes.subarray(start),
    })
  }

  /** Indented lines may follow text too (`Traceback …`), but not a fragment. */
  #takeText(text: string, line: SplitLine, mayGoOn: boolean): void {
    this.#close()
    const open = new OpenRecord(textRecord(text, this.#timestamp, this.#textLevel), line, true)
    if (mayGoOn) this.#open = open
    else this.#records.push(open.placed())
  }

  #close(): void {
    if (this.#open === undefined) return
    this.#records.push(this.#open.placed())
    this.#open = undefined
  }
}

function nothingSkipped(): SkippedLines {
  return { blankLines: 0, rows: 0, lines: 0, badLines: 0, cutLines: 0 }
}
