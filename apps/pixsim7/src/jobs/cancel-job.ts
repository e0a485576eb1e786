/** Cancelling a job, here and as far as possible at the provider. Logger `job_service`. */
import { getLogger } from '@pixsim7/logging'
import type { Kysely } from 'kysely'
import { openSecrets } from '../accounts/account-secrets.ts'
import { releaseAccount } from '../accounts/account-slots.ts'
import { AppError } from '../app-error.ts'
import type { Job, Tables } from '../database/tables.ts'
import type { JobStatus } from '../database/values.ts'
import type { ProviderRegistry } from '../provider/provider-registry.ts'
import { errorFields } from '../error-fields.ts'
import { dequeueProcessJob } from '../queue/enqueue.ts'
import type { SecretBox } from '../security/secret-box.ts'
import { endFields } from './job-end.ts'
import { cancelJob } from './job-transitions.ts'

/** A provider that does not answer must not keep the client of the API waiting. */
const PROVIDER_CANCEL_MS = 5000

const logger = getLogger('job_service')

export interface JobCancellation {
  readonly db: Kysely<Tables>
  readonly registry: ProviderRegistry
  readonly secretBox: SecretBox
}

/** Cancels a job that has not ended and gives its slot back. @throws AppError `job_already_completed`, `job_cancelled` */
export async function cancelJobEverywhere(context: JobCancellation, job: Job): Promise<void> {
  const { db } = context
  const { cancelled, statusBefore } = await db.transaction().execute(async (transaction) => {
    const { status } = await transaction
      .selectFrom('jobs')
      .select('status')
      .where('id', '=', job.id)
      .forUpdate()
      .executeTakeFirstOrThrow()
    const ended = await cancelJob(transaction, job.id)
    if (ended === undefined) throw alreadyEnded(status)
    await releaseAccount(transaction, job.id, { isUnused: status === 'pending' })
    await dequeueProcessJob(transaction, job.id)
    return { cancelled: ended, statusBefore: status }
  })
  // After our own row: whatever the provider says, nobody waits for this video any more.
  const on_provider = statusBefore === 'processing' ? await cancelOnProvider(context, job) : false
  logger.info('Job cancelled', {
    user_id: job.user_id,
    job_id: job.id,
    status_before: statusBefore,
    on_provider,
    ...endFields(cancelled),
  })
}

function alreadyEnded(status: JobStatus): AppError {
  return status === 'cancelled'
    ? new AppError('job_cancelled', 'The job was cancelled already.')
    : new AppError('job_already_completed', `The job has ended (${status}) and cannot be cancelled.`)
}

/** Best effort: true only when the provider says that it has stopped. */
async function cancelOnProvider({ db, registry, secretBox }: JobCancellation, job: Job): Promise<boolean> {
  const submission = await db
    .selectFrom('provider_submissions')
    .innerJoin('provider_accounts', 'provider_accounts.id', 'provider_submissions.account_id')
    .select([
      'provider_submissions.provider_job_id',
      'provider_accounts.id as account_id',
      'provider_accounts.secrets',
    ])
    .where('provider_submissions.job_id', '=', job.id)
    .orderBy('provider_submissions.id', 'desc')
    .executeTakeFirst()
  const provider = registry.find(job.provider_id)
  if (provider === undefined || submission?.provider_job_id == null) return false
  let timer: NodeJS.Timeout | undefined
  try {
    const secrets = openSecrets(secretBox, submission)
    const gaveUp = new Promise<false>((resolve) => (timer = setTimeout(resolve, PROVIDER_CANCEL_MS, false)))
    const answer = provider.cancel({ accountId: submission.account_id, secrets }, submission.provider_job_id)
    return await Promise.race([answer, gaveUp])
  } catch (error) {
    logger.warning('Provider did not cancel', {
      job_id: job.id,
      provider_id: job.provider_id,
      ...errorFields(error),
    })
    return false
  } finally {
    clearTimeout(timer)
  }
}
