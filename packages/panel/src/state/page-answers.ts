/** What all pages have in common about their answers: under way, failed, how old. */
import { computed, effect } from '@preact/signals'
import type { Loader } from './loader.ts'
import { view } from './location.ts'
import { entriesLoader, facetsLoader, histogramLoader } from './queries.ts'
import { session } from './session.ts'
import { rateLoader, readingLoader, servicesLoader, slowLoader, storageLoader } from './statistics.ts'
import type { PageName } from './view.ts'

/** The answers a page cannot do without. */
const NEEDED: Readonly<Record<PageName, readonly Loader<unknown>[]>> = {
  logs: [entriesLoader],
  requests: [rateLoader, slowLoader],
  services: [servicesLoader],
  storage: [storageLoader],
}

const needed = computed(() => NEEDED[view.value.page])

/** Why the page has no present answer; null when it has. */
export const pageProblem = computed(
  () => needed.value.map((loader) => loader.problem.value).find((problem) => problem !== null) ?? null,
)

/** Whether something the page needs is being asked. */
export const isPageLoading = computed(() => needed.value.some((loader) => loader.isLoading.value))

/** When the oldest answer on the page came, in milliseconds since 1970; null while one is missing. */
export const pageLoadedAtMs = computed<number | null>(() => {
  const times = needed.value.map((loader) => loader.loaded.value?.loadedAtMs ?? 0)
  return times.includes(0) ? null : Math.min(...times)
})

/** Forgets all answers when somebody leaves: the next reader may be somebody else. Call once; returns what undoes it. */
export function forgetWhenSignedOut(): () => void {
  return effect(() => {
    if (session.value.state !== 'out' || session.value.why === 'ended') return
    for (const loader of [...Object.values(NEEDED).flat(), histogramLoader, facetsLoader, readingLoader])
      loader.clear()
  })
}
