import type { FileHealth } from '../log-store.ts'
import type { Batch } from '../ingest/batch.ts'
import type { Ingester } from '../ingest/ingester.ts'
import type { PartitionDays } from '../partition-day.ts'
import { encodeRow, type PlacedRecord } from '../row.ts'
import { messageOf } from '../store-error.ts'
import type { StoreEventListener } from '../store-event.ts'
import type { EngineOptions } from '../store-options.ts'
import { ArchiveSource } from './archive-source.ts'
import { ErrorsFile } from './errors-file.ts'
import { FileRoles } from './file-role.ts'
import { FileSet } from './file-set.ts'
import { FolderWatch } from './folder-watch.ts'
import type { Incarnation } from './incarnation.ts'
import type { IncarnationState } from './incarnation-state.ts'
import { openSame } from './physical-file.ts'
import { PlainSource } from './plain-source.ts'
import type { SourceRead } from './source.ts'
import { Waker } from './waker.ts'

/** How long the last plain record waits for stack lines: writers write both in one call. */
const STACK_WAIT_MS = 250
/** Without anything new for so long, a file is closed until there is; it is told from another in its place by its content. */
const IDLE_CLOSE_MS = 600_000
/** A file that is renamed or gone is read to its end and left after this quiet: its writer has reopened by then. */
const QUIET_MS = 5000
/** Pause between rounds under constant change, in which lines gather. */
const MIN_ROUND_MS = 20
/** Waits after a file could not be read, doubled each time. */
const FIRST_RETRY_MS = 500
const MAX_RETRY_MS = 30_000
/** An archive changed so recently may still be in the making: its missing end is no damage. */
const ARCHIVE_SETTLE_MS = 60_000

/**
 * Reads what is new in the followed files and hands it to the ingester, in one loop: look at the folders each
 * `pollIntervalMs`, read a slice of each file that has more, let a batch go when it is full or its first row has waited
 * long enough. Everything it knows is in the incarnations; what must survive goes into the batch with the rows.
 */
export class Follower {
  readonly #options: EngineOptions
  readonly #ingester: Ingester
  readonly #partitionDays: PartitionDays
  readonly #report: StoreEventListener
  readonly #files: FileSet
  readonly #errorsFile: ErrorsFile
  readonly #watch: FolderWatch
  readonly #waker = new Waker()
  /** Changed since they were put into a batch. */
  readonly #touched = new Set<Incarnation>()
  #batch: Batch
  #batchBegunMs: number | undefined
  #scannedMs = Number.NEGATIVE_INFINITY
  #isStopped = false
  #running: Promise<void> | undefined

