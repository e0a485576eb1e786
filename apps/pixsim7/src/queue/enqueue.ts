import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Job, Tables } from '../database/tables.ts'
import { PROCESS_JOB } from './task-names.ts'
import type { ProcessJobPayload } from './task-names.ts'

/** Tries of one queued task, the first included; between them the queue waits longer each time. */
export const MAX_ATTEMPTS = 3

/** Key of the queued task of a job: there is at most one, so that queueing twice does no harm. */
export function processJobKey(jobId: number): string {
  return `${PROCESS_JOB}:${jobId}`
}

/**
 * Queues the processing of a job, at its `scheduled_at` if it has one. A task already queued for it is replaced, keeping its
 * time; one that has used up its tries begins anew. Throws what the database throws; the job row itself is not touched.
 */
export async function enqueueProcessJob(
  db: Kysely<Tables>,
  job: Pick<Job, 'id' | 'priority' | 'scheduled_at'>,
  requestId: string | null = null,
): Promise<void> {
  const payload: ProcessJobPayload = { job_id: job.id, request_id: requestId }
  await sql`
    select graphile_worker.add_job(
      identifier => ${PROCESS_JOB},
      payload => ${JSON.stringify(payload)}::json,
      run_at => ${job.scheduled_at}::timestamptz,
      max_attempts => ${MAX_ATTEMPTS}::int,
      job_key => ${processJobKey(job.id)},
      priority => ${job.priority}::int,
      job_key_mode => 'preserve_run_at'
    )`.execute(db)
}

/** Takes the processing of a job out of the queue; fine if nothing is queued. A task that runs already runs on. */
export async function dequeueProcessJob(db: Kysely<Tables>, jobId: number): Promise<void> {
  await sql`select graphile_worker.remove_job(${processJobKey(jobId)})`.execute(db)
}
