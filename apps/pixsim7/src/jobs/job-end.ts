import type { Job } from '../database/tables.ts'

/**
 * The fields every record carries that tells the end of a job, whoever ended it: `job_status` (completed, failed, cancelled)
 * and `total_sec`, from its creation to now.
 */
export function endFields(job: Pick<Job, 'status' | 'created_at' | 'completed_at'>): {
  readonly job_status: string
  readonly total_sec: number
} {
  const endedAtMs = job.completed_at?.getTime() ?? Date.now()
  return { job_status: job.status, total_sec: Math.round((endedAtMs - job.created_at.getTime()) / 100) / 10 }
}
