import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { cleanUpAfter, tempDir } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { withDatabase, withPostgres } from '../../test/with-database.ts'
import type { Database } from '../database/open-database.ts'
import { AssetError } from './asset-error.ts'
import { findAsset, upsertAsset } from './asset-repository.ts'
import { deleteAsset } from './delete-asset.ts'
import { hostOf } from './download.ts'
import { removeAbandonedFiles } from './storage.ts'
import { syncAsset } from './sync-asset.ts'

const postgres = withPostgres()
const BODY = Buffer.alloc(300_000, 'video')
let count = 0

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUpAfter('test', () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const sendBody: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': BODY.length }).end(BODY)
}

async function addUser({ db }: Database, storageGb = 100): Promise<number> {
  const name = `user${++count}`
  const user = {
    email: `${name}@example.com`,
    username: name,
    password_hash: 'none',
    max_storage_gb: storageGb,
  }
  return (await db.insertInto('users').values(user).returning('id').executeTakeFirstOrThrow()).id
}

async function addAsset({ db }: Database, userId: number, url: string, providerAssetId = String(++count)) {
  return upsertAsset(db, {
    user_id: userId,
    sha256: null,
    provider_id: 'pixverse',
    provider_asset_id: providerAssetId,
    provider_account_id: null,
    remote_url: url,
    thumbnail_url: null,
    local_path: null,
    mime_type: 'video/mp4',
    width: null,
    height: null,
    duration_sec: null,
    file_size_bytes: null,
    source_job_id: null,
    downloaded_at: null,
  })
}

async function storageOf({ db }: Database, userId: number): Promise<number> {
  const user = db.selectFrom('users').select('current_storage_bytes').where('id', '=', userId)
  return (await user.executeTakeFirstOrThrow()).current_storage_bytes
}

async function failure(promise: Promise<unknown>): Promise<AssetError> {
  const outcome = await promise.then(
    (value) => value,
    (error: unknown) => error,
  )
  expect(outcome).toBeInstanceOf(AssetError)
  return outcome as AssetError
}

describe('fetching an asset', () => {
  it('stores the bytes, their hash and their size, and counts them once however often it is fetched', () =>
    withDatabase(postgres, async (database) => {
      const basePath = await tempDir()
      const store = { db: database.db, basePath }
      const user = await addUser(database)
      const { asset } = await addAsset(database, user, await serve(sendBody))
      const synced = await syncAsset(store, asset.id)
      expect(synced).toMatchObject({
        sync_status: 'downloaded',
        local_path: `user/${user}/assets/${asset.id}.mp4`,
        file_size_bytes: BODY.length,
        sha256: createHash('sha256').update(BODY).digest('hex'),
      })
      const file = path.join(basePath, synced.local_path ?? '')
      expect(readFileSync(file).equals(BODY)).toBe(true)
      expect(statSync(file).mode & 0o777).toBe(0o640)
      expect(await storageOf(database, user)).toBe(BODY.length)

      // Here already: not fetched again.
      const before = statSync(file).mtimeMs
      await syncAsset(store, asset.id)
      expect(statSync(file).mtimeMs).toBe(before)
      // Cut by somebody: fetched again, and not counted again.
      writeFileSync(file, 'cut')
      await syncAsset(store, asset.id)
      expect(readFileSync(file).equals(BODY)).toBe(true)
      expect(await storageOf(database, user)).toBe(BODY.length)

      expect(await deleteAsset(store, asset.id)).toBe(true)
      expect(existsSync(file)).toBe(false)
      expect(await storageOf(database, user)).toBe(0)
      expect(await deleteAsset(store, asset.id)).toBe(false)
    }))

  it('twice at once does no harm', () =>
    withDatabase(postgres, async (database) => {
      const basePath = await tempDir()
      const store = { db: database.db, basePath }
      const user = await addUser(database)
      const { asset } = await addAsset(database, user, await serve(sendBody))
      await Promise.all([syncAsset(store, asset.id), syncAsset(store, asset.id), syncAsset(store, asset.id)])
      expect(await storageOf(database, user)).toBe(BODY.length)
      expect(readdirSync(path.join(basePath, '.partial'))).toEqual([])
      expect(readdirSync(path.join(basePath, `user/${user}/assets`))).toEqual([`${asset.id}.mp4`])
    }))

  it.each<[string, RequestListener, string, number | undefined]>([
    ['404', (_request, response) => response.writeHead(404).end(), 'FILE_NOT_FOUND', 404],
    ['403', (_request, response) => response.writeHead(403).end(), 'FILE_NOT_FOUND', 403],
    ['500', (_request, response) => response.writeHead(500).end(), 'ASSET_DOWNLOAD_FAILED', 500],
    [
      'half a file',
      (_request, response) => {
        response.writeHead(200, { 'content-length': BODY.length })
        response.write(BODY.subarray(0, 1000), () => response.destroy())
      },
      'ASSET_DOWNLOAD_FAILED',
      undefined,
    ],
    ['no answer', (request) => request.socket.destroy(), 'ASSET_DOWNLOAD_FAILED', undefined],
    [
      'redirects for ever',
      (_request, response) => response.writeHead(302, { location: '/' }).end(),
      'ASSET_DOWNLOAD_FAILED',
      undefined,
    ],
  ])(
    'that gives %s leaves no file and the status error, unless there will be another try',
    (_name, listener, code, status) =>
      withDatabase(postgres, async (database) => {
        const basePath = await tempDir()
        const store = { db: database.db, basePath }
        const user = await addUser(database)
        const { asset } = await addAsset(database, user, `${await serve(listener)}/a.mp4?Signature=geheim`)
        const error = await failure(syncAsset(store, asset.id, { willRetry: () => true }))
        expect(error).toMatchObject({ code, statusCode: status })
        expect(error.message).not.toContain('geheim')
        expect((await findAsset(database.db, asset.id))?.sync_status).toBe('downloading')
        await failure(syncAsset(store, asset.id))
        expect((await findAsset(database.db, asset.id))?.sync_status).toBe('error')
        expect(existsSync(path.join(basePath, `user/${user}/assets/${asset.id}.mp4`))).toBe(false)
        if (existsSync(path.join(basePath, '.partial')))
          expect(readdirSync(path.join(basePath, '.partial'))).toEqual([])
        expect(await storageOf(database, user)).toBe(0)
      }),
  )

  it('stops at the room the user has left', () =>
    withDatabase(postgres, async (database) => {
      const basePath = await tempDir()
      const user = await addUser(database, 0.0001)
      const { asset } = await addAsset(database, user, await serve(sendBody))
      expect(await failure(syncAsset({ db: database.db, basePath }, asset.id))).toMatchObject({
        code: 'STORAGE_FULL',
        isRetryable: false,
      })
      expect(readdirSync(path.join(basePath, '.partial'))).toEqual([])
    }))

  it('gives up when it is told to', () =>
    withDatabase(postgres, async (database) => {
      const user = await addUser(database)
      const url = await serve((_request, response) => response.writeHead(200).write(BODY.subarray(0, 10)))
      const { asset } = await addAsset(database, user, url)
      const controller = new AbortController()
      const store = { db: database.db, basePath: await tempDir() }
      const syncing = failure(syncAsset(store, asset.id, { signal: controller.signal }))
      setImmediate(() => controller.abort(new Error('the worker stops')))
      expect((await syncing).code).toBe('ASSET_DOWNLOAD_FAILED')
    }))

  it('of one that was deleted meanwhile leaves no file', () =>
    withDatabase(postgres, async (database) => {
      const basePath = await tempDir()
      const user = await addUser(database)
      let deleted: Promise<unknown> | undefined
      const url = await serve((request, response) => {
        deleted = database.db.deleteFrom('assets').execute()
        void deleted.then(() => sendBody(request, response as never))
      })
      const { asset } = await addAsset(database, user, url)
      expect((await failure(syncAsset({ db: database.db, basePath }, asset.id))).code).toBe(
        'RESOURCE_NOT_FOUND',
      )
      expect(readdirSync(path.join(basePath, `user/${user}/assets`))).toEqual([])
    }))
})

