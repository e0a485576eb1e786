import type { FileHealth } from '../log-store.ts'
import type { StoreErrorCode } from '../store-error.ts'
import type { StoreEvent } from '../store-event.ts'
import type { EngineOptions } from '../store-options.ts'

/**
 * What host and engine process say to each other over the child's IPC channel. Both are built from one tree, so there is
 * no version in it. Every message is bounded: questions by MAX_SQL_BYTES, answers by MAX_ANSWER_BYTES.
 */
export type ToEngine =
  /** First message: open the store and begin to follow. Answered by `ready` or `refused`. */
  | { readonly type: 'open'; readonly options: EngineOptions }
  /** Answered by `answer` or `failure` with the same id. */
  | { readonly type: 'query'; readonly id: number; readonly sql: string; readonly timeoutMs: number }
  /** Ends a query of before; its `failure` still comes. */
  | { readonly type: 'cancel'; readonly id: number }
  /** Stop following, store what was read, end. */
  | { readonly type: 'close' }

export type FromEngine =
  | {
      readonly type: 'ready'
      readonly version: string
      readonly storeId: string
      readonly progress: Progress
    }
  /** The store cannot be opened; the process ends. */
  | { readonly type: 'refused'; readonly code: StoreErrorCode; readonly message: string }
  /** Rows as JSONEachRow. */
  | { readonly type: 'answer'; readonly id: number; readonly text: string }
  | { readonly type: 'failure'; readonly id: number; readonly code: StoreErrorCode; readonly message: string }
  /** Each second, and with `progress` after each batch: silence means that the process hangs. */
  | { readonly type: 'heartbeat'; readonly health: EngineHealth }
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'event'; readonly event: StoreEvent }

export interface Progress {
  /** Rows up to and including this batch number do not change any more. */
  readonly committedBatch: number
  readonly rows: number
  /** Rows that retention has removed so far. */
  readonly expiredRows: number
}

export interface EngineHealth {
  readonly residentBytes: number
  readonly progress: Progress
  /** The first of its process: what an earlier process said of files is out of date. */
  readonly isFirst: boolean
  /** Files whose numbers changed since the last heartbeat, by incarnation id. */
  readonly changedFiles: readonly (readonly [id: number, health: FileHealth])[]
  /** Incarnations that are no longer shown: gone and read to their end. */
  readonly removedFiles: readonly number[]
  readonly lastError: string | null
}

export const HEARTBEAT_INTERVAL_MS = 1000

/** No question of ours comes near it; what does is hostile. */
export const MAX_SQL_BYTES = 256 * 1024

/** The engine refuses an answer above it (STORE_TOO_LARGE); questions that may exceed it are asked in parts. */
export const MAX_ANSWER_BYTES = 16 * 1024 ** 2
