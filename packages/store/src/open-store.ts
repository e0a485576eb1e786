import path from 'node:path'
import { makeDataDir } from './data-dir.ts'
import type { LogStore } from './log-store.ts'
import { EngineClient } from './engine/engine-client.ts'
import { context, entry } from './questions/entry.ts'
import { facets } from './questions/facets.ts'
import { histogram } from './questions/histogram.ts'
import { requestRate } from './questions/request-rate.ts'
import { search } from './questions/search.ts'
import { services } from './questions/services.ts'
import { slow } from './questions/slow.ts'
import { storage } from './questions/storage.ts'
import { tail } from './questions/tail.ts'
import { engineOptions, type StoreOptions } from './store-options.ts'

const DEFAULT_QUERY_TIMEOUT_MS = 30_000

/**
 * Opens a store with the embedded engine: starts the engine's process, which begins to follow the files, and resolves
 * when it answers. The caller closes the store; the process also ends when this one does.
 *
 * @throws StoreError STORE_BAD_OPTIONS, STORE_ENGINE_UNAVAILABLE, STORE_IN_USE, STORE_NEWER_SCHEMA, STORE_DAMAGED
 */
export async function openStore(options: StoreOptions): Promise<LogStore> {
  const checked = engineOptions(options)
  const dataDir = makeDataDir(checked.dataDir)
  const client = new EngineClient(
    { ...checked, dataDir, files: checked.files.map((pattern) => path.resolve(pattern)) },
    options.queryTimeoutMs ?? DEFAULT_QUERY_TIMEOUT_MS,
    options.onEvent ?? (() => undefined),
  )
  try {
    await client.start()
  } catch (error) {
    await client.close()
    throw error
  }
  return {
    search: (filter, page, queryOptions) => search(client, filter, page, queryOptions),
    histogram: (filter, buckets, queryOptions) => histogram(client, filter, buckets, queryOptions),
    facets: (filter, fields, queryOptions) => facets(client, filter, fields, queryOptions),
    entry: (id, queryOptions) => entry(client, id, queryOptions),
    context: (id, before, after, queryOptions) => context(client, id, before, after, queryOptions),
    tail: (filter, from, limit, signal) => tail(client, client.state, filter, from, limit, signal),
    requestRate: (filter, queryOptions) => requestRate(client, filter, queryOptions),
    slow: (filter, overMs, limit, queryOptions) => slow(client, filter, overMs, limit, queryOptions),
    storage: (queryOptions) => storage(client, dataDir, client.state.expiredRows, queryOptions),
    services: (nowUs, queryOptions) => services(client, nowUs, queryOptions),
    health: () => client.state.health(),
    close: () => client.close(),
  }
}
