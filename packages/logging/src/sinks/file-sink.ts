import { performance } from 'node:perf_hooks'
import { FilesWriteError, type AppendFile } from '@pixsim7/files'
import { SeverityCounts } from '../core/severity-counts.ts'
import type { LineMemory } from './line-memory.ts'
import { PendingLines, type DroppedLines } from './pending-lines.ts'
import type { DropReason, SinkEvents } from './sink-events.ts'
import { WriteTrouble } from './write-trouble.ts'
import { WriteUnderWay } from './write-under-way.ts'

/** A batch is written before its time when it has this many characters: one write of 64 kB costs little more than one of 4 kB. */
const FULL_BATCH_CHARACTERS = 64 * 1024
/** Longest single write: what waited while the disk was full goes out in pieces, so that no write blocks for long. */
const MAX_WRITE_CHARACTERS = 1024 * 1024
/** A synchronous write that takes longer holds up every request of the process: from then on writes are asynchronous. */
const SLOW_WRITE_MS = 10
/** So many asynchronous writes in a row have to be fast again before they become synchronous. */
const FAST_WRITES_TO_RECOVER = 20
const FAST_WRITE_MS = 4
/**
 * Looking at the path costs 3 µs, so bursts of single writes share a look; a renamed file is noticed within this time. It must be
 * shorter than a shell needs from `mv` to `gzip` in the next lines, since what is written after gzip has read is lost: with
 * 5 ms, bursts lost lines in one of ten such rotations, with 1 ms in none of hundreds. Less would cost without gaining.
 */
const MOVE_CHECK_MS = 1
const DROP_REPORT_MS = 1000
/**
 * Code that logs without a pause lets no asynchronous write end, however fast the disk is. Before lines are dropped for that, it
 * is held up for a write; if that is slow, for at most a tenth of the time: more would slow the service down, less would
 * lose more lines.
 */
const RELIEF_SHARE = 10
/** Longest wait for the end of a write under way, at such an occasion. */
const RELIEF_WAIT_MS = 50

/** Takes the bytes of any full batch: allocating for each would cost more than the copy (bench: specification's line). */
const reusedBytes = Buffer.allocUnsafeSlow(4 * FULL_BATCH_CHARACTERS)
const MAX_BYTES_OF_CHARACTER = 3

/** The bytes of a text, good until the next call: for writes that end before it. */
function bytesForNow(text: string): Buffer {
  return text.length * MAX_BYTES_OF_CHARACTER > reusedBytes.length
    ? Buffer.from(text, 'utf8')
    : reusedBytes.subarray(0, reusedBytes.write(text, 'utf8'))
}

/** How a sink writes. */
export interface FileSinkOptions {
  /** Longest time a line waits; 0 writes each by itself. */
  readonly flushIntervalMs: number
  /** False in worker threads, whose end does not wait for anything. */
  readonly mayWriteAsync: boolean
}

/** What became of a line: in the file, waiting its turn, or waiting because the file cannot be written. */
export type WriteOutcome = 'written' | 'pending' | 'failed'

/**
 * Writes the lines of one file.
 *
 * - Usually synchronously: lines gather for `flushIntervalMs`; urgent ones are written at once, with what has gathered.
 * - After a slow write asynchronously, one write at a time and in order, until twenty in a row were fast.
 * - After a failed write (`isFailing`) lines wait in memory; tries follow with growing pauses until one succeeds.
 *
 * It never throws at who logs, and its timers do not keep the process alive. Whoever made it closes it.
 */
export class FileSink {
  readonly file: AppendFile
  /** Lines that reached the file, by severity. */
  readonly written = new SeverityCounts()
  /** Writes that failed, by the highest severity that waited, 0 when nothing did; their lines were kept. */
  readonly failed = new SeverityCounts()
  /** Lines dropped for good, by severity. */
  readonly dropped = new SeverityCounts()
  readonly #memory: LineMemory
  readonly #pending: PendingLines
  readonly #events: SinkEvents
  readonly #options: FileSinkOptions
  readonly #trouble = new WriteTrouble()
  #isAsync = false
  #timer: NodeJS.Timeout | undefined
  #lastError: Error | undefined
  #fastWrites = 0
  #lastMoveCheckMs = -Infinity
  #lastDropReportMs = -Infinity
  #nextReliefMs = -Infinity
  /** The asynchronous write whose end is waited for. */
  #underWay: WriteUnderWay | undefined
  #isClosed = false

