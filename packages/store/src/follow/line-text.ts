import { isUtf8 } from 'node:buffer'

/** The text of a line. Bytes that are no UTF-8 stay visible as `\xff`, so that they can be searched and nothing is lost. */
export interface LineText {
  readonly text: string
  readonly isValid: boolean
}

export function lineText(bytes: Buffer, isCut: boolean): LineText {
  if (isUtf8(bytes)) return { text: bytes.toString('utf8'), isValid: true }
  if (isCut) {
    // The limit may have fallen into the middle of a character.
    const whole = withoutSplitCharacter(bytes)
    if (isUtf8(whole)) return { text: whole.toString('utf8'), isValid: true }
  }
  return { text: escapeInvalid(bytes), isValid: false }
}

function withoutSplitCharacter(bytes: Buffer): Buffer {
  for (let end = bytes.length - 1; end >= Math.max(0, bytes.length - 4); end -= 1) {
    if (((bytes[end] ?? 0) & 0xc0) !== 0x80) return bytes.subarray(0, end)
  }
  return bytes
}

function escapeInvalid(bytes: Buffer): string {
  let text = ''
  let position = 0
  while (position < bytes.length) {
    const end = endOfValid(bytes, position)
    text += bytes.toString('utf8', position, end)
    if (end < bytes.length) text += `\\x${(bytes[end] ?? 0).toString(16).padStart(2, '0')}`
    position = end + 1
  }
  return text
}

/** Where the first sequence begins that is no UTF-8. */
function endOfValid(bytes: Buffer, start: number): number {
  let position = start
  while (position < bytes.length) {
    const length = sequenceLength(bytes[position] ?? 0)
    if (length === 0) return position
    if (length > 1 && !isUtf8(bytes.subarray(position, position + length))) return position
    position += length
  }
  return Math.min(position, bytes.length)
}

function sequenceLength(first: number): number {
  if (first < 0x80) return 1
  if (first < 0xc2) return 0
  if (first < 0xe0) return 2
  if (first < 0xf0) return 3
  return first < 0xf5 ? 4 : 0
}
