import { Type } from '@fastify/type-provider-typebox'
import { AppError, notFound } from '../../app-error.ts'
import { findAsset } from '../../assets/asset-repository.ts'
import { deleteAsset } from '../../assets/delete-asset.ts'
import { syncAsset } from '../../assets/sync-asset.ts'
import type { Asset } from '../../database/tables.ts'
import type { Identity } from '../../users/auth-service.ts'
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
  NoContent,
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
export function assetRoutes(app: ApiApp, { database, storageFolder }: Dependencies): void {
  const { db } = database
  const store = { db, basePath: storageFolder }
  const common = { tags: ['assets'], security: [{ bearer: [] }] }

  const getOwnAsset = async ({ user }: Identity, assetId: number): Promise<Asset> => {
    const asset = await findAsset(db, assetId)
    if (asset === undefined) throw notFound('asset')
    if (asset.user_id !== user.id && user.role !== 'admin') {
      throw new AppError('permission_denied', 'This asset belongs to another user.')
    }
    return asset
  }

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
    async (request) => showAsset(await getOwnAsset(identityOf(request), request.params.id)),
  )

  app.delete(
    '/assets/:id',
    {
      schema: {
        ...common,
        summary: 'Delete an asset and its file',
        params: IdParams,
        response: { 204: NoContent, ...failures(401, 403, 404, 422) },
      },
    },
    async (request, reply) => {
      const asset = await getOwnAsset(identityOf(request), request.params.id)
      if (!(await deleteAsset(store, asset.id))) throw notFound('asset')
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/assets/:id/sync',
    {
      schema: {
        ...common,
        summary: 'Fetch the file of an asset from its provider, unless it is here already',
        params: IdParams,
        response: { 200: AssetBody, ...failures(400, 401, 403, 404, 422) },
      },
    },
    async (request) => {
      const asset = await getOwnAsset(identityOf(request), request.params.id)
      return showAsset(await syncAsset(store, asset.id))
    },
  )
}
