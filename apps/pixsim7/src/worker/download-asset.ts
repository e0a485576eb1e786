/** The task `download_asset`: fetches the file of a new asset, apart from polling, which it would hold up. */
import { LogContext, getLogger } from '@pixsim7/logging'
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { AssetError } from '../assets/asset-error.ts'
import { findAsset, markFailed } from '../assets/asset-repository.ts'
import { syncAsset } from '../assets/sync-asset.ts'
import { isConnectionError } from '../database/connection-errors.ts'
import type { Asset, Tables } from '../database/tables.ts'
import { errorFields } from '../error-fields.ts'
import type { WorkerDeps } from './worker-deps.ts'

export const DOWNLOAD_ASSET = 'download_asset'

const logger = getLogger('asset_service')

/** Tries of one download; between them the queue waits longer each time. */
const MAX_ATTEMPTS = 4

/** The key of the queued download of an asset: there is at most one. */
function downloadKey(assetId: number): string {
  return `${DOWNLOAD_ASSET}:${assetId}`
}

/** Queues the download of an asset; inside a transaction it is queued when that commits. */
export async function enqueueDownload(
  db: Kysely<Tables>,
  asset: Pick<Asset, 'id'>,
  jobId: number | null,
): Promise<void> {
  await sql`
    select graphile_worker.add_job(
      identifier => ${DOWNLOAD_ASSET},
      payload => ${JSON.stringify({ asset_id: asset.id, job_id: jobId })}::json,
      max_attempts => ${MAX_ATTEMPTS}::int,
      job_key => ${downloadKey(asset.id)}
    )`.execute(db)
}

/** @throws AssetError when another try may help, and what database and disk throw: the queue repeats the task */
export async function downloadAsset(
  deps: WorkerDeps,
  payload: unknown,
  tools: { readonly signal: AbortSignal; readonly isLastTry: boolean; readonly attempt: number },
): Promise<void> {
  const { asset_id: assetId, job_id: jobId } = (payload ?? {}) as Record<string, unknown>
  if (typeof assetId !== 'number') {
    logger.error('Queue task names no asset', { task: DOWNLOAD_ASSET, payload })
    return
  }
  const asset = await findAsset(deps.db, assetId)
  const context = { task: DOWNLOAD_ASSET, asset_id: assetId, ...(jobId === null ? {} : { job_id: jobId }) }
  await LogContext.run({ ...context, user_id: asset?.user_id ?? null, attempt: tools.attempt }, async () => {
    if (asset === undefined) return logger.info('Asset was deleted before its download')
    const willRetry = (error: AssetError) => tools.signal.aborted || (error.isRetryable && !tools.isLastTry)
    try {
      await syncAsset(deps.store, assetId, { signal: tools.signal, willRetry })
    } catch (error) {
      if (!(error instanceof AssetError)) {
        if (isConnectionError(error)) {
          logger.warning('Download interrupted, the database is away', { reason: String(error) })
          throw error
        }
        logger.error('Unexpected exception while downloading the asset', errorFields(error))
        if (tools.isLastTry) await markFailed(deps.db, assetId)
        throw error
      }
      if (willRetry(error)) throw error
    }
  })
}
