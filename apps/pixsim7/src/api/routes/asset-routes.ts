import { Type } from '@fastify/type-provider-typebox'
import { AppError, notFound } from '../../app-error.ts'
import { findAsset } from '../../assets/asset-repository.ts'
import type { ApiApp } from '../api-app.ts'
import { listAssets } from '../asset-list.ts'
import { identityOf } from '../authenticate.ts'
import type { Dependencies } from '../dependencies.ts'
import { showAsset } from '../presenters.ts'
import {
  AssetBody,
  failures,
  IdParams,
  MediaTypeWord,
  Nullable,
  ProviderId,
  Strict,
  SyncStatusWord,
} from '../schemas.ts'

const Filter = Strict({
  media_type: Type.Optional(MediaTypeWord),
  sync_status: Type.Optional(SyncStatusWord),
  provider_id: Type.Optional(ProviderId),
  tag: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  q: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
  cursor: Type.Optional(
    Type.String({ pattern: '^[0-9]{1,15}$', description: 'next_cursor of the page before' }),
  ),
})

const AssetPage = Type.Object({
  assets: Type.Array(AssetBody),
  next_cursor: Nullable(Type.String({ description: 'Null on the last page' })),
})

/** `/assets`. Behind requireUser. */
export function assetRoutes(app: ApiApp, { database }: Dependencies): void {
  const { db } = database
  const common = { tags: ['assets'], security: [{ bearer: [] }] }

  app.get(
    '/assets',
    {
      schema: {
        ...common,
        summary: 'Own assets (admins: all), newest first',
        querystring: Filter,
        response: { 200: AssetPage, ...failures(401, 422) },
      },
    },
    async (request) => {
      const { user } = identityOf(request)
      const { media_type, sync_status, provider_id, tag, q, limit = 50, cursor } = request.query
      const filter = {
        userId: user.role === 'admin' ? undefined : user.id,
        mediaType: media_type,
        syncStatus: sync_status,
        providerId: provider_id,
        tag,
        search: q,
        beforeId: cursor === undefined ? undefined : Number(cursor),
      }
      // One more than asked for tells whether there is a next page.
      const assets = await listAssets(db, filter, limit + 1)
      const page = assets.slice(0, limit)
      return {
        assets: page.map(showAsset),
        next_cursor: assets.length > limit ? String(page.at(-1)?.id) : null,
      }
    },
  )

  app.get(
    '/assets/:id',
    {
      schema: {
        ...common,
        summary: 'An asset',
        params: IdParams,
        response: { 200: AssetBody, ...failures(401, 403, 404, 422) },
      },
    },
    async (request) => {
      const { user } = identityOf(request)
      const asset = await findAsset(db, request.params.id)
      if (asset === undefined) throw notFound('asset')
      if (asset.user_id !== user.id && user.role !== 'admin') {
        throw new AppError('permission_denied', 'This asset belongs to another user.')
      }
      return showAsset(asset)
    },
  )
}
