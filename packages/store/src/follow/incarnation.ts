import path from 'node:path'
import { formatTimestamp } from '@pixsim7/record'
import type { FileHealth } from '../log-store.ts'
import type { PlacedRecord } from '../row.ts'
import type { ContentRange } from './archive-content.ts'
import {
  FingerprintRecorder,
  HEAD_BYTES,
  WINDOW_BYTES,
  type Fingerprint,
  type ReadContent,
} from './fingerprint.ts'
import type { FileRole } from './file-role.ts'
import { noCounts, type IncarnationState, type LineCounts } from './incarnation-state.ts'
import type { PhysicalFile } from './physical-file.ts'
import { RecordReader } from './record-reader.ts'
import type { Source } from './source.ts'

/**
 * One life of a file: what has been read of it, and where the rest comes from. It outlives renaming and compression, ends
 * with truncation or replacement.
 *
 * `source` is open while there may be something to read; `file` is where it was seen last, undefined when it is gone.
 * `copies` are further files with the same content (made by copytruncate): they take over when the first one is emptied.
 */
export class Incarnation {
  readonly id: number
  readonly component: string
  readonly isErrorsFile: boolean
  /** Base name of the file it was first seen as; kept in the rows. */
  readonly fileName: string
  /** Of the file it is read from now; component and kind stay those of the first one. */
  role: FileRole
  source: Source | undefined
  copies: PhysicalFile[] = []
  path: string
  /** There may be something to read. */
  isDirty = true
  /** What the store holds of it, at last; set when a batch with it has been stored. */
  stored: IncarnationState | undefined
  /** Size of the file when it was last seen. */
  seenBytes = 0
  /** Its file has been emptied or written anew: only a copy of what it was can bring more. */
  isOver = false
  endOfArchiveBytes: number
  /** Times are of a monotonic clock. */
  lastReadMs: number
  retryAtMs = 0
  failures = 0
  missedScans = 0
  lastError: string | null = null
  /** Time of the first record that is one; empty before. */
  firstTimestamp: string
  readonly counts: LineCounts
  #file: PhysicalFile | undefined
  #lastFile: PhysicalFile | undefined
  #state: IncarnationState | undefined
  #recorder: FingerprintRecorder | undefined
  #reader: RecordReader | undefined
  #reportedBadLines: number

  constructor(id: number, role: FileRole, filePath: string, nowMs: number, state?: IncarnationState) {
    this.id = id
    this.role = role
    this.component = role.component
    this.isErrorsFile = role.isErrorsFile
    this.path = filePath
    this.fileName = state?.fileName ?? path.basename(filePath)
    this.lastReadMs = nowMs
    this.endOfArchiveBytes = state?.endOfArchiveBytes ?? -1
    this.counts = { ...(state?.counts ?? noCounts()) }
    this.firstTimestamp = state?.firstTimestamp ?? ''
    this.#reportedBadLines = this.counts.badLines
    this.#state = this.stored = state
    if (state === undefined) this.#recorder = new FingerprintRecorder()
  }

  /** Whether it has been stored, at least by name; undefined versions are not. */
  get isRegistered(): boolean {
    return this.#state !== undefined
  }

  /** Whether anything of its content is known: before, there is nothing to store. */
  get hasBeenRead(): boolean {
    return this.#state !== undefined || this.readOffset > 0
  }

  /** Of the file it was read from last, in this process or an earlier one. */
  get lastKey(): { readonly key: string; readonly born: string } {
    if (this.isOver) return { key: '', born: '' }
    const { key = '', born = '' } = this.#lastFile ?? this.#state ?? {}
    return { key, born }
  }

  /** Where it was seen last; undefined when it is gone. */
  get file(): PhysicalFile | undefined {
    return this.#file
  }

  set file(file: PhysicalFile | undefined) {
    this.#file = file
    if (file !== undefined) this.#lastFile = file
  }

  /** The position: everything before is in records given out. */
  get offset(): number {
    return this.#reader?.safeOffset ?? this.#state?.offset ?? 0
  }

  /** Offset of the next byte to read. */
  get readOffset(): number {
    return this.#reader?.readOffset ?? this.#state?.offset ?? 0
  }

  /** Bytes that must stand before `readOffset`. */
  get window(): Buffer {
    return this.#recorder?.window ?? Buffer.alloc(0)
  }

  get hasOpen(): boolean {
    return this.#reader?.hasOpen ?? false
  }

  get hasPartial(): boolean {
    return this.#reader?.hasPartial ?? false
  }

  /**
   * Of the content read so far. One that is read again from its position has been read further in an earlier process, and
   * was recognised by that; what this process has read may be too little to tell it from others.
   */
  fingerprint(): Fingerprint {
    const known = this.#state?.fingerprint
    const read = this.#recorder?.fingerprint()
    const best = read === undefined || read.end < (known?.end ?? 0) ? known : read
    if (best === undefined) throw new Error('BUG: an incarnation has neither been read nor stored')
    return best
  }

