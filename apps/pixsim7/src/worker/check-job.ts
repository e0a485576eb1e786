/** One look at one running job: what its provider says, and what follows from it. */
import { getLogger } from '@pixsim7/logging'
import { openSecrets } from '../accounts/account-secrets.ts'
import { errorFields } from '../error-fields.ts'
import { endFields } from '../jobs/job-end.ts'
import type { StatusReport } from '../provider/provider.ts'
import { ProviderError } from '../provider/provider-error.ts'
import { blame } from './account-outcomes.ts'
import { clearFailedChecks, nextCheckAt, recordFailedCheck } from './check-failures.ts'
import { completeGeneration } from './complete-generation.ts'
import { failAndRelease } from './end-job.ts'
import type { RunningJob } from './running-jobs.ts'
import type { WorkerDeps } from './worker-deps.ts'

const logger = getLogger('status_poller')

/** Answers nobody understands, in a row, after which a job fails: waiting two hours for them to change helps nobody. */
const MAX_BAD_ANSWERS = 6

/** `processing` is everything that has not ended yet. */
export type CheckOutcome = 'completed' | 'failed' | 'processing'

/** @throws what the database throws */
export async function checkJob(
  deps: WorkerDeps,
  running: RunningJob,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const { job, submission, account } = running
  const sinceMs = (submission?.submitted_at ?? job.started_at ?? job.created_at).getTime()
  if (Date.now() - sinceMs > deps.settings.jobTimeoutMs) {
    return fail(
      deps,
      job.id,
      `The provider did not finish within ${deps.settings.jobTimeoutMs / 60_000} minutes`,
      (ended) =>
        logger.warning('Job timed out', {
          started_at: job.started_at?.toISOString(),
          provider_id: job.provider_id,
          provider_job_id: submission?.provider_job_id,
          timeout_sec: deps.settings.jobTimeoutMs / 1000,
          ...ended,
        }),
    )
  }
  if (submission === null) {
    return fail(deps, job.id, 'The job was never submitted', (ended) =>
      logger.warning('Job has no submission', ended),
    )
  }
  // Being submitted at this moment, or waiting to be taken over by process_job.
  if (submission.provider_job_id === null) return 'processing'
  if (account === null) {
    const { provider_job_id } = submission
    return fail(deps, job.id, 'The provider account of the job was deleted', (ended) =>
      logger.error('Job has no account any more', { provider_job_id, ...ended }),
    )
  }
  if (nextCheckAt(submission) > Date.now()) return 'processing'
  let report: StatusReport
  try {
    const credentials = { accountId: account.id, secrets: openSecrets(deps.secretBox, account) }
    const provider = deps.providers.get(job.provider_id)
    report = await provider.checkStatus(credentials, submission.provider_job_id, signal)
  } catch (error) {
    return signal.aborted ? 'processing' : failedCheck(deps, running, submission.provider_job_id, error)
  }
  await clearFailedChecks(deps.db, submission)
  return settle(deps, running, submission.provider_job_id, report)
}

async function settle(
  deps: WorkerDeps,
  running: RunningJob,
  providerJobId: string,
  report: StatusReport,
): Promise<CheckOutcome> {
  const { job, account } = running
  const fields = { provider_id: job.provider_id, provider_job_id: providerJobId }
  switch (report.status) {
    case 'completed':
      return (await completeGeneration(deps, running, report)) ? 'completed' : 'failed'
    case 'failed': {
      const reason = report.errorMessage ?? 'The provider could not generate the video'
      if (account !== null) await blame(deps.db, account, reason)
      return fail(deps, job.id, reason, (ended) =>
        logger.warning('The provider reports failure', { ...fields, reason, ...ended }),
      )
    }
    case 'filtered': {
      const reason = report.errorMessage ?? 'The result was refused by moderation'
      return fail(deps, job.id, reason, (ended) =>
        logger.warning('The provider filtered the result', {
          ...fields,
          code: 'provider_content_filtered',
          reason,
          ...ended,
        }),
      )
    }
    case 'cancelled':
      return fail(deps, job.id, 'The provider cancelled the generation', (ended) =>
        logger.warning('The provider cancelled the generation', { ...fields, ...ended }),
      )
    case 'pending':
    case 'processing':
      logger.debug('Job status', { ...fields, status: report.status, progress: report.progress })
      return 'processing'
  }
}

async function failedCheck(
  deps: WorkerDeps,
  running: RunningJob,
  providerJobId: string,
  error: unknown,
): Promise<CheckOutcome> {
  const { job, submission } = running
  const code = error instanceof ProviderError ? error.code : undefined
  const fields = { provider_id: job.provider_id, provider_job_id: providerJobId, code: code?.toLowerCase() }
  if (error instanceof ProviderError && error.code === 'PROVIDER_JOB_NOT_FOUND') {
    return fail(deps, job.id, 'The provider lost the job', (ended) =>
      logger.warning('The provider does not know the job any more', { ...fields, ...ended }),
    )
  }
  if (submission === null) return 'processing'
  const failures = await recordFailedCheck(deps.db, submission, code, deps.settings.pollIntervalMs)
  if (failures.badAnswers >= MAX_BAD_ANSWERS) {
    return fail(deps, job.id, 'The provider gave answers that could not be understood', (ended) =>
      logger.error('The provider keeps giving answers nobody understands', {
        ...fields,
        ...ended,
        ...errorFields(error),
      }),
    )
  }
  logger.error('Status check failed, will retry', {
    ...fields,
    failures: failures.inARow,
    ...errorFields(error),
  })
  return 'processing'
}

/** Fails the job and tells it by `tell`, unless the job had ended already, cancelled for instance. */
async function fail(
  deps: WorkerDeps,
  jobId: number,
  reason: string,
  tell: (ended: ReturnType<typeof endFields>) => void,
): Promise<CheckOutcome> {
  const failed = await failAndRelease(deps.db, jobId, reason)
  if (failed !== undefined) {
    deps.counters.failed++
    tell(endFields(failed))
  }
  return 'failed'
}
