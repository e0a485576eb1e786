/** What the pages beside the log ask, and the answers. */
import { computed, effect } from '@preact/signals'
import type {
  QueryReading,
  RequestRateAnswer,
  ServicesAnswer,
  SlowAnswer,
  StorageAnswer,
} from '@pixsim7/protocol/client'
import { client } from '../api/client.ts'
import { Loader } from './loader.ts'
import { view } from './location.ts'
import { refreshes } from './queries.ts'
import { session } from './session.ts'
import { toFilterQuery, type PageName } from './view.ts'

export const rateLoader = new Loader<RequestRateAnswer>()
export const slowLoader = new Loader<SlowAnswer>()
export const servicesLoader = new Loader<ServicesAnswer>()
export const storageLoader = new Loader<StorageAnswer>()
/** How the query of the requests page was understood; null without one. */
export const readingLoader = new Loader<QueryReading | null>()

/** The slowest entries listed; more would be a log, which is a page of its own. */
const SLOWEST_ENTRIES = 25

/** Asks whenever the page or what it is narrowed by changes while somebody is signed in. Call once; returns what undoes it. */
export function followStatistics(): () => void {
  const keyOf = (page: PageName, question: () => object) =>
    computed(() =>
      session.value.state === 'in' && view.value.page === page ? JSON.stringify(question()) : null,
    )
  const filterKey = keyOf('requests', () => toFilterQuery(view.value))
  const slowKey = keyOf('requests', () => [toFilterQuery(view.value), view.value.overMs])
  const servicesKey = keyOf('services', () => [])
  const storageKey = keyOf('storage', () => [])
  const stops = [
    effect(() => {
      const [key] = [filterKey.value, refreshes.value]
      if (key === null) return
      const query = toFilterQuery(view.peek())
      void rateLoader.load(key, (signal) => client.requestRate(query, { signal }))
      // Only an answer with entries says how the query was read.
      void readingLoader.load(key, async (signal) =>
        query.q === undefined ? null : (await client.logs({ ...query, limit: 1 }, { signal })).query,
      )
    }),
    effect(() => {
      const [key] = [slowKey.value, refreshes.value]
      if (key === null) return
      const query = { ...toFilterQuery(view.peek()), over_ms: view.peek().overMs, limit: SLOWEST_ENTRIES }
      void slowLoader.load(key, (signal) => client.slow(query, { signal }))
    }),
    effect(() => {
      const [key] = [servicesKey.value, refreshes.value]
      if (key !== null) void servicesLoader.load(key, (signal) => client.services({ signal }))
    }),
    effect(() => {
      const [key] = [storageKey.value, refreshes.value]
      if (key !== null) void storageLoader.load(key, (signal) => client.storage({ signal }))
    }),
  ]
  return () => stops.forEach((stop) => stop())
}