  /** Ranges of the content that `resume` reads. */
  resumeRanges(): readonly [head: ContentRange, window: ContentRange] {
    const offset = this.readOffset
    const window = Math.min(offset, WINDOW_BYTES)
    return [
      { position: 0, length: Math.min(offset, HEAD_BYTES) },
      { position: offset - window, length: window },
    ]
  }

  /** Prepares an incarnation from the store to be read on, from content that has been verified. */
  async resume(read: ReadContent): Promise<void> {
    if (this.#recorder !== undefined) return
    const [head, window] = this.resumeRanges()
    this.#recorder = new FingerprintRecorder({
      head: await read(head.position, head.length),
      window: await read(window.position, window.length),
      end: this.readOffset,
    })
  }

  /** Takes the bytes at `readOffset`. */
  push(bytes: Buffer): PlacedRecord[] {
    this.#recorder?.push(bytes)
    return this.#count(this.#readerNow().push(bytes))
  }

  closeOpen(): PlacedRecord[] {
    return this.#count(this.#readerNow().closeOpen())
  }

  closePartial(): PlacedRecord[] {
    return this.#count(this.#readerNow().closePartial())
  }

  /** Bad lines since the last call. */
  newBadLines(): number {
    const count = this.counts.badLines - this.#reportedBadLines
    this.#reportedBadLines = this.counts.badLines
    return count
  }

  /** What is to be stored with the rows given out so far. */
  snapshot(version: number): IncarnationState {
    const state = {
      id: this.id,
      path: this.path,
      fileName: this.fileName,
      component: this.component,
      ...this.lastKey,
      endOfArchiveBytes: this.endOfArchiveBytes,
      offset: this.offset,
      timestamp: this.#reader?.timestamp ?? this.#state?.timestamp ?? '',
      firstTimestamp: this.firstTimestamp,
      ahead: this.#reader?.ahead ?? this.#state?.ahead ?? [],
      fingerprint: this.fingerprint(),
      counts: { ...this.counts },
      version,
    }
    this.#state = state
    return state
  }

  /** Of what is stored, which is behind what has been read. */
  health(): FileHealth {
    const offsetBytes = this.stored?.offset ?? 0
    const counts = this.stored?.counts ?? noCounts()
    // The size of an archive is that of the packed bytes: what it unpacks to is known at its end.
    // One of nothing has no content to be known by, so nothing of it is stored.
    const endOfArchiveBytes = this.hasBeenRead
      ? (this.stored?.endOfArchiveBytes ?? -1)
      : this.endOfArchiveBytes
    const isUnpacked = this.role.isArchive && endOfArchiveBytes >= 0
    const sizeBytes = isUnpacked ? offsetBytes : Math.max(this.file?.sizeBytes ?? 0, this.readOffset)
    return {
      path: this.path,
      component: this.component,
      sizeBytes,
      offsetBytes,
      lagBytes: sizeBytes - offsetBytes,
      lines: counts.lines,
      rows: counts.rows,
      continuationLines: counts.continuationLines,
      badLines: counts.badLines,
      copies: counts.copies,
      cutLines: counts.cutLines,
      lostBytes: counts.lostBytes,
      lastError: this.lastError,
    }
  }

  #readerNow(): RecordReader {
    this.#reader ??= new RecordReader({
      offset: this.#state?.offset ?? 0,
      timestamp:
        this.#state?.timestamp || formatTimestamp(Math.round((this.file?.modifiedMs ?? Date.now()) * 1000)),
      textLevel: this.isErrorsFile ? 'ERROR' : 'INFO',
      stored: this.#state?.ahead ?? [],
    })
    return this.#reader
  }

  /** Counts what the reader has passed over; records are counted when it is decided whether they are stored. */
  #count(placed: PlacedRecord[]): PlacedRecord[] {
    const skipped = this.#readerNow().takeSkipped()
    this.counts.lines += skipped.blankLines + skipped.lines
    this.counts.continuationLines += skipped.blankLines + skipped.lines - skipped.rows
    this.counts.rows += skipped.rows
    this.counts.badLines += skipped.badLines
    this.counts.cutLines += skipped.cutLines
    return placed
  }

  /** Counts a record of this file: stored as a row, or left out because its component's own file holds it. */
  countRecord(placed: PlacedRecord, isCopy: boolean): void {
    if (this.firstTimestamp === '' && !placed.isBad) this.firstTimestamp = placed.record.timestamp
    this.counts.lines += placed.lines
    if (isCopy) {
      this.counts.copies += placed.lines
      return
    }
    this.counts.rows += 1
    this.counts.continuationLines += placed.lines - 1
    if (placed.isBad) this.counts.badLines += 1
    if (placed.isCut) this.counts.cutLines += 1
  }
}
