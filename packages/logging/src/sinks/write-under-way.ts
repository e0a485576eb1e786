import { performance } from 'node:perf_hooks'
import type { AppendFile } from '@pixsim7/files'
import type { SeverityCounts } from '../core/severity-counts.ts'

/** An asynchronous write that has begun. */
export class WriteUnderWay {
  /** Slots of the pending lines it writes. */
  readonly slots: number
  /** How many lines of which severity those hold. Set by the sink once they are locked. */
  lines: SeverityCounts | undefined
  /** Resolves when it has ended, with the error if it failed. Never rejects. */
  readonly end: Promise<Error | undefined>
  readonly #file: AppendFile
  readonly #sizeAfter: number

  /** @throws What asking the file for its size throws; then nothing was begun. */
  constructor(file: AppendFile, lines: Buffer, slots: number) {
    this.#file = file
    this.#sizeAfter = file.sizeBytes() + lines.length
    this.slots = slots
    this.end = file.write(lines).then(
      () => undefined,
      (error: unknown) => error as Error,
    )
  }

  /**
   * Waits for its end without the event loop, which has no turn now. The write cannot be asked, so the size of the file
   * tells, which lines of other processes may reach sooner. Returns false when `deadlineMs` (of performance.now) came first.
   */
  waitBySize(deadlineMs: number): boolean {
    const nothing = new Int32Array(new SharedArrayBuffer(4))
    try {
      while (this.#file.sizeBytes() < this.#sizeAfter) {
        if (performance.now() > deadlineMs) return false
        Atomics.wait(nothing, 0, 0, 1)
      }
    } catch {
      // The file cannot be asked for its size: then there is nothing to wait for.
    }
    return true
  }
}
