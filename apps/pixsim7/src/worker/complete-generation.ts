/** A finished generation becomes an asset, its job completed, its slot free, its download queued: all of it or nothing. */
import { getLogger } from '@pixsim7/logging'
import { recordGenerated } from '../accounts/account-health.ts'
import { releaseAccount } from '../accounts/account-slots.ts'
import { upsertAsset } from '../assets/asset-repository.ts'
import type { Asset, Job } from '../database/tables.ts'
import { endFields } from '../jobs/job-end.ts'
import { completeJob } from '../jobs/job-transitions.ts'
import type { StatusReport } from '../provider/provider.ts'
import { enqueueDownload } from './download-asset.ts'
import type { RunningJob } from './running-jobs.ts'
import type { WorkerDeps } from './worker-deps.ts'

const logger = getLogger('status_poller')
const assetLogger = getLogger('asset_service')

/** False when the job ended otherwise in the meantime, by its user for instance. */
export async function completeGeneration(
  deps: WorkerDeps,
  running: RunningJob,
  report: StatusReport,
): Promise<boolean> {
  const { job, submission } = running
  if (submission === null || submission.provider_job_id === null || report.videoUrl === null) return false
  const durationSec = secondsSince(submission.responded_at ?? submission.submitted_at)
  const made = await makeAsset(deps, running, report, submission, durationSec)
  if (made === undefined) return false
  deps.counters.completed++
  assetLogger.info(made.isNew ? 'Asset created' : 'Asset known already', {
    asset_id: made.asset.id,
    provider_id: job.provider_id,
    provider_asset_id: made.asset.provider_asset_id,
  })
  logger.info('Job completed', {
    asset_id: made.asset.id,
    provider_id: job.provider_id,
    provider_job_id: submission.provider_job_id,
    duration_sec: durationSec,
    ...endFields(made.job),
  })
  return true
}

function makeAsset(
  deps: WorkerDeps,
  { job, account }: RunningJob,
  report: StatusReport,
  submission: NonNullable<RunningJob['submission']>,
  durationSec: number,
): Promise<{ readonly asset: Asset; readonly isNew: boolean; readonly job: Job } | undefined> {
  return deps.db.transaction().execute(async (transaction) => {
    const current = await transaction
      .selectFrom('jobs')
      .select('status')
      .where('id', '=', job.id)
      .forUpdate()
      .executeTakeFirst()
    if (current?.status !== 'processing') return undefined
    const providerAssetId = submission.response?.['provider_video_id'] ?? submission.provider_job_id
    const made = await upsertAsset(transaction, {
      user_id: job.user_id,
      sha256: null,
      provider_id: job.provider_id,
      provider_asset_id: String(providerAssetId),
      provider_account_id: account?.id ?? null,
      remote_url: report.videoUrl ?? '',
      thumbnail_url: report.thumbnailUrl,
      local_path: null,
      mime_type: 'video/mp4',
      width: report.width,
      height: report.height,
      duration_sec: report.durationSec ?? requestedDuration(submission.payload),
      file_size_bytes: null,
      source_job_id: job.id,
      downloaded_at: null,
    })
    const completed = await completeJob(transaction, job.id, made.asset.id)
    if (completed === undefined) throw new Error('BUG: a locked job that is processing cannot be completed')
    await releaseAccount(transaction, job.id)
    if (account !== null) await recordGenerated(transaction, account.id, durationSec)
    if (made.asset.sync_status !== 'downloaded') await enqueueDownload(transaction, made.asset, job.id)
    return { ...made, job: completed }
  })
}

/** The length that was asked for, where the provider does not tell the length it made. */
function requestedDuration(payload: Readonly<Record<string, unknown>>): number | null {
  const duration = (payload['body'] as Readonly<Record<string, unknown>> | undefined)?.['duration']
  return typeof duration === 'number' ? duration : null
}

function secondsSince(date: Date): number {
  return Math.round((Date.now() - date.getTime()) / 100) / 10
}
