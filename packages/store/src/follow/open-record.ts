import type { LogRecord } from '@pixsim7/record'
import type { PlacedRecord } from '../row.ts'
import type { SplitLine } from './line-splitter.ts'

/** Characters kept of all stack lines of one record. */
const MAX_STACK_CHARACTERS = 1024 * 1024

/** A record whose stack lines may still follow. */
export class OpenRecord {
  readonly offset: number
  readonly #record: LogRecord
  readonly #isBad: boolean
  readonly #stack: string[] = []
  #stackLength = 0
  #length: number
  #lines = 1
  #isCut: boolean

  constructor(record: LogRecord, line: SplitLine, isBad: boolean) {
    this.offset = line.offset
    this.#record = record
    this.#isBad = isBad
    this.#length = line.length
    this.#isCut = line.isCut
  }

  /** One more line of the file belongs to it; `text` joins its stack, undefined for a blank line. */
  addLine(line: SplitLine, text: string | undefined): void {
    this.#length += line.length
    this.#lines += 1
    if (text === undefined) return
    if (line.isCut || this.#stackLength + text.length > MAX_STACK_CHARACTERS) this.#isCut = true
    if (this.#stackLength + text.length > MAX_STACK_CHARACTERS) return
    this.#stack.push(text)
    this.#stackLength += text.length + 1
  }

  /** What is cut says so in its fields, with the bytes it had. */
  placed(): PlacedRecord {
    const record = this.#record
    const stack = this.#stack.length === 0 ? [] : [this.#stack.join('\n')]
    const exception = [...(record.exception === undefined ? [] : [record.exception]), ...stack].join('\n')
    return {
      record: {
        ...record,
        ...(exception === '' ? {} : { exception }),
        ...(this.#isCut ? { fields: { ...record.fields, cut: true, original_bytes: this.#length } } : {}),
      },
      offset: this.offset,
      length: this.#length,
      lines: this.#lines,
      isBad: this.#isBad,
      isCut: this.#isCut,
    }
  }
}
