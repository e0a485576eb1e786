/** Brings the bytes of an asset from its provider into our storage. Used by the worker and by `POST /assets/{id}/sync`. */
import { getLogger } from '@pixsim7/logging'
import type { Kysely } from 'kysely'
import type { Asset, Tables } from '../database/tables.ts'
import { errorFields } from '../error-fields.ts'
import { AssetError } from './asset-error.ts'
import {
  findAsset,
  freeStorageBytes,
  markDownloaded,
  markDownloading,
  markFailed,
} from './asset-repository.ts'
import { hostOf, startDownload } from './download.ts'
import { assetPath, removeStoredFile, storedBytes, storeFile } from './storage.ts'

const logger = getLogger('asset_service')

/** No file of a provider is this large; whatever sends more is broken or hostile. */
export const MAX_ASSET_BYTES = 2 * 1024 ** 3

export interface AssetStore {
  readonly db: Kysely<Tables>
  /** STORAGE_BASE_PATH. */
  readonly basePath: string
}

export interface SyncOptions {
  readonly signal?: AbortSignal
  /** True when the caller will try again: the asset stays `downloading`, and the failure is no more than a warning. */
  readonly willRetry?: (error: AssetError) => boolean
}

/**
 * Fetches the file of an asset, unless it is here already, and returns the asset as it is then.
 *
 * @throws AssetError; the asset's status is `error` then, unless `willRetry` said otherwise. Other errors (database, disk)
 * leave it as it was.
 */
export async function syncAsset(
  store: AssetStore,
  assetId: number,
  options: SyncOptions = {},
): Promise<Asset> {
  const asset = await findAsset(store.db, assetId)
  if (asset === undefined) throw missing(assetId)
  if (asset.sync_status === 'downloaded' && asset.local_path !== null) {
    if ((await storedBytes(store.basePath, asset.local_path)) === asset.file_size_bytes) return asset
  }
  await markDownloading(store.db, assetId)
  const startedAt = performance.now()
  logger.info('Downloading asset', { asset_id: assetId, url_host: hostOf(asset.remote_url) })
  try {
    const downloaded = await fetchFile(store, asset, options.signal)
    logger.info('Asset downloaded', {
      asset_id: assetId,
      bytes: downloaded.file_size_bytes,
      duration_ms: Math.round(performance.now() - startedAt),
      sha256: downloaded.sha256?.slice(0, 12),
    })
    return downloaded
  } catch (error) {
    if (error instanceof AssetError) await reportFailure(store, asset, error, options)
    throw error
  }
}

async function fetchFile(store: AssetStore, asset: Asset, signal: AbortSignal | undefined): Promise<Asset> {
  // What the file took when it was counted before is room for the new one.
  const countedBytes = asset.local_path === null ? 0 : (asset.file_size_bytes ?? 0)
  const roomBytes = Math.min(
    MAX_ASSET_BYTES,
    (await freeStorageBytes(store.db, asset.user_id)) + countedBytes,
  )
  const download = await startDownload(asset.remote_url, signal)
  const mimeType =
    download.mimeType.startsWith('video/') || download.mimeType.startsWith('image/')
      ? download.mimeType
      : (asset.mime_type ?? 'video/mp4')
  const relativePath = assetPath(asset, mimeType)
  const file = await storeFile(store.basePath, relativePath, download.chunks, roomBytes)
  const downloaded = await markDownloaded(store.db, asset.id, { ...file, relativePath, mimeType })
  if (downloaded === undefined) {
    // Deleted while it was on its way: nobody would ever remove the file.
    await removeStoredFile(store.basePath, relativePath)
    throw missing(asset.id)
  }
  return downloaded
}

async function reportFailure(
  store: AssetStore,
  asset: Asset,
  error: AssetError,
  options: SyncOptions,
): Promise<void> {
  if (error.code === 'RESOURCE_NOT_FOUND') {
    return logger.info('Asset was deleted during its download', { asset_id: asset.id })
  }
  const fields = {
    asset_id: asset.id,
    url_host: hostOf(asset.remote_url),
    status_code: error.statusCode,
    code: error.code.toLowerCase(),
  }
  if (options.willRetry?.(error) === true) {
    logger.warning('Asset download failed, will retry', { ...fields, reason: error.message })
    return
  }
  logger.error('Asset download failed', { ...fields, ...errorFields(error) })
  await markFailed(store.db, asset.id)
}

function missing(assetId: number): AssetError {
  return new AssetError('RESOURCE_NOT_FOUND', `There is no asset ${assetId}`)
}
