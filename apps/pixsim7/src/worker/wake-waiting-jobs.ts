import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'

/**
 * Lets up to `count` jobs that wait for an account try again now, the most urgent and oldest first: so many slots have come
 * free, and the waiting jobs may have a minute of back-off before them. Returns how many there were.
 */
export async function wakeWaitingJobs(db: Kysely<Tables>, count: number): Promise<number> {
  const { rows } = await sql`
    select id from graphile_worker.reschedule_jobs(
      array(
        select queued.id
          from graphile_worker.jobs as queued
          join jobs on queued.key = 'process_job:' || jobs.id
          where jobs.status = 'pending'
            and jobs.reserved_account_id is null
            and coalesce(jobs.scheduled_at, now()) <= now()
            and queued.locked_at is null
            and queued.run_at > now()
          order by jobs.priority, jobs.created_at
          limit ${count}
      ),
      run_at => now()
    )`.execute(db)
  return rows.length
}
