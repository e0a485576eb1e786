/** The jobs the poller looks after, each with its last attempt and the account it was made with. */
import type { Kysely } from 'kysely'
import type { Job, JsonObject, ProviderAccountRow, Tables } from '../database/tables.ts'

/** More at once would make one look at all of them take longer than the time between two looks. */
const MAX_RUNNING_JOBS = 1000

export interface RunningJob {
  readonly job: Job
  /** Null for a job that was never submitted, which only damage to the database can cause. */
  readonly submission: {
    readonly id: number
    readonly provider_job_id: string | null
    readonly submitted_at: Date
    readonly responded_at: Date | null
    readonly payload: JsonObject
    readonly response: JsonObject | null
  } | null
  /** Null when the account was deleted. */
  readonly account: Pick<ProviderAccountRow, 'id' | 'provider_id' | 'status' | 'secrets'> | null
}

/** All jobs being processed, the longest running first. */
export async function listRunningJobs(db: Kysely<Tables>): Promise<RunningJob[]> {
  const jobs = await db
    .selectFrom('jobs')
    .selectAll()
    .where('status', '=', 'processing')
    .orderBy('started_at', 'asc')
    .limit(MAX_RUNNING_JOBS)
    .execute()
  if (jobs.length === 0) return []
  const submissions = await db
    .selectFrom('provider_submissions')
    .distinctOn('job_id')
    .select([
      'id',
      'job_id',
      'account_id',
      'provider_job_id',
      'submitted_at',
      'responded_at',
      'payload',
      'response',
    ])
    .where(
      'job_id',
      'in',
      jobs.map((job) => job.id),
    )
    .orderBy('job_id')
    .orderBy('id', 'desc')
    .execute()
  const accountIds = [...new Set(submissions.flatMap((submission) => submission.account_id ?? []))]
  const accounts =
    accountIds.length === 0
      ? []
      : await db
          .selectFrom('provider_accounts')
          .select(['id', 'provider_id', 'status', 'secrets'])
          .where('id', 'in', accountIds)
          .execute()
  const submissionOf = new Map(submissions.map((submission) => [submission.job_id, submission]))
  const accountOf = new Map(accounts.map((account) => [account.id, account]))
  return jobs.map((job) => {
    const submission = submissionOf.get(job.id) ?? null
    return { job, submission, account: accountOf.get(submission?.account_id ?? 0) ?? null }
  })
}