  constructor(
    options: EngineOptions,
    states: readonly IncarnationState[],
    ingester: Ingester,
    partitionDays: PartitionDays,
    report: StoreEventListener,
  ) {
    this.#options = options
    this.#ingester = ingester
    this.#partitionDays = partitionDays
    this.#report = report
    const roles = new FileRoles(options.components, options.errorsComponent)
    this.#files = new FileSet(options.files, roles, states, report, () => {
      this.#scannedMs = Number.NEGATIVE_INFINITY
      this.#waker.wake()
    })
    this.#errorsFile = new ErrorsFile(this.#files, () => this.#scan())
    this.#watch = new FolderWatch((file) => {
      if (file !== undefined) this.#files.markChanged(file)
      this.#waker.wake()
    })
    this.#batch = ingester.begin()
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Stores what has been read and ends; what is not read yet is read after the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#waker.wake()
    await this.#running
    await this.#submit()
    await this.#ingester.drain()
    this.#watch.close()
    await this.#files.close()
  }

  /** Health of all files, by a number that stays theirs. */
  health(): Map<number, FileHealth> {
    return this.#files.health()
  }

  /** Reports the bad lines counted since the last call. */
  reportBadLines(): void {
    for (const incarnation of this.#files.followed()) {
      const count = incarnation.newBadLines()
      if (count > 0) this.#report({ event: 'badLines', path: incarnation.path, count })
    }
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const begunMs = performance.now()
      if (begunMs - this.#scannedMs >= this.#options.pollIntervalMs) await this.#scan()
      const hasMore = await this.#readRound()
      if (this.#isBatchDue()) await this.#submit()
      if (this.#isStopped) return
      if (hasMore) await new Promise(setImmediate)
      else await this.#sleep(begunMs)
    }
  }

  async #sleep(begunMs: number): Promise<void> {
    const roundMs = performance.now() - begunMs
    if (roundMs < MIN_ROUND_MS) await new Promise((resolve) => setTimeout(resolve, MIN_ROUND_MS - roundMs))
    const nowMs = performance.now()
    const untilScanMs = this.#options.pollIntervalMs - (nowMs - this.#scannedMs)
    const untilFlushMs =
      this.#batchBegunMs === undefined
        ? Infinity
        : this.#options.flushIntervalMs - (nowMs - this.#batchBegunMs)
    // A due batch that waits for the one before it is looked at again in a moment.
    await this.#waker.sleep(Math.max(5, Math.min(untilScanMs, untilFlushMs)))
  }

  async #scan(): Promise<void> {
    this.#scannedMs = performance.now()
    this.#watch.set(await this.#files.scan(this.#scannedMs))
    this.#touchChanged()
  }

  #touchChanged(): void {
    for (const incarnation of this.#files.takeChanged()) this.#touch(incarnation)
  }

  /**
   * Reads a slice of each file that may have more; of one archive only, so that new lines do not wait for old ones. Errors
   * files wait until all others have been read once: only then is it known what those hold.
   */
  async #readRound(): Promise<boolean> {
    const nowMs = performance.now()
    const archive = this.#nextArchive(nowMs)
    let hasMore = false
    for (const incarnation of this.#files.followed()) {
      if (this.#isStopped) return false
      const isTurn = incarnation.role.isArchive ? incarnation === archive : isReadable(incarnation, nowMs)
      if (isTurn && !(incarnation.isErrorsFile && this.#files.hasUnread)) {
        await this.#readSlice(incarnation)
        hasMore ||= isReadable(incarnation, nowMs)
      }
      await this.#settle(incarnation, performance.now())
      if (this.#batch.isFull) await this.#submit()
    }
    this.#touchChanged()
    return hasMore
  }

  /** An archive that has not been read at all, if there is one. */
  #nextArchive(nowMs: number): Incarnation | undefined {
    let next: Incarnation | undefined
    for (const incarnation of this.#files.followed()) {
      if (!incarnation.role.isArchive || !isReadable(incarnation, nowMs)) continue
      if (!incarnation.hasBeenRead && !incarnation.isErrorsFile) return incarnation
      next ??= incarnation
    }
    return next
  }

  async #readSlice(incarnation: Incarnation): Promise<void> {
    let read: SourceRead
    try {
      const source = (incarnation.source ??= await this.#open(incarnation))
      if (source === undefined) return
      read = await source.read(incarnation.readOffset, incarnation.window)
    } catch (error) {
      await this.#fail(incarnation, messageOf(error))
      return
    }
    if (incarnation.failures > 0) incarnation.lastError = null
    incarnation.failures = 0
    // An error from here on is a bug, and ends the process: lines have been taken that are in no batch yet.
    await this.#takeRead(incarnation, read)
  }

  async #open(incarnation: Incarnation): Promise<PlainSource | ArchiveSource | undefined> {
    const { file } = incarnation
    const handle = file === undefined ? undefined : await openSame(file)
    if (file === undefined || handle === undefined) {
      // Renamed or replaced since it was listed: the next scan sees what it is called now.
      incarnation.isDirty = false
      return undefined
    }
    return incarnation.role.isArchive ? new ArchiveSource(handle, file.sizeBytes) : new PlainSource(handle)
  }

  async #takeRead(incarnation: Incarnation, read: SourceRead): Promise<void> {
    switch (read.kind) {
      case 'bytes':
        incarnation.lastReadMs = performance.now()
        incarnation.isDirty = read.mayHaveMore
        await this.#accept(incarnation, incarnation.push(read.bytes))
        return
      case 'nothing':
        incarnation.isDirty = false
        return
      case 'replaced':
        await this.#endReplaced(incarnation)
        return
      case 'end':
        await this.#endArchive(incarnation, read.problem)
    }
  }

  /** The file was emptied or written anew in place. What it held may live on in a copy; what it holds now is a new life. */
  async #endReplaced(incarnation: Incarnation): Promise<void> {
    const { path } = incarnation
    const lostBytes = Math.max(0, incarnation.seenBytes - incarnation.readOffset)
    const copy = await this.#files.release(incarnation)
    if (copy !== undefined) return
    incarnation.counts.lostBytes += lostBytes
    await this.#accept(incarnation, incarnation.closePartial())
    this.#report({ event: 'fileTruncated', path, lostBytes })
    await this.#scan()
  }

  async #endArchive(incarnation: Incarnation, problem: string | null): Promise<void> {
    await incarnation.source?.close()
    incarnation.source = undefined
    const { file } = incarnation
    if (problem !== null && file !== undefined && Date.now() - file.modifiedMs < ARCHIVE_SETTLE_MS) {
      await this.#fail(incarnation, problem)
      return
    }
    incarnation.isDirty = false
    incarnation.endOfArchiveBytes = file?.sizeBytes ?? -1
    incarnation.lastError = problem
    if (problem !== null) this.#report({ event: 'fileUnreadable', path: incarnation.path, reason: problem })
    await this.#accept(incarnation, incarnation.closePartial())
  }

  /** What time brings: stacks that do not come, last lines that stay without newline, files that are over. */
  async #settle(incarnation: Incarnation, nowMs: number): Promise<void> {
    if (incarnation.isDirty || incarnation.role.isArchive) return
    const quietMs = nowMs - incarnation.lastReadMs
    const isLeft = incarnation.role.isRotated || incarnation.file === undefined
    if (quietMs >= (isLeft ? QUIET_MS : IDLE_CLOSE_MS) && incarnation.source !== undefined) {
      await incarnation.source.close()
      incarnation.source = undefined
      // A copy may bring the rest of the last line.
      if (incarnation.file === undefined && this.#files.lose(incarnation)) return
      if (incarnation.hasPartial || incarnation.hasOpen)
        await this.#accept(incarnation, incarnation.closePartial())
    } else if (incarnation.hasPartial && quietMs >= this.#options.partialLineTimeoutMs) {
      await this.#accept(incarnation, incarnation.closePartial())
    } else if (incarnation.hasOpen && quietMs >= STACK_WAIT_MS) {
      await this.#accept(incarnation, incarnation.closeOpen())
    }
  }

  async #accept(incarnation: Incarnation, placed: readonly PlacedRecord[]): Promise<void> {
    this.#touch(incarnation)
    const origins = incarnation.isErrorsFile ? await this.#errorsFile.decide(placed) : undefined
    placed.forEach((record, index) => {
      const origin =
        origins === undefined ? { component: incarnation.component, liftsComponent: false } : origins[index]
      incarnation.countRecord(record, origin === undefined)
      if (origin === undefined) return
      const row = encodeRow(
        record,
        { file: incarnation.id, fileName: incarnation.fileName, ...origin },
        this.#batch.number,
        this.#partitionDays.of(record.record.timestamp, record.record.level),
      )
      this.#batch.add(incarnation.id, record.offset, row)
    })
  }

  async #fail(incarnation: Incarnation, reason: string): Promise<void> {
    await incarnation.source?.close()
    incarnation.source = undefined
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** incarnation.failures, MAX_RETRY_MS)
    incarnation.failures += 1
    incarnation.retryAtMs = performance.now() + waitMs
    if (incarnation.lastError !== reason) {
      this.#report({ event: 'fileUnreadable', path: incarnation.path, reason })
    }
    incarnation.lastError = reason
  }

  #touch(incarnation: Incarnation): void {
    this.#touched.add(incarnation)
    this.#batchBegunMs ??= performance.now()
  }

  #isBatchDue(): boolean {
    if (this.#batch.isFull) return true
    if (this.#batchBegunMs === undefined || !this.#ingester.isIdle) return false
    return performance.now() - this.#batchBegunMs >= this.#options.flushIntervalMs
  }

  async #submit(): Promise<void> {
    const changed = [...this.#touched].filter((incarnation) => incarnation.hasBeenRead)
    this.#touched.clear()
    this.#batchBegunMs = undefined
    if (changed.length === 0) return
    const batch = this.#batch
    batch.newIds = new Set(changed.filter(({ isRegistered }) => !isRegistered).map(({ id }) => id))
    batch.states = changed.map((incarnation) => incarnation.snapshot(batch.number))
    this.#batch = this.#ingester.begin()
    await this.#ingester.submit(batch, () => {
      for (const [index, incarnation] of changed.entries()) incarnation.stored = batch.states[index]
    })
  }
}

function isReadable(incarnation: Incarnation, nowMs: number): boolean {
  return incarnation.isDirty && incarnation.retryAtMs <= nowMs
}
