import { performance } from 'node:perf_hooks'
import { FilesWriteError, type AppendFile } from '@pixsim7/files'
import { PendingLines, type DroppedLines, type MemoryBudget } from './pending-lines.ts'

/** A batch is written before its time when it has this many characters: one write of 64 kB costs little more than one of 4 kB. */
const FULL_BATCH_CHARACTERS = 64 * 1024
/** Longest single write: what waited while the disk was full goes out in pieces, so that no write blocks for long. */
const MAX_WRITE_CHARACTERS = 1024 * 1024
/** A synchronous write that takes longer holds up every request of the process: from then on writes are asynchronous. */
const SLOW_WRITE_MS = 10
/** So many asynchronous writes in a row have to be fast again before they become synchronous. */
const FAST_WRITES_TO_RECOVER = 20
const FAST_WRITE_MS = 4
/** Waits between tries after a failed write: short enough that a freed disk is used within a second. */
const FIRST_RETRY_MS = 50
const LAST_RETRY_MS = 800
/** Looking at the path costs 3 µs, so bursts of single writes share a look; a renamed file is noticed within this time. */
const MOVE_CHECK_MS = 5
const DROP_REPORT_MS = 1000

/** What a sink tells about itself; its owner makes records of it. Called outside of any write. */
export interface SinkEvents {
  slow(sink: FileSink, writeMs: number, isAsync: boolean): void
  failed(sink: FileSink, error: Error): void
  recovered(sink: FileSink, failedForMs: number): void
  dropped(sink: FileSink, dropped: DroppedLines, reason: 'disk' | 'memory'): void
  reopened(sink: FileSink, reason: 'moved' | 'signal'): void
}

/** What became of a line: in the file, waiting its turn, or waiting because the file cannot be written. */
export type WriteOutcome = 'written' | 'pending' | 'failed'

interface InFlight {
  readonly slots: number
  readonly bytes: number
  /** Size of the file before the write. */
  readonly sizeBefore: number
  /** Never rejects. */
  readonly done: Promise<void>
}

/**
 * Writes the lines of one file.
 *
 * - `sync`: the usual state. Lines gather for `flushIntervalMs`; urgent ones are written at once, with what gathered.
 * - `async`: the disk was slow once. One write is under way at a time, in order, until twenty in a row were fast.
 * - `failed`: the last write failed. Lines wait in memory; tries follow with growing pauses. A success leads back to `sync`.
 *
 * It never throws at who logs, and its timers do not keep the process alive.
 */
export class FileSink {
  readonly file: AppendFile
  /** Lines that reached the file. */
  writtenLines = 0
  /** Writes that failed. */
  failedWrites = 0
  /** Lines dropped for good. */
  droppedLines = 0
  readonly #pending: PendingLines
  readonly #events: SinkEvents
  readonly #flushIntervalMs: number
  #state: 'sync' | 'async' | 'failed' = 'sync'
  #timer: NodeJS.Timeout | undefined
  #retryMs = FIRST_RETRY_MS
  #failedSinceMs = 0
  #lastError: Error | undefined
  #fastWrites = 0
  #lastMoveCheckMs = 0
  #lastDropReportMs = 0
  /** The asynchronous write under way. A write whose end nobody waits for any more is no longer the current one. */
  #inFlight: InFlight | undefined
  #isClosed = false

  constructor(file: AppendFile, budget: MemoryBudget, flushIntervalMs: number, events: SinkEvents) {
    this.file = file
    this.#pending = new PendingLines(budget)
    this.#flushIntervalMs = flushIntervalMs
    this.#events = events
  }

  get isFailing(): boolean {
    return this.#state === 'failed'
  }

  get pendingCount(): number {
    return this.#pending.count
  }

  get lastError(): Error | undefined {
    return this.#lastError
  }

