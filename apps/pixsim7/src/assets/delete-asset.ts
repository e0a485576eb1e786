import { getLogger } from '@pixsim7/logging'
import { addStorage } from './asset-repository.ts'
import { removeStoredFile } from './storage.ts'
import type { AssetStore } from './sync-asset.ts'

const logger = getLogger('asset_service')

/** Deletes an asset, its file, and what it counted towards its user's storage. False when there is no such asset. */
export async function deleteAsset(store: AssetStore, assetId: number): Promise<boolean> {
  const deleted = await store.db.transaction().execute(async (transaction) => {
    const asset = await transaction
      .deleteFrom('assets')
      .where('id', '=', assetId)
      .returningAll()
      .executeTakeFirst()
    if (asset !== undefined && asset.local_path !== null) {
      await addStorage(transaction, asset.user_id, -(asset.file_size_bytes ?? 0))
    }
    return asset
  })
  if (deleted === undefined) return false
  // After the row: a file without a row is waste, a row without its file would be a lie.
  if (deleted.local_path !== null) await removeStoredFile(store.basePath, deleted.local_path)
  logger.info('Asset deleted', { asset_id: assetId, bytes: deleted.file_size_bytes })
  return true
}
