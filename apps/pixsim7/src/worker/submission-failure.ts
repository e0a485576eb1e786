/** What becomes of a job whose submission failed: another try later, or its end. */
import { getLogger } from '@pixsim7/logging'
import { errorFields } from '../error-fields.ts'
import { endFields } from '../jobs/job-end.ts'
import { ProviderError } from '../provider/provider-error.ts'
import { applyFailure } from './account-outcomes.ts'
import { backOffMs } from './back-off.ts'
import { failAndRelease, retryLater } from './end-job.ts'
import type { OpenAttempt } from './submit-job.ts'
import {
  abandonSubmission,
  areTriesUsedUp,
  breakSubmission,
  countTries,
  rejectSubmission,
} from './submissions.ts'
import type { WorkerDeps } from './worker-deps.ts'

const logger = getLogger('job_processor')

/** Settles an attempt that ended by `error`; what is neither the provider's fault nor the stopping worker's ends the job. */
export async function settleFailure(deps: WorkerDeps, attempt: OpenAttempt, error: unknown): Promise<void> {
  if (attempt.tools.isStopping()) return postpone(deps, attempt)
  if (!(error instanceof ProviderError)) return breakOff(deps, attempt, error)
  await applyFailure(deps.db, attempt.account, error)
  const recorded = await countTries(deps.db, attempt.job.id)
  // This attempt is among them, and counts against the job until its code is recorded.
  const isCounted = !error.isAccountFault && error.code !== 'PROVIDER_RATE_LIMIT'
  const tries = isCounted ? recorded : { ...recorded, counted: recorded.counted - 1 }
  const mayRetry = error.isRetryable && !areTriesUsedUp(tries, deps.settings.maxTries)
  if (mayRetry) await retry(deps, attempt, error, Math.max(1, tries.counted))
  else await fail(deps, attempt, error)
}

/** The worker stops: the attempt's end is unknown, and the next worker goes on from there. */
async function postpone(deps: WorkerDeps, attempt: OpenAttempt): Promise<void> {
  const retried = await retryLater(deps.db, attempt.job.id, 'The worker was stopped', {
    keepsAccount: true,
    before: (transaction) => abandonSubmission(transaction, attempt.submission.id, 'worker_stopped'),
  })
  if (retried === undefined) return
  await attempt.tools.requeue(attempt.task, 0)
  logger.info('Job put back, the worker stops')
}

async function retry(
  deps: WorkerDeps,
  attempt: OpenAttempt,
  error: ProviderError,
  counted: number,
): Promise<void> {
  const retried = await retryLater(deps.db, attempt.job.id, error.message, {
    // An attempt that may have arrived must be repeated with the same account, or it would be billed twice.
    keepsAccount: error.isAnswerUnknown,
    isUnused: true,
    before: (transaction) => rejectSubmission(transaction, attempt.submission.id, error, durationMs(attempt)),
  })
  if (retried === undefined) return logger.warning('Job skipped', { status: 'cancelled' })
  deps.counters.retried++
  const delayMs = backOffMs(deps.settings.retryDelayMs, counted)
  await attempt.tools.requeue({ ...attempt.task, waits: 0 }, delayMs)
  logger.warning('Submission failed, will retry', {
    ...factsOf(attempt, error),
    retry_in_sec: delayMs / 1000,
    // The client has told what a refusal says; only a broken connection needs its causes.
    ...(error.isAnswerUnknown ? errorFields(error) : { reason: error.message }),
  })
}

async function fail(deps: WorkerDeps, attempt: OpenAttempt, error: ProviderError): Promise<void> {
  const failed = await failAndRelease(deps.db, attempt.job.id, error.message, {
    isUnused: !error.isAnswerUnknown,
    before: (transaction) => rejectSubmission(transaction, attempt.submission.id, error, durationMs(attempt)),
  })
  if (failed === undefined) return
  deps.counters.failed++
  if (error.code === 'PROVIDER_CONTENT_FILTERED' || error.code === 'PROVIDER_INVALID_REQUEST') {
    // What the user asked for is refused: nothing here needs attention.
    return logger.warning('Job refused by the provider', {
      ...factsOf(attempt, error),
      reason: error.message,
      ...endFields(failed),
    })
  }
  logger.error('Failed to submit job', {
    ...factsOf(attempt, error),
    ...endFields(failed),
    ...errorFields(error),
  })
}

async function breakOff(deps: WorkerDeps, attempt: OpenAttempt, error: unknown): Promise<void> {
  const account_id = attempt.account.id
  logger.error('Unexpected exception while submitting the job', { account_id, ...errorFields(error) })
  const failed = await failAndRelease(deps.db, attempt.job.id, 'An internal fault stopped this job', {
    before: (transaction) => breakSubmission(transaction, attempt.submission.id, error),
  })
  if (failed === undefined) return
  deps.counters.failed++
  logger.warning('Job given up', endFields(failed))
}

function factsOf(attempt: OpenAttempt, error: ProviderError) {
  return {
    account_id: attempt.account.id,
    provider_id: attempt.job.provider_id,
    code: error.code.toLowerCase(),
    provider_code: error.providerCode,
    duration_ms: durationMs(attempt),
  }
}

function durationMs(attempt: OpenAttempt): number {
  return Math.round(performance.now() - attempt.sentAt)
}
