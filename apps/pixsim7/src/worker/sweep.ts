/** The task `sweep`, at the start and once a minute: finds what fell through and puts it back on its way. */
import { LogContext, getLogger } from '@pixsim7/logging'
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { openSecrets } from '../accounts/account-secrets.ts'
import type { Asset, Job, Tables } from '../database/tables.ts'
import { errorFields } from '../error-fields.ts'
import { listUnqueuedJobs } from '../jobs/job-repository.ts'
import { ProviderError } from '../provider/provider-error.ts'
import { enqueueProcessJob } from '../queue/enqueue.ts'
import { applyBalance } from './account-outcomes.ts'
import { DOWNLOAD_ASSET, enqueueDownload } from './download-asset.ts'
import { reconcileSlots } from './reconcile-slots.ts'
import type { WorkerDeps } from './worker-deps.ts'

export const SWEEP = 'sweep'

const logger = getLogger('sweeper')
const accountLogger = getLogger('account_service')

/** A job whose request has just been answered may still be on its way into the queue. */
const UNQUEUED_AFTER_MS = 30_000
/** The rest comes with the next sweep. */
const MAX_PER_SWEEP = 200
/** Between two questions whether an exhausted account has credits again. */
const EXHAUSTED_CHECK_SEC = 300

/** @throws what the database throws */
export function sweep(deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  return LogContext.run({ task: SWEEP }, async () => {
    for (const job of await listUnqueuedJobs(deps.db, UNQUEUED_AFTER_MS, MAX_PER_SWEEP)) {
      await enqueueProcessJob(deps.db, job)
      logger.warning('Pending job was not queued', { job_id: job.id, user_id: job.user_id })
    }
    for (const job of await listOrphanedJobs(deps.db)) {
      await enqueueProcessJob(deps.db, job)
      logger.warning('Job without a worker was queued again', { job_id: job.id, user_id: job.user_id })
    }
    for (const asset of await listOrphanedAssets(deps.db)) {
      await enqueueDownload(deps.db, asset, asset.source_job_id)
      logger.info('Asset without a download was queued', { asset_id: asset.id, user_id: asset.user_id })
    }
    for (const correction of await reconcileSlots(deps.db)) {
      accountLogger.warning('Slots of the account were miscounted', { ...correction })
    }
    await recheckExhausted(deps, signal)
  })
}

/** Jobs that are processing, have no provider's job id, and no task that would get one. */
async function listOrphanedJobs(db: Kysely<Tables>): Promise<Job[]> {
  return db
    .selectFrom('jobs')
    .selectAll('jobs')
    .where('jobs.status', '=', 'processing')
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('provider_submissions as submission')
            .select('submission.id')
            .whereRef('submission.job_id', '=', 'jobs.id')
            .where('submission.provider_job_id', 'is not', null),
        ),
      ),
    )
    .where(
      sql<boolean>`not exists (
        select from graphile_worker.jobs as queued
          where queued.key = 'process_job:' || jobs.id and queued.attempts < queued.max_attempts)`,
    )
    .limit(MAX_PER_SWEEP)
    .execute()
}

/** Assets that wait for their file, and have no task that would fetch it. */
async function listOrphanedAssets(db: Kysely<Tables>): Promise<Asset[]> {
  return db
    .selectFrom('assets')
    .selectAll()
    .where('sync_status', 'in', ['remote', 'downloading'])
    .where('created_at', '<', sql<Date>`now() - make_interval(mins => 5)`)
    .where(
      sql<boolean>`not exists (
        select from graphile_worker.jobs as queued
          where queued.key = ${`${DOWNLOAD_ASSET}:`} || assets.id and queued.attempts < queued.max_attempts)`,
    )
    .limit(MAX_PER_SWEEP)
    .execute()
}

async function recheckExhausted(deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  const accounts = await deps.db
    .selectFrom('provider_accounts')
    .select(['id', 'provider_id', 'status', 'secrets'])
    .where('status', '=', 'exhausted')
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('provider_credits')
            .select('provider_credits.account_id')
            .whereRef('provider_credits.account_id', '=', 'provider_accounts.id')
            .where(
              'provider_credits.updated_at',
              '>',
              sql<Date>`now() - make_interval(secs => ${EXHAUSTED_CHECK_SEC})`,
            ),
        ),
      ),
    )
    .limit(MAX_PER_SWEEP)
    .execute()
  for (const account of accounts) {
    const provider = deps.providers.find(account.provider_id)
    if (provider === undefined || signal.aborted) continue
    try {
      const credentials = { accountId: account.id, secrets: openSecrets(deps.secretBox, account) }
      await applyBalance(deps.db, account, await provider.fetchBalance(credentials, signal))
    } catch (error) {
      if (!(error instanceof ProviderError)) {
        accountLogger.error('Credits of the account cannot be checked', {
          account_id: account.id,
          ...errorFields(error),
        })
      }
      // Not again before the time is over, whatever the reason.
      await deps.db
        .updateTable('provider_credits')
        .set({ updated_at: sql<Date>`now()` })
        .where('account_id', '=', account.id)
        .execute()
    }
  }
}
