import type { SourceMapPayload } from './source-lookup.ts'
import { lineIndex, lineStarts } from './source-lookup.ts'
import type { Insertion } from './transform.ts'

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const CONTINUES = 32

/** The map of a file after the insertions: no line has moved, so only columns of the lines with insertions change. */
export function shiftMap(
  map: SourceMapPayload,
  code: string,
  insertions: readonly Insertion[],
): SourceMapPayload {
  const byLine = groupByLine(code, insertions)
  const lines = map.mappings.split(';').map((segments, line) => {
    const own = byLine.get(line)
    return own === undefined ? segments : shiftLine(segments, own)
  })
  return { ...map, mappings: lines.join(';') }
}

interface Shift {
  readonly column: number
  readonly length: number
}

function groupByLine(code: string, insertions: readonly Insertion[]): Map<number, Shift[]> {
  const starts = lineStarts(code)
  const byLine = new Map<number, Shift[]>()
  for (const { offset, text } of insertions) {
    const line = lineIndex(starts, offset)
    const shift = { column: offset - (starts[line] as number), length: text.length }
    byLine.set(line, [...(byLine.get(line) ?? []), shift])
  }
  return byLine
}

/** Each segment begins with how far its column is from that of the one before; what follows stays as it is. */
function shiftLine(segments: string, shifts: readonly Shift[]): string {
  if (segments === '') return ''
  let column = 0
  let shiftedBefore = 0
  return segments
    .split(',')
    .map((segment) => {
      const { value, length } = readNumber(segment)
      column += value
      let shifted = column
      for (const shift of shifts) if (shift.column <= column) shifted += shift.length
      const difference = shifted - shiftedBefore
      shiftedBefore = shifted
      return writeNumber(difference) + segment.slice(length)
    })
    .join(',')
}

/**
 * A map from the code after the insertions to the code before, for tools that put maps together. A segment for each word and each
 * sign, so that positions inside a line are kept.
 */
export function mapOfInsertions(
  code: string,
  file: string,
  insertions: readonly Insertion[],
): SourceMapPayload {
  const byLine = groupByLine(code, insertions)
  let lineBefore = 0
  let columnBefore = 0
  const lines = code.split('\n').map((text, line) => {
    const shifts = byLine.get(line) ?? []
    let shiftedBefore = 0
    const segments: string[] = []
    for (const { index } of text.matchAll(/[\w$]+|[^\w$\s]/g)) {
      let shifted = index
      for (const shift of shifts) if (shift.column <= index) shifted += shift.length
      segments.push(
        writeNumber(shifted - shiftedBefore) +
          writeNumber(0) +
          writeNumber(line - lineBefore) +
          writeNumber(index - columnBefore),
      )
      shiftedBefore = shifted
      lineBefore = line
      columnBefore = index
    }
    return segments.join(',')
  })
  return { version: 3, sources: [file], names: [], mappings: lines.join(';') }
}

/** A number in base 64 with the sign in its lowest bit, five bits to a digit. */
function readNumber(text: string): { value: number; length: number } {
  let bits = 0
  let length = 0
  for (let more = true; more; length++) {
    const digit = DIGITS.indexOf(text[length] ?? 'A')
    bits |= (digit & (CONTINUES - 1)) << (length * 5)
    more = (digit & CONTINUES) !== 0
  }
  return { value: bits & 1 ? -(bits >>> 1) : bits >>> 1, length }
}

function writeNumber(value: number): string {
  let bits = value < 0 ? (-value << 1) | 1 : value << 1
  let text = ''
  do {
    const digit = bits & (CONTINUES - 1)
    bits >>>= 5
    text += DIGITS[bits === 0 ? digit : digit | CONTINUES]
  } while (bits !== 0)
  return text
}