  constructor(file: AppendFile, memory: LineMemory, options: FileSinkOptions, events: SinkEvents) {
    this.file = file
    this.#memory = memory
    this.#pending = new PendingLines(memory)
    this.#options = options
    this.#events = events
  }

  get isFailing(): boolean {
    return this.#trouble.isOn
  }

  get pendingCount(): number {
    return this.#pending.count
  }

  /** Takes a line with its newline, and tells what became of it. */
  add(
    line: string,
    severity: number,
    isUrgent: boolean,
  ): { readonly outcome: WriteOutcome; readonly sequence: number } {
    const sequence = this.put(line, severity, isUrgent)
    const isKept = sequence !== -1 && !this.isFailing
    return { outcome: !isKept ? 'failed' : this.#pending.count === 0 ? 'written' : 'pending', sequence }
  }

  /**
   * Takes a line with its newline; returns its sequence number, or -1 when it was dropped. An urgent one is written before this
   * returns, unless the disk is slow or failing.
   */
  put(line: string, severity: number, isUrgent: boolean): number {
    if (this.#isAsync && this.#memory.isFullFor(line.length)) this.#relieve()
    const sequence = this.#pending.push(line, severity)
    if (sequence === -1 || this.isFailing) return sequence
    if (isUrgent || this.#options.flushIntervalMs === 0 || this.#pending.characters >= FULL_BATCH_CHARACTERS)
      this.flush()
    else this.#timer ??= setTimeout(() => this.#flushInTime(), this.#options.flushIntervalMs).unref()
    return sequence
  }

  /** Takes back a line that was `failed` here: it was written elsewhere. */
  withdraw(sequence: number): void {
    this.#pending.withdraw(sequence)
  }

  /** Writes what is pending now, or begins to. While the file is failing the next try stays where it is. */
  flush(): void {
    if (this.#isClosed || this.isFailing) return
    if (this.#isAsync) this.#startWrite()
    else this.#writeSync(Infinity)
  }

  /**
   * The end of the interval. A batch that was full before leaves the timer to the lines after it, which are written early then: a new
   * timer for each batch would cost more.
   */
  #flushInTime(): void {
    this.#timer = undefined
    this.flush()
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Writes piece by piece until nothing is pending, a write fails, or, after a piece, `deadlineMs` has passed. */
  #writeSync(deadlineMs: number): void {
    while (this.#pending.count > 0) {
      const { text, slots } = this.#pending.peek(MAX_WRITE_CHARACTERS)
      const startMs = performance.now()
      try {
        this.#followMove(startMs)
        this.file.writeSync(bytesForNow(text))
      } catch (error) {
        this.#writeFailed(error as Error)
        return
      }
      this.#written(slots)
      const endMs = performance.now()
      if (endMs > deadlineMs) return
      if (deadlineMs === Infinity && endMs - startMs > SLOW_WRITE_MS && this.#options.mayWriteAsync) {
        this.#isAsync = true
        this.#fastWrites = 0
        this.#events.slow(this, endMs - startMs, true)
        this.#startWrite()
        return
      }
    }
  }

  #startWrite(): void {
    if (this.#underWay !== undefined || this.#pending.count === 0) return
    const { text, slots } = this.#pending.peek(MAX_WRITE_CHARACTERS)
    const startMs = performance.now()
    try {
      this.#followMove(startMs)
      const write = new WriteUnderWay(this.file, Buffer.from(text, 'utf8'), slots)
      write.lines = this.#pending.lock(slots)
      this.#underWay = write
      void write.end.then((error) => this.#endWrite(write, performance.now() - startMs, error))
    } catch (error) {
      this.#writeFailed(error as Error)
    }
  }

  #endWrite(write: WriteUnderWay, writeMs: number, error: Error | undefined): void {
    if (this.#underWay !== write) {
      // Taken for done by #settleBySize, since the file had grown: by the lines of another process, as it turns out.
      if (error !== undefined) this.#lostUnseen(write, error)
      return
    }
    this.#underWay = undefined
    if (error !== undefined) {
      this.#writeFailed(error)
      return
    }
    this.#written(write.slots)
    this.#noteSpeed(writeMs)
    this.flush()
  }

  #noteSpeed(writeMs: number): void {
    this.#fastWrites = writeMs < FAST_WRITE_MS ? this.#fastWrites + 1 : 0
    if (this.#fastWrites < FAST_WRITES_TO_RECOVER) return
    this.#isAsync = false
    this.#events.slow(this, writeMs, false)
  }

  #lostUnseen(write: WriteUnderWay, error: Error): void {
    const lines = write.lines ?? new SeverityCounts()
    this.failed.add(lines.highest, 1)
    this.dropped.addAll(lines)
    this.written.addAll(lines, -1)
    this.#events.failed(this, error)
  }

  /** Makes room in a full memory by a synchronous write, if there has not been one too lately. */
  #relieve(): void {
    const startMs = performance.now()
    if (startMs < this.#nextReliefMs || this.isFailing) return
    if (this.#settleBySize(startMs + RELIEF_WAIT_MS)) {
      const writeStartMs = performance.now()
      // One piece: its own start is the deadline.
      this.#writeSync(writeStartMs)
      if (!this.isFailing) this.#noteSpeed(performance.now() - writeStartMs)
    }
    const endMs = performance.now()
    if (endMs - startMs > SLOW_WRITE_MS) this.#nextReliefMs = endMs + (endMs - startMs) * (RELIEF_SHARE - 1)
  }

  /** Waits for the end of the write under way without the event loop. Returns false when `deadlineMs` came first. */
  #settleBySize(deadlineMs: number): boolean {
    const write = this.#underWay
    if (write === undefined) return true
    if (!write.waitBySize(deadlineMs)) return false
    this.#underWay = undefined
    this.#written(write.slots)
    return true
  }

  #written(slots: number): void {
    this.#pending.remove(slots, this.written)
    if (performance.now() - this.#lastDropReportMs > DROP_REPORT_MS) this.#reportDropped('slow_disk')
  }

  #reportDropped(reason: DropReason): void {
    const dropped = this.#pending.takeDropped()
    if (dropped === undefined) return
    this.#lastDropReportMs = performance.now()
    this.#countDropped(dropped)
    this.#events.dropped(this, dropped, this.isFailing ? 'write_failed' : reason)
  }

  #countDropped(dropped: DroppedLines): void {
    for (const [severity, count] of dropped.countBySeverity) this.dropped.add(severity, count)
  }

