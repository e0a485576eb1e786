import type { ProblemCode } from './contract.ts'
import type { Entry } from './schemas.ts'

/**
 * Events of `GET /logs/tail` (server-sent events). The `id:` of each event is the position to resume from, which a
 * browser sends back as `Last-Event-ID`. A tail that begins now begins with an `entries` event without entries: its id
 * is where the tail stands before anything has matched. A comment line goes out every TAIL_HEARTBEAT_MS so that a dead connection shows.
 */
export type TailEvent =
  | { readonly event: 'entries'; readonly data: TailEntries }
  /** The tail cannot go on (engine restarting, session ended); the client reconnects after `retry`. */
  | { readonly event: 'problem'; readonly data: { readonly code: ProblemCode; readonly message: string } }

export interface TailEntries {
  /** In the order they were stored. */
  readonly logs: readonly Entry[]
  /** Matching entries left out because more came than the tail may carry. */
  readonly skipped: number
}

/** Most entries one tail event carries: a burst of a busy second fits, and half of what the panel can hold back. */
export const TAIL_BATCH_LIMIT = 1000

/** Pause between the comments that prove a quiet tail alive. */
export const TAIL_HEARTBEAT_MS = 15_000
