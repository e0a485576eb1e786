import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Asset, Tables } from '../database/tables.ts'
import type { MediaType, SyncStatus } from '../database/values.ts'

export interface AssetFilter {
  /** Undefined: the assets of all users. */
  readonly userId?: number | undefined
  readonly mediaType?: MediaType | undefined
  readonly syncStatus?: SyncStatus | undefined
  readonly providerId?: string | undefined
  readonly tag?: string | undefined
  /** Part of a tag or of the provider's id, whatever its case. */
  readonly search?: string | undefined
  /** Only older ones than this. */
  readonly beforeId?: number | undefined
}

/** One page, newest first: ids grow with time and, unlike times, are never equal. */
export function listAssets(db: Kysely<Tables>, filter: AssetFilter, limit: number): Promise<Asset[]> {
  const { userId, mediaType, syncStatus, providerId, tag, search, beforeId } = filter
  let query = db.selectFrom('assets').selectAll()
  if (userId !== undefined) query = query.where('user_id', '=', userId)
  if (mediaType !== undefined) query = query.where('media_type', '=', mediaType)
  if (syncStatus !== undefined) query = query.where('sync_status', '=', syncStatus)
  if (providerId !== undefined) query = query.where('provider_id', '=', providerId)
  if (tag !== undefined) query = query.where(sql<boolean>`${tag} = any(tags)`)
  if (search !== undefined) {
    const pattern = `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`
    query = query.where(
      sql<boolean>`(provider_asset_id ilike ${pattern} or array_to_string(tags, ' ') ilike ${pattern})`,
    )
  }
  if (beforeId !== undefined) query = query.where('id', '<', beforeId)
  return query.orderBy('id', 'desc').limit(limit).execute()
}
