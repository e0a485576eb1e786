/** The task `poll_job_statuses`: asks the providers how far the running jobs are. */
import { LogContext, getLogger } from '@pixsim7/logging'
import { isConnectionError } from '../database/connection-errors.ts'
import { errorFields } from '../error-fields.ts'
import { POLL_JOB_STATUSES } from '../queue/task-names.ts'
import { checkJob, type CheckOutcome } from './check-job.ts'
import { listRunningJobs, type RunningJob } from './running-jobs.ts'
import { wakeWaitingJobs } from './wake-waiting-jobs.ts'
import type { WorkerDeps } from './worker-deps.ts'

const logger = getLogger('status_poller')

/** Questions to providers at once. */
const MAX_CHECKS_AT_ONCE = 8

export interface PollSummary {
  readonly checked: number
  readonly completed: number
  readonly failed: number
  readonly still_processing: number
}

/** Looks once at every running job. One job's trouble is logged and does not keep the others from being looked at. */
export function pollJobStatuses(deps: WorkerDeps, signal: AbortSignal): Promise<PollSummary> {
  return LogContext.run({ task: POLL_JOB_STATUSES }, async () => {
    const startedAt = performance.now()
    deps.counters.polls++
    const running = await listRunningJobs(deps.db)
    const outcomes: CheckOutcome[] = []
    const waiting = running.values()
    const checkNext = async () => {
      for (const next of waiting) {
        if (signal.aborted) return
        outcomes.push(await checkSafely(deps, next, signal))
      }
    }
    await Promise.all(Array.from({ length: MAX_CHECKS_AT_ONCE }, checkNext))
    const count = (outcome: CheckOutcome) => outcomes.filter((one) => one === outcome).length
    const summary = {
      checked: outcomes.length,
      completed: count('completed'),
      failed: count('failed'),
      still_processing: count('processing'),
    }
    const freed = summary.completed + summary.failed
    if (freed > 0) await wakeWaitingJobs(deps.db, freed)
    if (running.length === 0) logger.debug('No running jobs')
    else
      logger.info('Job statuses checked', {
        ...summary,
        duration_ms: Math.round(performance.now() - startedAt),
      })
    return summary
  })
}

function checkSafely(deps: WorkerDeps, running: RunningJob, signal: AbortSignal): Promise<CheckOutcome> {
  const { job, account } = running
  const context = {
    job_id: job.id,
    user_id: job.user_id,
    ...(account !== null && { account_id: account.id }),
  }
  return LogContext.run(context, async () => {
    try {
      return await checkJob(deps, running, signal)
    } catch (error) {
      if (isConnectionError(error))
        logger.warning('Check interrupted, the database is away', { reason: String(error) })
      else logger.error('Unexpected exception while checking the job', errorFields(error))
      return 'processing'
    }
  })
}
