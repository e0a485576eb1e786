import type { Fingerprint } from './fingerprint.ts'
import type { StoredRange } from './stored-range.ts'

/** Counts of what was read before the position; they are stored with it, so they never count twice. */
export interface LineCounts {
  lines: number
  /** Rows stored. */
  rows: number
  badLines: number
  copies: number
  /** Stack lines that joined a record, and blank lines. */
  continuationLines: number
  cutLines: number
  /** Bytes that were seen but removed before they were read. */
  lostBytes: number
}

/** What is stored of an incarnation: who it is, and how far it has been read. A position and its counts are one. */
export interface IncarnationState {
  readonly id: number
  readonly path: string
  /** Base name it was first seen under; it stands in the rows. */
  readonly fileName: string
  readonly component: string
  /** Of the file it was read from last; see PhysicalFile. */
  readonly key: string
  readonly born: string
  /** Size of the archive that has been read to its end; -1 while there may be more. */
  readonly endOfArchiveBytes: number
  /** The position: the record that begins here is not stored yet. */
  readonly offset: number
  /** Time of the last record before the position, for text that follows. */
  readonly timestamp: string
  /** Time of the first record; empty before there was one. */
  readonly firstTimestamp: string
  /** What is stored behind the position: a batch was killed between its rows and its positions. Ascending. */
  readonly ahead: readonly StoredRange[]
  readonly fingerprint: Fingerprint
  readonly counts: Readonly<LineCounts>
  /** Batch it was stored with. */
  readonly version: number
}

export function noCounts(): LineCounts {
  return { lines: 0, rows: 0, badLines: 0, copies: 0, continuationLines: 0, cutLines: 0, lostBytes: 0 }
}
