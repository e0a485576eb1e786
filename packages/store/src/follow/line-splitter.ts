const NEWLINE = 0x0a

/** A piece of a file between two newlines, or a run of NUL bytes at the beginning of one. */
export interface SplitLine {
  readonly kind: 'line' | 'nuls'
  /** Of its first byte. */
  readonly offset: number
  /** Bytes it takes in the file, its newline included. */
  readonly length: number
  /** Its bytes without the newline, at most the limit; empty for a run of NULs. */
  readonly bytes: Buffer
  /** The limit cut something off. */
  readonly isCut: boolean
}

/**
 * Cuts a stream of bytes into lines, whatever the chunks it arrives in. Memory is bounded by the limit: of a longer line
 * the beginning is kept. NULs at the beginning of a line, which a crash or copytruncate leaves behind by the gigabyte, are
 * counted, not kept, and what follows them is a line of its own.
 */
export class LineSplitter {
  readonly #maxLineBytes: number
  /** Offset of the first byte of the unfinished line. */
  #lineStart: number
  #length = 0
  #kept: Buffer[] = []
  #keptLength = 0
  #nuls = 0

  constructor(offset: number, maxLineBytes: number) {
    this.#lineStart = offset
    this.#maxLineBytes = maxLineBytes
  }

  /** Where the unfinished line begins: everything before has been given out. */
  get lineStart(): number {
    return this.#lineStart
  }

  get hasPartial(): boolean {
    return this.#length > 0
  }

  /** Takes the bytes that follow the last ones; gives each line that is complete with them. They must not change later. */
  push(bytes: Buffer, give: (line: SplitLine) => void): void {
    let position = 0
    while (position < bytes.length) {
      if (this.#keptLength === 0 && this.#length === this.#nuls && bytes[position] === 0) {
        const end = endOfNuls(bytes, position)
        this.#nuls += end - position
        this.#length += end - position
        position = end
        continue
      }
      if (this.#nuls > 0) this.#giveNuls(give)
      const newline = bytes.indexOf(NEWLINE, position)
      const end = newline === -1 ? bytes.length : newline
      this.#keep(bytes, position, end)
      position = end
      if (newline !== -1) {
        this.#length += 1
        position += 1
        this.#giveLine(give)
      }
    }
  }

  /** Takes the unfinished line as it is. */
  flush(give: (line: SplitLine) => void): void {
    if (this.#nuls > 0) this.#giveNuls(give)
    if (this.#length > 0) this.#giveLine(give)
  }

  /** Goes on at another place; there must be no unfinished line. */
  skipTo(offset: number): void {
    this.#lineStart = offset
  }

  #keep(bytes: Buffer, start: number, end: number): void {
    this.#length += end - start
    const wanted = Math.min(end - start, this.#maxLineBytes - this.#keptLength)
    if (wanted <= 0) return
    this.#kept.push(bytes.subarray(start, start + wanted))
    this.#keptLength += wanted
  }

  #giveLine(give: (line: SplitLine) => void): void {
    const kept = this.#kept
    const offset = this.#lineStart
    const length = this.#length
    const keptLength = this.#keptLength
    this.#lineStart += length
    this.#length = this.#keptLength = 0
    this.#kept = []
    give({
      kind: 'line',
      offset,
      length,
      bytes: kept.length === 1 ? (kept[0] as Buffer) : Buffer.concat(kept),
      // One byte more is the newline.
      isCut: length > keptLength + 1,
    })
  }

  #giveNuls(give: (line: SplitLine) => void): void {
    const length = this.#nuls
    const offset = this.#lineStart
    this.#lineStart += length
    this.#length -= length
    this.#nuls = 0
    give({ kind: 'nuls', offset, length, bytes: Buffer.alloc(0), isCut: false })
  }
}

function endOfNuls(bytes: Buffer, start: number): number {
  let end = start
  while (end < bytes.length && bytes[end] === 0) end += 1
  return end
}
