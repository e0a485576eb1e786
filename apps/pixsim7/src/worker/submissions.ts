/** The audit of what was sent to providers: one row per attempt, never deleted. */
import { redactText } from '@pixsim7/logging'
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Job, JsonObject, ProviderSubmission, Tables } from '../database/tables.ts'
import type { Accepted, ProviderPayload } from '../provider/provider.ts'
import type { ProviderError } from '../provider/provider-error.ts'

/** Codes for which the account is to blame, or nobody: they do not use up the tries of a job. */
const NOT_THE_JOBS_FAULT = [
  'provider_auth_failed',
  'provider_quota_exceeded',
  'provider_rate_limit',
  'worker_stopped',
]

export interface Tries {
  readonly total: number
  /** Those that count against the job. */
  readonly counted: number
}

/** How often a job was submitted, the present try included once it is recorded. */
export async function countTries(db: Kysely<Tables>, jobId: number): Promise<Tries> {
  return db
    .selectFrom('provider_submissions')
    .select([
      (eb) => eb.fn.countAll<number>().as('total'),
      sql<number>`count(*) filter (where (response ->> 'code') is null or response ->> 'code' <> all(${NOT_THE_JOBS_FAULT}))`.as(
        'counted',
      ),
    ])
    .where('job_id', '=', jobId)
    .executeTakeFirstOrThrow()
}

/** A job is given up after so many times its tries, even if no single failure counted against it. */
const TOTAL_TRIES_FACTOR = 5

/** True when a job has had all the tries it may have. */
export function areTriesUsedUp(tries: Tries, maxTries: number): boolean {
  return tries.counted >= maxTries || tries.total >= maxTries * TOTAL_TRIES_FACTOR
}

/** The last attempt of a job. */
export function newestSubmission(db: Kysely<Tables>, jobId: number): Promise<ProviderSubmission | undefined> {
  return db
    .selectFrom('provider_submissions')
    .selectAll()
    .where('job_id', '=', jobId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/**
 * The trace id of an attempt that nobody knows the end of. The next attempt must carry it too: the provider then answers with
 * what it may have begun already instead of beginning, and billing, again.
 */
export function unansweredTraceId(
  submission: ProviderSubmission | undefined,
  accountId: number,
): string | undefined {
  if (submission === undefined || submission.account_id !== accountId) return undefined
  const isUnanswered = submission.status === 'pending' || submission.response?.['is_answer_unknown'] === true
  const traceId = submission.payload['trace_id']
  return isUnanswered && typeof traceId === 'string' ? traceId : undefined
}

/** Records an attempt that is about to be made. */
export function openSubmission(
  db: Kysely<Tables>,
  attempt: {
    readonly job: Job
    readonly accountId: number
    readonly traceId: string
    readonly body: ProviderPayload
    readonly earlierTries: number
  },
): Promise<ProviderSubmission> {
  const { job } = attempt
  return db
    .insertInto('provider_submissions')
    .values({
      job_id: job.id,
      account_id: attempt.accountId,
      provider_id: job.provider_id,
      payload: JSON.stringify({
        trace_id: attempt.traceId,
        operation_type: job.operation_type,
        body: attempt.body,
      }),
      response: null,
      retry_attempt: attempt.earlierTries,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Records that the provider took it. */
export async function acceptSubmission(
  db: Kysely<Tables>,
  submissionId: number,
  accepted: Accepted,
  durationMs: number,
): Promise<void> {
  const response: JsonObject = {
    provider_video_id: accepted.providerVideoId,
    status: accepted.status,
    estimated_completion: accepted.estimatedCompletion.toISOString(),
  }
  await db
    .updateTable('provider_submissions')
    .set({
      status: 'success',
      provider_job_id: accepted.providerJobId,
      response: JSON.stringify(response),
      responded_at: sql<Date>`now()`,
      duration_ms: durationMs,
    })
    .where('id', '=', submissionId)
    .execute()
}

/** Records that the provider refused it, or that no answer came. */
export async function rejectSubmission(
  db: Kysely<Tables>,
  submissionId: number,
  error: ProviderError,
  durationMs: number,
): Promise<void> {
  const response: JsonObject = {
    code: error.code.toLowerCase(),
    provider_code: error.providerCode,
    status_code: error.statusCode,
    is_answer_unknown: error.isAnswerUnknown,
  }
  await endSubmission(db, submissionId, {
    status: error.isAnswerUnknown && error.statusCode === undefined ? 'timeout' : 'error',
    response,
    errorMessage: error.message,
    durationMs,
  })
}

/** Records an attempt whose end nobody saw: its worker was stopped (`worker_stopped`) or killed (`worker_lost`). */
export async function abandonSubmission(
  db: Kysely<Tables>,
  submissionId: number,
  code: 'worker_stopped' | 'worker_lost',
): Promise<void> {
  await endSubmission(db, submissionId, {
    status: 'timeout',
    response: { code, is_answer_unknown: true },
    errorMessage: 'The worker ended before the answer came',
    durationMs: null,
  })
}

/** Records an attempt that ended by a mistake of ours. */
export async function breakSubmission(
  db: Kysely<Tables>,
  submissionId: number,
  error: unknown,
): Promise<void> {
  await endSubmission(db, submissionId, {
    status: 'error',
    response: { code: 'internal_error' },
    errorMessage: redactText(error instanceof Error ? error.message : String(error)),
    durationMs: null,
  })
}

async function endSubmission(
  db: Kysely<Tables>,
  submissionId: number,
  end: {
    readonly status: 'error' | 'timeout'
    readonly response: JsonObject
    readonly errorMessage: string
    readonly durationMs: number | null
  },
): Promise<void> {
  await db
    .updateTable('provider_submissions')
    .set({
      status: end.status,
      response: JSON.stringify(end.response),
      error_message: end.errorMessage.slice(0, 1000),
      responded_at: sql<Date>`now()`,
      duration_ms: end.durationMs,
    })
    .where('id', '=', submissionId)
    .where('status', '=', 'pending')
    .execute()
}
