import type { Progress } from '../engine/protocol.ts'
import { noCounts, type IncarnationState } from '../follow/incarnation-state.ts'
import { ROW_COLUMNS } from '../row.ts'
import { LOGS_TABLE } from '../schema.ts'
import { messageOf } from '../store-error.ts'
import { Batch } from './batch.ts'
import type { Recovered } from './recovery.ts'
import { storeStates, storedKeys, type RowStore } from './row-store.ts'

export interface IngesterListener {
  onProgress(progress: Progress): void
  onFailure(reason: string, retryInMs: number): void
}

const FIRST_RETRY_MS = 500
const MAX_RETRY_MS = 30_000

/**
 * Stores batches one after the other, each completely: new incarnations, rows, positions. When an insert fails, what it has
 * stored all the same is read back and left out of the next attempt. It never gives up: the follower waits meanwhile,
 * so memory stays bounded, and the files keep what is not stored.
 */
export class Ingester {
  readonly #store: RowStore
  readonly #listener: IngesterListener
  #lastBatch: number
  #committedBatch: number
  #rows: number
  #expiredRows: number
  #running: Promise<void> | undefined
  /** Ends when the last of those who write, one after the other, has written; never rejects. */
  #turn: Promise<unknown> = Promise.resolve()
  /** Number of the batch that may be stored in part: an attempt has failed. */
  #doubtfulBatch: number | undefined
  #lastError: string | null = null

  constructor(
    store: RowStore,
    start: Pick<Recovered, 'lastBatch' | 'rows' | 'expiredRows'>,
    listener: IngesterListener,
  ) {
    this.#store = store
    this.#listener = listener
    this.#lastBatch = this.#committedBatch = start.lastBatch
    this.#rows = start.rows
    this.#expiredRows = start.expiredRows
  }

  get progress(): Progress {
    return { committedBatch: this.#committedBatch, rows: this.#rows, expiredRows: this.#expiredRows }
  }

  /** Why the present batch could not be stored; null when all is well. */
  get lastError(): string | null {
    return this.#lastError
  }

  get isIdle(): boolean {
    return this.#running === undefined
  }

  /** An empty batch with the next number; batches are submitted in the order they were begun. */
  begin(): Batch {
    this.#lastBatch += 1
    return new Batch(this.#lastBatch)
  }

  /**
   * Takes a sealed batch; resolves when the next one may be filled, which is when the one before has been stored.
   * `onStored` is called when this one is.
   */
  async submit(batch: Batch, onStored: () => void): Promise<void> {
    await this.#running
    const running = this.#storeUntilDone(batch, onStored).finally(() => {
      if (this.#running === running) this.#running = undefined
    })
    this.#running = running
  }

  /**
   * Removes rows between two attempts to store, also while a batch waits for the next one: a full disk may be why it does.
   * `remove` tells how many it has removed. It must leave alone the partitions that have rows of the batch it is given,
   * by which what that batch has stored so far is found.
   */
  async expire(remove: (doubtfulBatch: number | undefined) => Promise<number>): Promise<void> {
    const removed = await this.#inTurn(() => remove(this.#doubtfulBatch))
    this.#rows -= removed
    this.#expiredRows += removed
    if (removed > 0) this.#listener.onProgress(this.progress)
  }

  /** Resolves when everything submitted is stored. */
  async drain(): Promise<void> {
    await this.#running
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  async #storeUntilDone(batch: Batch, onStored: () => void): Promise<void> {
    let retryInMs = FIRST_RETRY_MS
    for (;;) {
      try {
        await this.#inTurn(() => this.#storeOnce(batch))
        this.#doubtfulBatch = undefined
        this.#lastError = null
        break
      } catch (error) {
        this.#doubtfulBatch = batch.number
        this.#lastError = `a batch of ${batch.rowCount} rows could not be stored: ${messageOf(error)}`
        this.#listener.onFailure(messageOf(error), retryInMs)
        await new Promise((resolve) => setTimeout(resolve, retryInMs))
        retryInMs = Math.min(retryInMs * 2, MAX_RETRY_MS)
      }
    }
    this.#committedBatch = batch.number
    this.#rows += batch.rowCount
    onStored()
    this.#listener.onProgress(this.progress)
  }

  async #storeOnce(batch: Batch): Promise<void> {
    const stored = this.#doubtfulBatch === batch.number ? await storedKeys(this.#store, batch.number) : NONE
    const newcomers = batch.states.filter(({ id }) => batch.newIds.has(id))
    // Before the first row: its id must never be given to another incarnation.
    if (newcomers.length > 0)
      await storeStates(
        this.#store,
        newcomers.map((state) => beforeFirstRow(state, batch.number - 1)),
      )
    const rows = batch.payload(stored)
    if (rows !== undefined) await this.#store.insert(LOGS_TABLE, ROW_COLUMNS, rows)
    await storeStates(this.#store, batch.states)
  }
}

const NONE: ReadonlySet<string> = new Set()

/** The state of an incarnation of which nothing is stored: known by its content, read from the beginning. */
function beforeFirstRow(state: IncarnationState, version: number): IncarnationState {
  return {
    ...state,
    offset: 0,
    timestamp: '',
    ahead: [],
    endOfArchiveBytes: -1,
    counts: noCounts(),
    version,
  }
}
