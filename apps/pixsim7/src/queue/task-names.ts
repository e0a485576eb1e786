/** Tasks of the queue; the worker's task list and whoever adds jobs agree here. */
export const PROCESS_JOB = 'process_job'
export const POLL_JOB_STATUSES = 'poll_job_statuses'

/** Payload of {@link PROCESS_JOB}. */
export interface ProcessJobPayload {
  readonly job_id: number
  /** The request that created the job, so that the worker's lines can be found from it. Null for a job the sweeper picked up. */
  readonly request_id: string | null
}
