/** One attempt to bring a pending job to a provider: account, request, and what becomes of its answer. */
import { randomUUID } from 'node:crypto'
import { getLogger } from '@pixsim7/logging'
import { countCandidates } from '../accounts/account-candidates.ts'
import { openSecrets } from '../accounts/account-secrets.ts'
import { releaseAccount, reserveAccount } from '../accounts/account-slots.ts'
import type { Job, ProviderAccountRow, ProviderSubmission } from '../database/tables.ts'
import { endFields } from '../jobs/job-end.ts'
import { findJob } from '../jobs/job-repository.ts'
import { startJob } from '../jobs/job-transitions.ts'
import type { Accepted, Provider, ProviderCredentials, ProviderPayload } from '../provider/provider.ts'
import { ProviderError } from '../provider/provider-error.ts'
import { applyBalance } from './account-outcomes.ts'
import { backOffMs } from './back-off.ts'
import { failAndRelease } from './end-job.ts'
import type { ProcessJobTask } from './process-job-payload.ts'
import type { TaskTools } from './process-job.ts'
import { settleFailure } from './submission-failure.ts'
import { acceptSubmission, newestSubmission, openSubmission, unansweredTraceId } from './submissions.ts'
import type { WorkerDeps } from './worker-deps.ts'

const logger = getLogger('job_processor')
const accountLogger = getLogger('account_service')

/** A job that waits long for an account says so now and then only. */
const WAITS_PER_WARNING = 10

export interface Attempt {
  readonly job: Job
  readonly task: ProcessJobTask
  readonly earlierTries: number
  readonly tools: TaskTools
}

/** An attempt that has an account and is recorded. */
export interface OpenAttempt extends Attempt {
  readonly provider: Provider
  readonly account: ProviderAccountRow
  readonly submission: ProviderSubmission
  /** performance.now() when the request was sent. */
  readonly sentAt: number
}

export async function submitJob(deps: WorkerDeps, attempt: Attempt): Promise<void> {
  const { job, task } = attempt
  // A job that waits for an account comes by here again and again.
  if (task.waits === 0) logger.info(`Processing job #${job.id}`)
  else logger.debug(`Processing job #${job.id}`, { waits: task.waits })
  const request = prepare(deps, job)
  if (request instanceof ProviderError) return refuse(deps, job, request)
  accountLogger.debug(`Selecting account for provider ${job.provider_id}`)
  const account = await reserveAccount(deps.db, job.id)
  if (account === undefined) return waitForAccount(deps, attempt)
  accountLogger.info('Account selected', { account_id: account.id, provider_id: account.provider_id })

  const opened = await open(deps, attempt, account, request)
  if (opened === undefined) {
    await releaseAccount(deps.db, job.id, { isUnused: true })
    return logger.warning('Job skipped', { status: (await findJob(deps.db, job.id))?.status ?? 'missing' })
  }
  logger.info('Job started', {
    account_id: account.id,
    provider_id: job.provider_id,
    operation_type: job.operation_type,
  })
  let accepted: Accepted
  let credentials: ProviderCredentials
  try {
    credentials = readCredentials(deps, account)
    accepted = await request.provider.execute({
      operation: job.operation_type,
      credentials,
      payload: request.body,
      traceId: opened.traceId,
      signal: attempt.tools.signal,
    })
  } catch (error) {
    return settleFailure(deps, opened.attempt, error)
  }
  if (!(await keep(deps, opened.attempt, accepted))) {
    return cancelAtProvider(deps, opened.attempt, accepted, credentials)
  }
  await refreshBalance(deps, opened.attempt, credentials)
}

interface Request {
  readonly provider: Provider
  readonly body: ProviderPayload
}

function prepare(deps: WorkerDeps, job: Job): Request | ProviderError {
  try {
    const provider = deps.providers.get(job.provider_id)
    return { provider, body: provider.mapParameters(job.operation_type, job.params) }
  } catch (error) {
    if (error instanceof ProviderError) return error
    throw error
  }
}

