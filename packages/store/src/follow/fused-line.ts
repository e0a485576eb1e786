import { parseJsonLine } from '@pixsim7/record'

/** How every JSON line of ours begins; inside a message, quotes are escaped, so it stands at the beginning only. */
const RECORD_START = Buffer.from('{"timestamp":"')
/** How a plain line of ours begins. */
const PLAIN_START = /^\d{4}-\d\d-\d\d /
/** More fragments than this in one line are one text. */
const MAX_FRAGMENTS = 16

/**
 * Where in a line that is no record another record begins which is whole: a process died in the middle of its line, and
 * the next one wrote on behind it. -1 when there is none. Only behind the torn beginning of a record of ours: text that
 * merely quotes one stays in one piece.
 */
export function fusedRecordStart(bytes: Buffer): number {
  const isTornRecord =
    bytes.indexOf(RECORD_START) === 0 ||
    PLAIN_START.test(bytes.toString('latin1', 0, Math.min(bytes.length, 16)))
  if (!isTornRecord) return -1
  let start = bytes.indexOf(RECORD_START, 1)
  for (let count = 0; start !== -1 && count < MAX_FRAGMENTS; count += 1) {
    if (parseJsonLine(bytes.toString('utf8', start).trimEnd()) !== undefined) return start
    start = bytes.indexOf(RECORD_START, start + 1)
  }
  return -1
}
