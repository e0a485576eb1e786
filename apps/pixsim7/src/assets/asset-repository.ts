/** Rows of assets. Their files are the business of sync-asset.ts and delete-asset.ts. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Asset, NewAsset, Tables } from '../database/tables.ts'

/** A statement that inserts an asset unless its user has it already, and returns the row either way. */
export async function upsertAsset(
  db: Kysely<Tables>,
  asset: NewAsset,
): Promise<{ readonly asset: Asset; readonly isNew: boolean }> {
  const inserted = await db
    .insertInto('assets')
    .values(asset)
    .onConflict((conflict) => conflict.columns(['user_id', 'provider_id', 'provider_asset_id']).doNothing())
    .returningAll()
    .executeTakeFirst()
  if (inserted !== undefined) return { asset: inserted, isNew: true }
  // What is known stays; only gaps are filled. The address is renewed: an old signature may have expired.
  const updated = await db
    .updateTable('assets')
    .set({
      remote_url: asset.remote_url,
      thumbnail_url: asset.thumbnail_url ?? sql<string | null>`thumbnail_url`,
      width: sql`coalesce(width, ${asset.width ?? null}::int)`,
      height: sql`coalesce(height, ${asset.height ?? null}::int)`,
      duration_sec: sql`coalesce(duration_sec, ${asset.duration_sec ?? null}::float8)`,
    })
    .where('user_id', '=', asset.user_id)
    .where('provider_id', '=', asset.provider_id)
    .where('provider_asset_id', '=', asset.provider_asset_id)
    .returningAll()
    .executeTakeFirstOrThrow()
  return { asset: updated, isNew: false }
}

export function findAsset(db: Kysely<Tables>, assetId: number): Promise<Asset | undefined> {
  return db.selectFrom('assets').selectAll().where('id', '=', assetId).executeTakeFirst()
}

/** Says that the bytes are being fetched. Undefined when there is no such asset. */
export function markDownloading(db: Kysely<Tables>, assetId: number): Promise<Asset | undefined> {
  return db
    .updateTable('assets')
    .set({ sync_status: 'downloading' })
    .where('id', '=', assetId)
    .returningAll()
    .executeTakeFirst()
}

/** Says that the bytes could not be fetched. */
export async function markFailed(db: Kysely<Tables>, assetId: number): Promise<void> {
  await db.updateTable('assets').set({ sync_status: 'error' }).where('id', '=', assetId).execute()
}

/** Records the stored file and counts its bytes as its user's, once, however often it is fetched. */
export function markDownloaded(
  db: Kysely<Tables>,
  assetId: number,
  file: {
    readonly bytes: number
    readonly sha256: string
    readonly relativePath: string
    readonly mimeType: string
  },
): Promise<Asset | undefined> {
  return db.transaction().execute(async (transaction) => {
    const before = await transaction
      .selectFrom('assets')
      .select(['user_id', 'file_size_bytes', 'local_path'])
      .where('id', '=', assetId)
      .forUpdate()
      .executeTakeFirst()
    if (before === undefined) return undefined
    const countedBytes = before.local_path === null ? 0 : (before.file_size_bytes ?? 0)
    await addStorage(transaction, before.user_id, file.bytes - countedBytes)
    return transaction
      .updateTable('assets')
      .set({
        sync_status: 'downloaded',
        sha256: file.sha256,
        file_size_bytes: file.bytes,
        local_path: file.relativePath,
        mime_type: file.mimeType,
        downloaded_at: sql<Date>`now()`,
      })
      .where('id', '=', assetId)
      .returningAll()
      .executeTakeFirst()
  })
}

/** Changes the bytes a user's files take by `bytes`, which may be negative. */
export async function addStorage(db: Kysely<Tables>, userId: number, bytes: number): Promise<void> {
  await db
    .updateTable('users')
    .set({ current_storage_bytes: sql`greatest(current_storage_bytes + ${bytes}::bigint, 0)` })
    .where('id', '=', userId)
    .execute()
}

/** Bytes the user may still store. */
export async function freeStorageBytes(db: Kysely<Tables>, userId: number): Promise<number> {
  const user = await db
    .selectFrom('users')
    .select(['max_storage_gb', 'current_storage_bytes'])
    .where('id', '=', userId)
    .executeTakeFirst()
  return user === undefined ? 0 : Math.max(0, user.max_storage_gb * 1e9 - user.current_storage_bytes)
}