  /** Takes a line with its newline. An urgent one is written before this returns, unless the disk is slow or failing. */
  add(
    line: string,
    severity: number,
    isUrgent: boolean,
  ): { readonly outcome: WriteOutcome; readonly sequence: number } {
    const sequence = this.#pending.push(line, severity)
    if (sequence === -1) return { outcome: 'failed', sequence }
    if (this.#state === 'failed') return { outcome: 'failed', sequence }
    if (isUrgent || this.#flushIntervalMs === 0 || this.#pending.characters >= FULL_BATCH_CHARACTERS) {
      this.flush()
      return { outcome: this.#outcome(), sequence }
    }
    this.#timer ??= setTimeout(() => this.flush(), this.#flushIntervalMs).unref()
    return { outcome: 'pending', sequence }
  }

  #outcome(): WriteOutcome {
    if (this.isFailing) return 'failed'
    return this.#pending.count === 0 ? 'written' : 'pending'
  }

  /** Takes back a line that was `failed` here: it was written elsewhere. */
  withdraw(sequence: number): void {
    this.#pending.withdraw(sequence)
  }

  /** Writes what is pending now, or starts writing it. */
  flush(): void {
    this.#stopTimer()
    if (this.#isClosed || this.#pending.count === 0 || this.#state === 'failed') return
    if (this.#state === 'async') this.#startWrite()
    else this.#writeAllSync()
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #writeAllSync(deadlineMs = Infinity): void {
    while (this.#pending.count > 0 && this.#state === 'sync') {
      const { text, slots } = this.#pending.peek(MAX_WRITE_CHARACTERS)
      const startMs = performance.now()
      try {
        this.#followMove(startMs)
        this.file.writeSync(Buffer.from(text, 'utf8'))
      } catch (error) {
        this.#writeFailed(error as Error)
        return
      }
      this.#written(slots)
      const writeMs = performance.now() - startMs
      if (writeMs > SLOW_WRITE_MS && deadlineMs === Infinity) {
        this.#state = 'async'
        this.#fastWrites = 0
        this.#events.slow(this, writeMs, true)
        if (this.#pending.count > 0) this.#startWrite()
      }
      if (performance.now() > deadlineMs) return
    }
  }

  #startWrite(): void {
    if (this.#inFlight !== undefined || this.#pending.count === 0) return
    const { text, slots } = this.#pending.peek(MAX_WRITE_CHARACTERS)
    const startMs = performance.now()
    const buffer = Buffer.from(text, 'utf8')
    try {
      this.#followMove(startMs)
      this.#pending.lock(slots)
      const inFlight: InFlight = {
        slots,
        bytes: buffer.length,
        sizeBefore: this.file.sizeBytes(),
        done: this.file.write(buffer).then(
          () => this.#endWrite(inFlight, performance.now() - startMs),
          (error: unknown) => this.#endWrite(inFlight, 0, error as Error),
        ),
      }
      this.#inFlight = inFlight
    } catch (error) {
      this.#writeFailed(error as Error)
    }
  }

  #endWrite(inFlight: InFlight, writeMs: number, error?: Error): void {
    // Settled already by an end that did not wait for it.
    if (this.#inFlight !== inFlight) return
    this.#inFlight = undefined
    if (error !== undefined) {
      this.#writeFailed(error)
      return
    }
    this.#written(inFlight.slots)
    this.#fastWrites = writeMs < FAST_WRITE_MS ? this.#fastWrites + 1 : 0
    if (this.#fastWrites >= FAST_WRITES_TO_RECOVER) {
      this.#state = 'sync'
      this.#events.slow(this, writeMs, false)
    }
    this.flush()
  }

  #written(slots: number): void {
    const before = this.#pending.count
    this.#pending.remove(slots)
    this.writtenLines += before - this.#pending.count
    this.#reportDropped()
  }

  #reportDropped(): void {
    const nowMs = performance.now()
    if (nowMs - this.#lastDropReportMs < DROP_REPORT_MS && this.#lastDropReportMs !== 0) return
    const dropped = this.#pending.takeDropped()
    if (dropped === undefined) return
    this.#lastDropReportMs = nowMs
    this.droppedLines += dropped.total
    this.#events.dropped(this, dropped, this.#failedSinceMs > 0 ? 'disk' : 'memory')
  }

  /** Keeps the lines that are not in the file, and tries again later. */
  #writeFailed(error: Error): void {
    this.failedWrites++
    this.#lastError = error
    if (error instanceof FilesWriteError) this.#written(this.#pending.slotsWithin(error.wholeLineBytes))
    else this.#pending.lock(0)
    const isFirst = this.#state !== 'failed'
    if (isFirst) {
      this.#state = 'failed'
      this.#failedSinceMs = Date.now()
      this.#retryMs = FIRST_RETRY_MS
    }
    this.#stopTimer()
    if (!this.#isClosed) this.#timer = setTimeout(() => this.#retry(), this.#retryMs).unref()
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS)
    if (isFirst) this.#events.failed(this, error)
  }

  #retry(): void {
    this.#timer = undefined
    if (this.#isClosed) return
    const failedForMs = Date.now() - this.#failedSinceMs
    const retryMs = this.#retryMs
    try {
      // The folder may be gone, the permission new, the disk mounted again: only opening anew finds out.
      this.file.reopen()
    } catch (error) {
      this.#writeFailed(error as Error)
      return
    }
    // One write decides: it leads back here when it fails.
    const { text, slots } = this.#pending.peek(FULL_BATCH_CHARACTERS)
    try {
      if (slots > 0) this.file.writeSync(Buffer.from(text, 'utf8'))
    } catch (error) {
      this.#retryMs = retryMs
      this.#writeFailed(error as Error)
      return
    }
    this.#state = 'sync'
    this.#written(slots)
    this.#events.recovered(this, failedForMs)
    this.#lastDropReportMs = 0
    this.#reportDropped()
    this.#failedSinceMs = 0
    this.#lastError = undefined
    this.flush()
  }

  /** Goes on in a new file when somebody renamed or removed the open one. */
  #followMove(nowMs: number): void {
    if (nowMs - this.#lastMoveCheckMs < MOVE_CHECK_MS) return
    this.#lastMoveCheckMs = nowMs
    if (!this.file.hasMoved()) return
    this.file.reopen()
    this.#events.reopened(this, 'moved')
  }

  /** Writes what is pending to the file that is open, then opens the path anew: for SIGHUP. */
  reopen(): void {
    if (this.#isClosed) return
    this.flush()
    try {
      this.file.reopen()
      this.#events.reopened(this, 'signal')
    } catch (error) {
      this.#writeFailed(error as Error)
    }
  }

  /**
   * Resolves when all lines taken before are in the file.
   *
   * @throws The error of the write, when the file cannot be written now.
   */
  async settle(): Promise<void> {
    this.flush()
    await this.#writesUnderWay()
    if (this.isFailing) {
      this.#stopTimer()
      this.#retry()
      await this.#writesUnderWay()
    }
    if (this.isFailing) throw this.#lastError ?? new Error(`${this.file.path} cannot be written`)
  }

  /** The end of one asynchronous write begins the next, until nothing is pending. */
  async #writesUnderWay(): Promise<void> {
    for (let current = this.#inFlight; current !== undefined; current = this.#inFlight) await current.done
  }

  /**
   * Writes all that is pending before it returns, for the end of the process; gives up at `deadlineMs` (of
   * performance.now). A write under way cannot be asked whether it has ended, so the size of the file tells.
   */
  drainSync(deadlineMs: number): void {
    this.#stopTimer()
    if (this.#isClosed) return
    const inFlight = this.#inFlight
    if (inFlight !== undefined) {
      waitUntil(() => this.file.sizeBytes() >= inFlight.sizeBefore + inFlight.bytes, deadlineMs)
      this.#inFlight = undefined
      this.#written(inFlight.slots)
    }
    if (this.#state === 'failed') this.#retry()
    else {
      this.#state = 'sync'
      this.#writeAllSync(deadlineMs)
    }
    this.#stopTimer()
  }

  /** Gives up what could not be written and closes the file. Returns how many lines were lost. */
  close(): number {
    if (this.#isClosed) return 0
    this.#stopTimer()
    this.#isClosed = true
    const lost = this.#pending.dropAll()
    this.droppedLines += this.#pending.takeDropped()?.total ?? 0
    this.file.close()
    return lost
  }
}

/** Waits without the event loop, which does not turn any more. */
function waitUntil(isDone: () => boolean, deadlineMs: number): void {
  const nothing = new Int32Array(new SharedArrayBuffer(4))
  try {
    while (!isDone() && performance.now() < deadlineMs) Atomics.wait(nothing, 0, 0, 2)
  } catch {
    // The file cannot be asked for its size: then there is nothing to wait for.
  }
}