async function refuse(deps: WorkerDeps, job: Job, error: ProviderError): Promise<void> {
  const failed = await failAndRelease(deps.db, job.id, error.message)
  if (failed === undefined) return
  deps.counters.failed++
  logger.warning('Job refused', {
    provider_id: job.provider_id,
    code: error.code.toLowerCase(),
    reason: error.message,
    ...endFields(failed),
  })
}

async function waitForAccount(deps: WorkerDeps, { job, task, tools }: Attempt): Promise<void> {
  const current = await findJob(deps.db, job.id)
  if (current?.status !== 'pending') {
    return logger.warning('Job skipped', { status: current?.status ?? 'missing' })
  }
  const delayMs = backOffMs(deps.settings.retryDelayMs, task.waits + 1)
  const fields = { provider_id: job.provider_id, waits: task.waits + 1, retry_in_sec: delayMs / 1000 }
  if (task.waits % WAITS_PER_WARNING === 0) {
    accountLogger.warning('No account available', { ...fields, ...(await countCandidates(deps.db, job)) })
  } else accountLogger.debug('No account available', fields)
  await tools.requeue({ ...task, waits: task.waits + 1 }, delayMs)
}

/** Makes the job processing and records the attempt, both or neither. Undefined when the job is not pending any more. */
async function open(
  deps: WorkerDeps,
  attempt: Attempt,
  account: ProviderAccountRow,
  request: Request,
): Promise<{ readonly attempt: OpenAttempt; readonly traceId: string } | undefined> {
  const { job } = attempt
  const newest = await newestSubmission(deps.db, job.id)
  const traceId = unansweredTraceId(newest, account.id) ?? randomUUID()
  const submission = await deps.db.transaction().execute(async (transaction) => {
    if ((await startJob(transaction, job.id)) === undefined) return undefined
    return openSubmission(transaction, {
      job,
      accountId: account.id,
      traceId,
      body: request.body,
      earlierTries: attempt.earlierTries,
    })
  })
  if (submission === undefined) return undefined
  const opened = { ...attempt, provider: request.provider, account, submission, sentAt: performance.now() }
  return { attempt: opened, traceId }
}

function readCredentials(deps: WorkerDeps, account: ProviderAccountRow): ProviderCredentials {
  try {
    return { accountId: account.id, secrets: openSecrets(deps.secretBox, account) }
  } catch (cause) {
    throw new ProviderError('PROVIDER_AUTH_FAILED', 'The secrets of the account cannot be read', {
      providerId: account.provider_id,
      cause,
    })
  }
}

/** Records the provider's answer. False when the job was cancelled while it was on its way. */
function keep(deps: WorkerDeps, attempt: OpenAttempt, accepted: Accepted): Promise<boolean> {
  const durationMs = Math.round(performance.now() - attempt.sentAt)
  return deps.db.transaction().execute(async (transaction) => {
    const job = await transaction
      .selectFrom('jobs')
      .select('status')
      .where('id', '=', attempt.job.id)
      .forUpdate()
      .executeTakeFirst()
    await acceptSubmission(transaction, attempt.submission.id, accepted, durationMs)
    return job?.status === 'processing'
  })
}

async function cancelAtProvider(
  deps: WorkerDeps,
  attempt: OpenAttempt,
  accepted: Accepted,
  credentials: ProviderCredentials,
): Promise<void> {
  let isCancelled = false
  try {
    isCancelled = await attempt.provider.cancel(credentials, accepted.providerJobId)
  } catch (error) {
    // Best effort: the user has been told already, and the video will be ignored.
    if (!(error instanceof ProviderError)) throw error
  }
  await releaseAccount(deps.db, attempt.job.id)
  logger.info('Job was cancelled while it was submitted', {
    provider_job_id: accepted.providerJobId,
    on_provider: isCancelled,
  })
}

/** Asks what the attempt has cost. The job does not depend on the answer. */
async function refreshBalance(
  deps: WorkerDeps,
  attempt: OpenAttempt,
  credentials: ProviderCredentials,
): Promise<void> {
  let balance
  try {
    balance = await attempt.provider.fetchBalance(credentials, attempt.tools.signal)
  } catch (error) {
    // The provider's client has logged it; the next submission asks again.
    if (error instanceof ProviderError) return
    throw error
  }
  await applyBalance(deps.db, attempt.account, balance)
}
