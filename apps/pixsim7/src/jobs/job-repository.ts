/** Reading and creating jobs. Their status is changed by job-transitions.ts alone. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Job, NewJob, Tables } from '../database/tables.ts'
import type { JobStatus, OperationType } from '../database/values.ts'

export interface JobFilter {
  /** Undefined: the jobs of all users. */
  readonly userId?: number | undefined
  readonly status?: JobStatus | undefined
  readonly operationType?: OperationType | undefined
}

export interface JobPage {
  readonly jobs: Job[]
  /** Of all pages. */
  readonly total: number
}

export function insertJob(db: Kysely<Tables>, job: NewJob): Promise<Job> {
  return db.insertInto('jobs').values(job).returningAll().executeTakeFirstOrThrow()
}

export function findJob(db: Kysely<Tables>, jobId: number): Promise<Job | undefined> {
  return db.selectFrom('jobs').selectAll().where('id', '=', jobId).executeTakeFirst()
}

/** One page, most urgent first, then newest first. */
export async function listJobs(
  db: Kysely<Tables>,
  filter: JobFilter,
  page: { readonly limit: number; readonly offset: number },
): Promise<JobPage> {
  let query = db.selectFrom('jobs')
  if (filter.userId !== undefined) query = query.where('user_id', '=', filter.userId)
  if (filter.status !== undefined) query = query.where('status', '=', filter.status)
  if (filter.operationType !== undefined) query = query.where('operation_type', '=', filter.operationType)
  const [jobs, count] = await Promise.all([
    query
      .selectAll()
      .orderBy('priority', 'asc')
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit)
      .offset(page.offset)
      .execute(),
    query.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow(),
  ])
  return { jobs, total: count.total }
}

/** Number of a user's jobs in each status that occurs. */
export async function countJobsByStatus(
  db: Kysely<Tables>,
  userId: number,
): Promise<Partial<Record<JobStatus, number>>> {
  const rows = await db
    .selectFrom('jobs')
    .select(['status', (eb) => eb.fn.countAll<number>().as('count')])
    .where('user_id', '=', userId)
    .groupBy('status')
    .execute()
  return Object.fromEntries(rows.map((row) => [row.status, row.count]))
}

/**
 * Pending jobs that are due, older than `olderThanMs`, and have no task in the queue that would still run: their enqueueing
 * failed, or their task gave up. Oldest first.
 */
export function listUnqueuedJobs(db: Kysely<Tables>, olderThanMs: number, limit: number): Promise<Job[]> {
  return db
    .selectFrom('jobs')
    .selectAll()
    .where('status', '=', 'pending')
    .where('created_at', '<', sql<Date>`now() - make_interval(secs => ${olderThanMs / 1000})`)
    .where((eb) => eb.or([eb('scheduled_at', 'is', null), eb('scheduled_at', '<=', sql<Date>`now()`)]))
    .where(
      sql<boolean>`not exists (
        select from graphile_worker.jobs as queued
          where queued.key = 'process_job:' || jobs.id and queued.attempts < queued.max_attempts)`,
    )
    .orderBy('created_at', 'asc')
    .limit(limit)
    .execute()
}