describe('an asset that is known already', () => {
  it('is no error; gaps are filled, what is known stays, and the address is renewed', () =>
    withDatabase(postgres, async (database) => {
      const user = await addUser(database)
      const first = await addAsset(database, user, 'https://a.example/old', 'same')
      await database.db.updateTable('assets').set({ width: 100 }).where('id', '=', first.asset.id).execute()
      const second = await upsertAsset(database.db, {
        user_id: user,
        sha256: null,
        provider_id: 'pixverse',
        provider_asset_id: 'same',
        provider_account_id: null,
        remote_url: 'https://a.example/new',
        thumbnail_url: null,
        local_path: null,
        mime_type: 'video/mp4',
        width: 640,
        height: 360,
        duration_sec: 5,
        file_size_bytes: null,
        source_job_id: null,
        downloaded_at: null,
      })
      expect(first.isNew).toBe(true)
      expect(second).toMatchObject({
        isNew: false,
        asset: {
          id: first.asset.id,
          width: 100,
          height: 360,
          duration_sec: 5,
          remote_url: 'https://a.example/new',
        },
      })
      const other = await addAsset(database, await addUser(database), 'https://a.example/new', 'same')
      expect(other.isNew).toBe(true)
    }))
})

describe('the storage', () => {
  it('forgets downloads that a killed process left a day ago, and no younger ones', async () => {
    const basePath = await tempDir()
    expect(await removeAbandonedFiles(basePath, Date.now())).toBe(0)
    mkdirSync(path.join(basePath, '.partial'))
    for (const name of ['old', 'young']) writeFileSync(path.join(basePath, '.partial', name), 'x')
    const longAgo = Date.now() / 1000 - 90_000
    utimesSync(path.join(basePath, '.partial/old'), longAgo, longAgo)
    expect(await removeAbandonedFiles(basePath, Date.now())).toBe(1)
    expect(readdirSync(path.join(basePath, '.partial'))).toEqual(['young'])
  })

  it('names the host of an address and nothing more', () => {
    expect(hostOf('https://media.example:8443/a.mp4?Signature=x')).toBe('media.example:8443')
    expect(hostOf('nonsense')).toBe('no address')
  })
})
