import { performance } from 'node:perf_hooks'
import { FilesWriteError, type AppendFile } from '@pixsim7/files'
import type { LineMemory } from './line-memory.ts'
import { PendingLines, type DroppedLines } from './pending-lines.ts'
import { WriteTrouble } from './write-trouble.ts'

/** A batch is written before its time when it has this many characters: one write of 64 kB costs little more than one of 4 kB. */
const FULL_BATCH_CHARACTERS = 64 * 1024
/** Longest single write: what waited while the disk was full goes out in pieces, so that no write blocks for long. */
const MAX_WRITE_CHARACTERS = 1024 * 1024
/** A synchronous write that takes longer holds up every request of the process: from then on writes are asynchronous. */
const SLOW_WRITE_MS = 10
/** So many asynchronous writes in a row have to be fast again before they become synchronous. */
const FAST_WRITES_TO_RECOVER = 20
const FAST_WRITE_MS = 4
/** Looking at the path costs 3 µs, so bursts of single writes share a look; a renamed file is noticed within this time. */
const MOVE_CHECK_MS = 5
const DROP_REPORT_MS = 1000

/** Why lines were dropped: the file could not be written, or not as fast as lines came. */
export type DropReason = 'write_failed' | 'slow_disk'

/** What a sink tells about itself; its owner makes records of it, but not before the call of the sink has returned. */
export interface SinkEvents {
  slow(sink: FileSink, writeMs: number, isAsync: boolean): void
  failed(sink: FileSink, error: Error): void
  recovered(sink: FileSink, failedForMs: number): void
  dropped(sink: FileSink, dropped: DroppedLines, reason: DropReason): void
  reopened(sink: FileSink, reason: 'moved' | 'signal'): void
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
 * - Usually synchronously: lines gather for `flushIntervalMs`; urgent ones are written at once, with what has gathered.
 * - After a slow write asynchronously, one write at a time and in order, until twenty in a row were fast.
 * - After a failed write (`isFailing`) lines wait in memory; tries follow with growing pauses until one succeeds.
 *
 * It never throws at who logs, and its timers do not keep the process alive. Whoever made it closes it.
 */
export class FileSink {
  readonly file: AppendFile
  /** Lines that reached the file. */
  writtenLines = 0
  /** Writes that failed; their lines were kept. */
  failedWrites = 0
  /** Lines dropped for good. */
  droppedLines = 0
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
  /** The asynchronous write whose end is waited for. */
  #inFlight: InFlight | undefined
  #isClosed = false

  constructor(file: AppendFile, memory: LineMemory, options: FileSinkOptions, events: SinkEvents) {
    this.file = file
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

  /** Takes a line with its newline. An urgent one is written before this returns, unless the disk is slow or failing. */
  add(
    line: string,
    severity: number,
    isUrgent: boolean,
  ): { readonly outcome: WriteOutcome; readonly sequence: number } {
    const sequence = this.#pending.push(line, severity)
    if (sequence === -1 || this.isFailing) return { outcome: 'failed', sequence }
    if (
      isUrgent ||
      this.#options.flushIntervalMs === 0 ||
      this.#pending.characters >= FULL_BATCH_CHARACTERS
    ) {
      this.flush()
      const outcome = this.isFailing ? 'failed' : this.#pending.count === 0 ? 'written' : 'pending'
      return { outcome, sequence }
    }
    this.#timer ??= setTimeout(() => this.flush(), this.#options.flushIntervalMs).unref()
    return { outcome: 'pending', sequence }
  }

  /** Takes back a line that was `failed` here: it was written elsewhere. */
  withdraw(sequence: number): void {
    this.#pending.withdraw(sequence)
  }

  /** Writes what is pending now, or begins to. While the file is failing the next try stays where it is. */
  flush(): void {
    if (this.#isClosed || this.isFailing) return
    this.#stopTimer()
    if (this.#isAsync) this.#startWrite()
    else this.#writeSync(Infinity)
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Writes piece by piece until nothing is pending, a write fails, or `deadlineMs` has passed. */
  #writeSync(deadlineMs: number): void {
    while (this.#pending.count > 0) {
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
    if (this.#inFlight !== undefined || this.#pending.count === 0) return
    const { text, slots } = this.#pending.peek(MAX_WRITE_CHARACTERS)
    const buffer = Buffer.from(text, 'utf8')
    const startMs = performance.now()
    try {
      this.#followMove(startMs)
      const sizeBefore = this.file.sizeBytes()
      this.#pending.lock(slots)
      const done = this.file.write(buffer).then(
        () => this.#endWrite(inFlight, performance.now() - startMs),
        (error: unknown) => this.#endWrite(inFlight, 0, error as Error),
      )
      const inFlight: InFlight = { slots, bytes: buffer.length, sizeBefore, done }
      this.#inFlight = inFlight
    } catch (error) {
      this.#writeFailed(error as Error)
    }
  }

  #endWrite(inFlight: InFlight, writeMs: number, error?: Error): void {
    // Settled already by drainSync, which could not wait for this.
    if (this.#inFlight !== inFlight) return
    this.#inFlight = undefined
    if (error !== undefined) {
      this.#writeFailed(error)
      return
    }
    this.#written(inFlight.slots)
    this.#fastWrites = writeMs < FAST_WRITE_MS ? this.#fastWrites + 1 : 0
    if (this.#fastWrites >= FAST_WRITES_TO_RECOVER) {
      this.#isAsync = false
      this.#events.slow(this, writeMs, false)
    }
    this.flush()
  }

  #written(slots: number): void {
    const before = this.#pending.count
    this.#pending.remove(slots)
    this.writtenLines += before - this.#pending.count
    if (performance.now() - this.#lastDropReportMs > DROP_REPORT_MS) this.#reportDropped('slow_disk')
  }

  #reportDropped(reason: DropReason): void {
    const dropped = this.#pending.takeDropped()
    if (dropped === undefined) return
    this.#lastDropReportMs = performance.now()
    this.droppedLines += dropped.total
    this.#events.dropped(this, dropped, this.isFailing ? 'write_failed' : reason)
  }

  /** Keeps the lines that are not in the file, and tries again later. */
  #writeFailed(error: Error): void {
    this.failedWrites++
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
    for (let current = this.#inFlight; current !== undefined; current = this.#inFlight) await current.done
  }

  /**
   * Writes all that is pending before it returns, for the end of the process; gives up at `deadlineMs` (of
   * performance.now). A write under way cannot be asked whether it has ended, so the size of the file tells; Node itself
   * waits for it at the end of the process.
   */
  drainSync(deadlineMs: number): void {
    if (this.#isClosed) return
    this.#stopTimer()
    const inFlight = this.#inFlight
    if (inFlight !== undefined) {
      waitUntil(() => this.file.sizeBytes() >= inFlight.sizeBefore + inFlight.bytes, deadlineMs)
      this.#inFlight = undefined
      this.#written(inFlight.slots)
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
