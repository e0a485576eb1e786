/** The tasks of the queue, and when those run that nobody asks for. */
import { getLogger, LogContext } from '@pixsim7/logging'
import { parseCronItems } from 'graphile-worker'
import type { JobHelpers, TaskList } from 'graphile-worker'
import { isConnectionError } from '../database/connection-errors.ts'
import { Deadline } from '../deadline.ts'
import { errorFields } from '../error-fields.ts'
import { MAX_ATTEMPTS, processJobKey } from '../queue/enqueue.ts'
import { POLL_JOB_STATUSES, PROCESS_JOB } from '../queue/task-names.ts'
import { DOWNLOAD_ASSET, downloadAsset } from './download-asset.ts'
import { pollJobStatuses } from './poll-job-statuses.ts'
import { formatProcessJobPayload } from './process-job-payload.ts'
import { processJob } from './process-job.ts'
import { SWEEP, sweep } from './sweep.ts'
import type { WorkerDeps } from './worker-deps.ts'

const logger = getLogger('status_poller')

/** One key and one queue for all polls: never two in the queue, never two at once, whatever worker runs them. */
export const POLL_SPEC = {
  jobKey: POLL_JOB_STATUSES,
  queueName: POLL_JOB_STATUSES,
  maxAttempts: MAX_ATTEMPTS,
}
export const SWEEP_SPEC = { jobKey: SWEEP, queueName: SWEEP, maxAttempts: 1 }

export function createTaskList(deps: WorkerDeps): TaskList {
  const withDeadline = async (helpers: JobHelpers, work: (signal: AbortSignal) => Promise<void>) => {
    const deadline = new Deadline(deps.settings.taskTimeoutMs, 'The task did not end', helpers.abortSignal)
    try {
      await work(deadline.signal)
    } finally {
      deadline.end()
    }
  }
  return {
    [PROCESS_JOB]: (payload, helpers) =>
      withDeadline(helpers, (signal) =>
        processJob(deps, payload, {
          signal,
          isStopping: () => helpers.abortSignal.aborted,
          isLastTry: isLastTry(helpers),
          async requeue(task, delayMs) {
            await helpers.addJob(PROCESS_JOB, formatProcessJobPayload(task), {
              jobKey: processJobKey(task.jobId),
              runAt: new Date(Date.now() + delayMs),
              priority: helpers.job.priority,
              maxAttempts: MAX_ATTEMPTS,
            })
          },
        }),
      ),
    [DOWNLOAD_ASSET]: (payload, helpers) =>
      withDeadline(helpers, (signal) =>
        downloadAsset(deps, payload, {
          signal,
          isLastTry: isLastTry(helpers),
          attempt: helpers.job.attempts,
        }),
      ),
    [POLL_JOB_STATUSES]: (_payload, helpers) =>
      withDeadline(helpers, (signal) => pollAndRepeat(deps, helpers, signal)),
    [SWEEP]: (_payload, helpers) => withDeadline(helpers, (signal) => sweep(deps, signal)),
  }
}

/** The queue's cron knows no seconds: it only starts again what should never have stopped. */
export function createCronItems() {
  const everyMinute = (task: string, spec: typeof POLL_SPEC) => ({
    task,
    match: '* * * * *',
    options: { ...spec, jobKeyMode: 'preserve_run_at' as const },
  })
  return parseCronItems([everyMinute(POLL_JOB_STATUSES, POLL_SPEC), everyMinute(SWEEP, SWEEP_SPEC)])
}

async function pollAndRepeat(deps: WorkerDeps, helpers: JobHelpers, signal: AbortSignal): Promise<void> {
  const startedAtMs = Date.now()
  try {
    await pollJobStatuses(deps, signal)
  } catch (error) {
    LogContext.run({ task: POLL_JOB_STATUSES }, () => {
      if (isConnectionError(error))
        logger.warning('Poll interrupted, the database is away', { reason: String(error) })
      else logger.error('Poll failed, will retry', errorFields(error))
    })
  }
  // Queued at the end, from the beginning: polls neither overlap nor drift.
  await helpers.addJob(
    POLL_JOB_STATUSES,
    {},
    {
      ...POLL_SPEC,
      runAt: new Date(Math.max(Date.now(), startedAtMs + deps.settings.pollIntervalMs)),
    },
  )
}

function isLastTry(helpers: JobHelpers): boolean {
  return helpers.job.attempts >= helpers.job.max_attempts
}
