/**
 * The task `process_job`: brings one job to a provider.
 *
 * Whatever happens, it leaves the job in one of these states, and a killed worker leaves it in one from which the next try
 * goes on: `pending` without a slot (not begun, or refused in a way that may pass); `pending` with a slot and an attempt of
 * unknown end (the next try repeats it under its trace id); `processing` with an attempt that is under way or of unknown
 * end; `processing` with a provider's job id, which is the poller's; `failed`, without a slot.
 */
import { LogContext, getLogger } from '@pixsim7/logging'
import { withAdvisoryLock } from '../database/advisory-lock.ts'
import { isConnectionError } from '../database/connection-errors.ts'
import type { Job } from '../database/tables.ts'
import { errorFields } from '../error-fields.ts'
import { TERMINAL_JOB_STATUSES } from '../database/values.ts'
import { endFields } from '../jobs/job-end.ts'
import { findJob } from '../jobs/job-repository.ts'
import { PROCESS_JOB } from '../queue/task-names.ts'
import { backOffMs } from './back-off.ts'
import { failAndRelease, retryLater } from './end-job.ts'
import { parseProcessJobPayload, type ProcessJobTask } from './process-job-payload.ts'
import { abandonSubmission, areTriesUsedUp, countTries, newestSubmission, type Tries } from './submissions.ts'
import { submitJob } from './submit-job.ts'
import type { WorkerDeps } from './worker-deps.ts'

const logger = getLogger('job_processor')

/**
 * A task that finds its job in other hands looks again after this, doubled each time: short, because the hands may be those of
 * a worker killed a moment ago, whose connection the database has not missed yet.
 */
const BUSY_DELAY_MS = 1000

/** What the queue gives a task. */
export interface TaskTools {
  /** Aborts when the worker stops, or the task has taken too long. */
  readonly signal: AbortSignal
  /** True once the worker stops. */
  isStopping(): boolean
  /** The queue will not repeat this task when it throws. */
  readonly isLastTry: boolean
  /** Queues the task again, in place of whatever is queued for the job. */
  requeue(task: ProcessJobTask, delayMs: number): Promise<void>
}

/** @throws what the database throws; the queue then repeats the task */
export async function processJob(deps: WorkerDeps, payload: unknown, tools: TaskTools): Promise<void> {
  const task = parseProcessJobPayload(payload)
  if (task === undefined) {
    logger.error('Queue task names no job', { task: PROCESS_JOB, payload })
    return
  }
  const context = { task: PROCESS_JOB, ...(task.requestId === null ? {} : { request_id: task.requestId }) }
  await LogContext.run({ ...context, job_id: task.jobId }, async () => {
    const job = await findJob(deps.db, task.jobId)
    if (job === undefined) return logger.warning('Job skipped', { status: 'missing' })
    const tries = await countTries(deps.db, task.jobId)
    await LogContext.run({ user_id: job.user_id, attempt: tries.total + 1 }, async () => {
      // Two workers may hold the same task when one was taken for dead.
      const locked = await withAdvisoryLock(deps.pool, `${PROCESS_JOB}:${task.jobId}`, () =>
        processSafely(deps, task, tries, tools),
      )
      if (!locked.isBusy) return
      const delayMs = backOffMs(BUSY_DELAY_MS, task.waits + 1)
      logger.info('Job is in other hands', { retry_in_sec: delayMs / 1000 })
      await tools.requeue({ ...task, waits: task.waits + 1 }, delayMs)
    })
  })
}

async function processSafely(
  deps: WorkerDeps,
  task: ProcessJobTask,
  tries: Tries,
  tools: TaskTools,
): Promise<void> {
  try {
    await processLocked(deps, task, tries, tools)
  } catch (error) {
    if (isConnectionError(error)) {
      // Without a database nothing can be marked; its loss is told elsewhere, and the queue keeps the task.
      logger.warning('Job interrupted, the database is away', { reason: String(error) })
      throw error
    }
    logger.error('Unexpected exception while processing the job', errorFields(error))
    if (tools.isLastTry) {
      const failed = await failAndRelease(deps.db, task.jobId, 'An internal fault stopped this job')
      if (failed !== undefined) {
        deps.counters.failed++
        logger.warning('Job given up after its last try', endFields(failed))
      }
    }
    throw error
  }
}

async function processLocked(
  deps: WorkerDeps,
  task: ProcessJobTask,
  tries: Tries,
  tools: TaskTools,
): Promise<void> {
  // Read again: it may have changed before the lock was ours.
  const job = await findJob(deps.db, task.jobId)
  if (job === undefined) return logger.warning('Job skipped', { status: 'missing' })
  if ((TERMINAL_JOB_STATUSES as readonly string[]).includes(job.status)) {
    return logger.warning('Job skipped', { status: job.status })
  }
  if (job.status === 'processing' && !(await takeOver(deps, job))) return
  const waitMs = (job.scheduled_at?.getTime() ?? 0) - Date.now()
  if (waitMs > 0) {
    logger.info('Job scheduled for later', {
      status: job.status,
      scheduled_at: job.scheduled_at?.toISOString(),
    })
    return tools.requeue(task, waitMs)
  }
  if (areTriesUsedUp(tries, deps.settings.maxTries)) return giveUp(deps, job, tries)
  await submitJob(deps, { job, task, earlierTries: tries.total, tools })
}

/** Takes over a job whose worker ended in the middle of an attempt. False when it is the poller's, or has ended. */
async function takeOver(deps: WorkerDeps, job: Job): Promise<boolean> {
  const newest = await newestSubmission(deps.db, job.id)
  if (newest?.provider_job_id != null) {
    logger.warning('Job skipped', { status: job.status, provider_job_id: newest.provider_job_id })
    return false
  }
  const retried = await retryLater(deps.db, job.id, 'The worker ended before the answer came', {
    keepsAccount: true,
    before: async (transaction) => {
      if (newest?.status === 'pending') await abandonSubmission(transaction, newest.id, 'worker_lost')
    },
  })
  if (retried === undefined) return false
  deps.counters.retried++
  logger.warning('Job resumed, the end of its last attempt is unknown', { submission_id: newest?.id })
  return true
}

async function giveUp(deps: WorkerDeps, job: Job, tries: Tries): Promise<void> {
  const reason = job.error_message ?? 'The job could not be submitted'
  const failed = await failAndRelease(deps.db, job.id, reason, { isUnused: true })
  if (failed === undefined) return
  deps.counters.failed++
  logger.error('Failed to submit job', { tries: tries.total, reason, ...endFields(failed) })
}
