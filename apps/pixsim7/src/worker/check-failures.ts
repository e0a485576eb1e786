/** Failed looks at a job, remembered with its submission, so that any worker knows when to look again. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import type { ProviderErrorCode } from '../provider/provider-error.ts'
import type { RunningJob } from './running-jobs.ts'

type Submission = NonNullable<RunningJob['submission']>

/** Looks are spread no further apart than so many poll intervals. */
const MAX_INTERVALS = 12

export interface CheckFailures {
  readonly inARow: number
  /** Those of them whose answer could not be understood, as opposed to none. */
  readonly badAnswers: number
}

/** When to look again, in milliseconds since 1970; 0 for at once. */
export function nextCheckAt(submission: Submission): number {
  return numberIn(submission, 'next_check_at')
}

/** Counts one more failed look and sets the time of the next one, twice as far away each time. */
export async function recordFailedCheck(
  db: Kysely<Tables>,
  submission: Submission,
  code: ProviderErrorCode | undefined,
  intervalMs: number,
): Promise<CheckFailures> {
  const inARow = numberIn(submission, 'failed_checks') + 1
  const badAnswers = code === 'PROVIDER_BAD_ANSWER' ? numberIn(submission, 'bad_answers') + 1 : 0
  const delayMs = intervalMs * Math.min(MAX_INTERVALS, 2 ** (inARow - 1))
  await merge(db, submission.id, {
    failed_checks: inARow,
    bad_answers: badAnswers,
    // A little less than whole intervals, or the look falls just behind a poll and waits for the next.
    next_check_at: Math.round(Date.now() + delayMs - intervalMs / 2),
  })
  return { inARow, badAnswers }
}

/** Forgets failed looks after one that went well. */
export async function clearFailedChecks(db: Kysely<Tables>, submission: Submission): Promise<void> {
  if (numberIn(submission, 'failed_checks') === 0) return
  await merge(db, submission.id, { failed_checks: 0, bad_answers: 0, next_check_at: 0 })
}

async function merge(
  db: Kysely<Tables>,
  submissionId: number,
  change: Readonly<Record<string, number>>,
): Promise<void> {
  await db
    .updateTable('provider_submissions')
    .set({ response: sql`coalesce(response, '{}'::jsonb) || ${JSON.stringify(change)}::jsonb` })
    .where('id', '=', submissionId)
    .execute()
}

function numberIn(submission: Submission, key: string): number {
  const value = submission.response?.[key]
  return typeof value === 'number' ? value : 0
}
