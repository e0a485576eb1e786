import type { ProcessJobPayload } from '../queue/task-names.ts'

/** A queued `process_job`, understood. */
export interface ProcessJobTask {
  readonly jobId: number
  /** The request that created the job. */
  readonly requestId: string | null
  /** How often in a row no account was free, or the job in other hands. */
  readonly waits: number
}

/** The task in a payload; undefined for what is none. */
export function parseProcessJobPayload(payload: unknown): ProcessJobTask | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined
  const { job_id: jobId, request_id: requestId, waits } = payload as Record<string, unknown>
  if (typeof jobId !== 'number' || !Number.isSafeInteger(jobId)) return undefined
  return {
    jobId,
    requestId: typeof requestId === 'string' ? requestId : null,
    waits: typeof waits === 'number' && waits > 0 ? waits : 0,
  }
}

/** The payload of a task; `parseProcessJobPayload` reads it back. */
export function formatProcessJobPayload(
  task: ProcessJobTask,
): ProcessJobPayload & { readonly waits: number } {
  return { job_id: task.jobId, request_id: task.requestId, waits: task.waits }
}