  /** Keeps the lines that are not in the file, and tries again later. */
  #writeFailed(error: Error): void {
    this.failed.add(this.#pending.highestSeverity, 1)
    this.#lastError = error
    const { pauseMs, isNews } = this.#trouble.failed(Date.now())
    this.#written(error instanceof FilesWriteError ? this.#pending.slotsWithin(error.wholeLineBytes) : 0)
    this.#stopTimer()
    if (!this.#isClosed) this.#timer = setTimeout(() => this.#retry(), pauseMs).unref()
    if (isNews) this.#events.failed(this, error)
  }

  /** One try decides: opening anew finds a folder, permission or mount that came back; a write finds room on the disk. */
  #retry(): void {
    this.#timer = undefined
    if (this.#isClosed) return
    const { text, slots } = this.#pending.peek(FULL_BATCH_CHARACTERS)
    try {
      this.file.reopen()
      if (slots > 0) this.file.writeSync(Buffer.from(text, 'utf8'))
    } catch (error) {
      this.#writeFailed(error as Error)
      return
    }
    this.#written(slots)
    this.#reportDropped('write_failed')
    const failedForMs = this.#trouble.recovered(Date.now())
    this.#lastError = undefined
    if (failedForMs !== undefined) this.#events.recovered(this, failedForMs)
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
    if (this.#lastError !== undefined) throw this.#lastError
  }

  /** The end of one asynchronous write begins the next, until nothing is pending. */
  async #writesUnderWay(): Promise<void> {
    for (let current = this.#underWay; current !== undefined; current = this.#underWay) await current.end
  }

  /**
   * Writes all that is pending before it returns, for the end of the process; gives up at `deadlineMs` (of
   * performance.now). Node itself waits for a write under way before the process ends.
   */
  drainSync(deadlineMs: number): void {
    if (this.#isClosed) return
    this.#stopTimer()
    const write = this.#underWay
    if (write !== undefined && !this.#settleBySize(deadlineMs)) {
      this.#underWay = undefined
      this.#written(write.slots)
    }
    this.#isAsync = false
    if (this.isFailing) this.#retry()
    if (!this.isFailing) this.#writeSync(deadlineMs)
  }

  /** Gives up what could not be written and closes the file. Returns how many lines were lost by it. */
  close(): number {
    if (this.#isClosed) return 0
    this.#stopTimer()
    this.#isClosed = true
    const lost = this.#pending.dropAll()
    const dropped = this.#pending.takeDropped()
    if (dropped !== undefined) this.#countDropped(dropped)
    this.file.close()
    return lost
  }
}
