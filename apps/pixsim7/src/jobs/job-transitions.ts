/**
 * The only writers of a job's status. Each is one UPDATE that names the statuses it may come from, so that of two processes
 * wanting the same job exactly one succeeds; the other gets undefined and must leave the job alone.
 *
 *   pending ──► processing ──► completed
 *      │  ▲─────────┤    ├───► failed
 *      │  (retry)        └───► cancelled
 *      └─► failed, cancelled
 */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Job, Tables } from '../database/tables.ts'
import type { JobStatus } from '../database/values.ts'

const MAY_COME_FROM: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  pending: ['processing'],
  processing: ['pending'],
  completed: ['processing'],
  failed: ['pending', 'processing'],
  cancelled: ['pending', 'processing'],
}

/** Keeps an error text that came from a provider within what a list can show. */
const MAX_ERROR_LENGTH = 1000

interface Changes {
  readonly error_message?: string | null
  readonly asset_id?: number
  readonly isTerminal?: boolean
  readonly isRetry?: boolean
}

function moveJob(
  db: Kysely<Tables>,
  jobId: number,
  to: JobStatus,
  changes: Changes,
): Promise<Job | undefined> {
  return db
    .updateTable('jobs')
    .set({
      status: to,
      ...(changes.error_message === undefined ? {} : { error_message: changes.error_message }),
      ...(changes.asset_id === undefined ? {} : { asset_id: changes.asset_id }),
      ...(changes.isTerminal === true ? { completed_at: sql<Date>`now()` } : {}),
      ...(changes.isRetry === true ? { retry_count: sql<number>`retry_count + 1` } : {}),
      ...(to === 'processing' ? { started_at: sql<Date>`coalesce(started_at, now())` } : {}),
    })
    .where('id', '=', jobId)
    .where('status', 'in', MAY_COME_FROM[to])
    .returningAll()
    .executeTakeFirst()
}

/** pending → processing. Undefined when the job is not pending (any more). */
export function startJob(db: Kysely<Tables>, jobId: number): Promise<Job | undefined> {
  return moveJob(db, jobId, 'processing', {})
}

/** processing → completed, with the asset it made. Undefined when the job is not processing (any more). */
export function completeJob(db: Kysely<Tables>, jobId: number, assetId: number): Promise<Job | undefined> {
  return moveJob(db, jobId, 'completed', { asset_id: assetId, error_message: null, isTerminal: true })
}

/** pending or processing → failed, with the reason shown to the user. Undefined when the job has ended already. */
export function failJob(db: Kysely<Tables>, jobId: number, reason: string): Promise<Job | undefined> {
  return moveJob(db, jobId, 'failed', { error_message: reason.slice(0, MAX_ERROR_LENGTH), isTerminal: true })
}

/** pending or processing → cancelled. Undefined when the job has ended already. */
export function cancelJob(db: Kysely<Tables>, jobId: number): Promise<Job | undefined> {
  return moveJob(db, jobId, 'cancelled', { isTerminal: true })
}

/**
 * processing → pending, counting the retry: for a submission that failed in a way another try may mend. `started_at` keeps
 * its first value. Undefined when the job is not processing (any more), cancelled in the meantime for instance.
 */
export function retryJob(db: Kysely<Tables>, jobId: number, reason: string): Promise<Job | undefined> {
  return moveJob(db, jobId, 'pending', { error_message: reason.slice(0, MAX_ERROR_LENGTH), isRetry: true })
}
