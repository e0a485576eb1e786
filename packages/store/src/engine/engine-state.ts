import type { FileHealth, StoreHealth } from '../log-store.ts'
import type { BatchClock } from '../questions/tail.ts'
import { StoreError } from '../store-error.ts'
import type { EngineHealth, FromEngine, Progress } from './protocol.ts'

/**
 * What the host knows of its engine, from the messages of its present and earlier processes.
 *
 * starting → ready → lost → ready → …; closed from anywhere. Before the first `ready`, `lost` is final: the store could
 * not be opened, and `waitReady` rejects with the reason.
 */
export class EngineState implements BatchClock {
  #phase: 'starting' | 'ready' | 'lost' | 'refused' | 'closed' = 'starting'
  #refusal: StoreError | undefined
  #storeId = ''
  #version: string | null = null
  #pid: number | null = null
  #readyCount = 0
  #progress: Progress = { committedBatch: 0, rows: 0, expiredRows: 0 }
  #residentBytes: number | null = null
  #engineError: string | null = null
  #lostReason: string | null = null
  readonly #files = new Map<number, FileHealth>()
  /** Called, and forgotten, at each change; whoever waits looks again. */
  readonly #waiting = new Set<() => void>()

  get isReady(): boolean {
    return this.#phase === 'ready'
  }

  get hasBeenReady(): boolean {
    return this.#readyCount > 0
  }

  get restarts(): number {
    return Math.max(0, this.#readyCount - 1)
  }

  get lastError(): string | null {
    return this.#lostReason ?? this.#engineError
  }

  get storeId(): string {
    return this.#storeId
  }

  get committedBatch(): number {
    return this.#progress.committedBatch
  }

  /** See StorageUse.expiredRows. */
  get expiredRows(): number {
    return this.#progress.expiredRows
  }

  ready(message: Extract<FromEngine, { type: 'ready' }>, pid: number): void {
    this.#phase = 'ready'
    this.#readyCount += 1
    this.#storeId = message.storeId
    this.#version = message.version
    this.#pid = pid
    this.#lostReason = null
    this.#engineError = null
    this.progress(message.progress)
  }

  progress(progress: Progress): void {
    this.#progress = progress
    this.#wake()
  }

  heartbeat(health: EngineHealth): void {
    this.#residentBytes = health.residentBytes
    this.#engineError = health.lastError
    if (health.isFirst) this.#files.clear()
    for (const [id, file] of health.changedFiles) this.#files.set(id, file)
    for (const id of health.removedFiles) this.#files.delete(id)
    this.progress(health.progress)
  }

  lost(reason: string, refusal: StoreError | undefined): void {
    if (this.#phase !== 'closed') this.#phase = refusal === undefined ? 'lost' : 'refused'
    this.#refusal = refusal
    this.#lostReason = reason
    this.#pid = null
    this.#residentBytes = null
    this.#wake()
  }

  close(): void {
    this.#phase = 'closed'
    this.#wake()
  }

  /**
   * Resolves when the engine answers, or the signal aborts.
   *
   * @throws StoreError STORE_CLOSED, or why the store could not be opened.
   */
  async waitReady(signal: AbortSignal): Promise<void> {
    for (;;) {
      if (this.#phase === 'ready' || signal.aborted) return
      this.#throwIfOver()
      await this.#change(signal)
    }
  }

  async waitBeyond(batch: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      if (this.#progress.committedBatch > batch || signal.aborted) return
      this.#throwIfOver()
      await this.#change(signal)
    }
  }

  health(): StoreHealth {
    const files = [...this.#files.values()]
    // A damaged archive that is read as far as it goes is shown, but is no reason to act for ever.
    const hasTrouble =
      this.#engineError !== null || files.some((file) => file.lastError !== null && file.lagBytes > 0)
    const status = {
      starting: 'starting',
      ready: hasTrouble ? 'degraded' : 'ok',
      lost: 'down',
      refused: 'down',
      closed: 'down',
    } as const
    return {
      status: status[this.#phase],
      engine: {
        name: 'chdb',
        version: this.#version,
        pid: this.#pid,
        restarts: this.restarts,
        residentBytes: this.#residentBytes,
        lastError: this.lastError,
      },
      rows: this.#progress.rows,
      files,
    }
  }

  #throwIfOver(): void {
    if (this.#phase === 'closed')
      throw new StoreError('STORE_CLOSED', 'The store has been closed. Open it again to ask.')
    if (this.#phase === 'refused' && this.#refusal !== undefined) throw this.#refusal
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#waiting.add(done)
      signal.addEventListener('abort', done)
    })
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done()
  }
}
