/** Bytes of an incarnation, behind its position, whose records are stored already. */
export interface StoredRange {
  readonly offset: number
  readonly length: number
  readonly rows: number
  readonly lines: number
  readonly badLines: number
  readonly cutLines: number
}

/** The ranges in ascending order, those that touch made one. No two may overlap. */
export function joinRanges(ranges: readonly StoredRange[]): StoredRange[] {
  const joined: StoredRange[] = []
  for (const range of [...ranges].sort((a, b) => a.offset - b.offset)) {
    const last = joined.at(-1)
    if (last === undefined || last.offset + last.length !== range.offset) {
      joined.push(range)
      continue
    }
    joined[joined.length - 1] = {
      offset: last.offset,
      length: last.length + range.length,
      rows: last.rows + range.rows,
      lines: last.lines + range.lines,
      badLines: last.badLines + range.badLines,
      cutLines: last.cutLines + range.cutLines,
    }
  }
  return joined
}
