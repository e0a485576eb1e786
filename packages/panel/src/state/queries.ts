/** The questions the panel asks for the present view, each with the key that names it, and their answers. */
import { computed, effect, signal } from '@preact/signals'
import type { FacetsAnswer, FilterQuery, HistogramAnswer, LogsAnswer } from '@pixsim7/protocol/client'
import { client } from '../api/client.ts'
import { facetQuestions, mergeFacets } from './facet-questions.ts'
import { Loader } from './loader.ts'
import { view } from './location.ts'
import { session } from './session.ts'
import { toFilterQuery, toLogsQuery } from './view.ts'

export const entriesLoader = new Loader<LogsAnswer>()
export const histogramLoader = new Loader<HistogramAnswer>()
export const facetsLoader = new Loader<FacetsAnswer['facets']>()

/** Intervals asked for; set by the histogram from its width. */
export const bucketCount = signal(80)

/** Counts up to ask everything again, on whatever page. */
export const refreshes = signal(0)

/** Whether the log is on the screen, to somebody signed in. */
const isLogPage = computed(() => session.value.state === 'in' && view.value.page === 'logs')

const filterKey = computed(() => JSON.stringify(toFilterQuery(view.value)))

/** Names the page on the screen. */
export const pageKey = computed(() => JSON.stringify(toLogsQuery(view.value)))

/** Whether what the list shows answers another question than the one asked now. */
export const isOtherAnswer = computed(
  () =>
    !view.value.isLive &&
    entriesLoader.loaded.value !== null &&
    entriesLoader.loaded.value.key !== pageKey.value,
)

/** Asks everything on the screen again. */
export function refresh(): void {
  refreshes.value++
}

/** Asks for histogram and facets again: what a live tail does not bring by itself. */
export async function refreshSurroundings(): Promise<void> {
  const query = toFilterQuery(view.peek())
  await Promise.all([loadHistogram(query, filterKey.peek()), loadFacets(query, filterKey.peek())])
}

function loadHistogram(query: FilterQuery, key: string): Promise<void> {
  const buckets = bucketCount.peek()
  return histogramLoader.load(key, (signal) => client.histogram({ ...query, buckets }, { signal }))
}

function loadFacets(query: FilterQuery, key: string): Promise<void> {
  return facetsLoader.load(key, async (signal) => {
    const questions = facetQuestions(query)
    const answers = await Promise.all(questions.map((question) => client.facets(question, { signal })))
    return mergeFacets(answers)
  })
}

/** Asks whenever the view changes while somebody is signed in. Call once; returns what undoes it. */
export function followQueries(): () => void {
  // Reading a signal's value is what makes an effect follow it, also where only its change counts.
  const stops = [
    effect(() => {
      const [key] = [pageKey.value, refreshes.value]
      if (!isLogPage.value || view.value.isLive) return
      const query = toLogsQuery(view.peek())
      void entriesLoader.load(key, (signal) => client.logs(query, { signal }))
    }),
    effect(() => {
      const [key] = [filterKey.value, refreshes.value, bucketCount.value]
      if (isLogPage.value) void loadHistogram(toFilterQuery(view.peek()), key)
    }),
    effect(() => {
      const [key] = [filterKey.value, refreshes.value]
      if (isLogPage.value) void loadFacets(toFilterQuery(view.peek()), key)
    }),
  ]
  return () => stops.forEach((stop) => stop())
}
