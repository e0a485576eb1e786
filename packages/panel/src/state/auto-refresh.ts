import { computed, effect, signal } from '@preact/signals'
import { isPassing } from '../api/client.ts'
import { view } from './location.ts'
import { isPageLoading, pageProblem } from './page-answers.ts'
import { refresh } from './queries.ts'
import { holdReason, isTabHidden } from './reading.ts'
import { session } from './session.ts'

/** Pauses after failed questions, in seconds: soon at first, because most failures are a restart. */
const RETRY_SECONDS = [2, 4, 8, 15]

/** When a failed question is asked again, in milliseconds since 1970; null when nothing waits for that. */
export const retryAtMs = signal<number | null>(null)

/** Why the automatic refresh waits; null when it runs or is off. */
export const refreshPause = computed<string | null>(() =>
  view.value.refreshSeconds === 0 ? null : isTabHidden.value ? 'the tab is hidden' : holdReason.value,
)

/** Refreshes as the view says, and asks failed questions again. Call once; returns what undoes it. */
export function followAutoRefresh(): () => void {
  const isDue = computed(
    () => view.value.refreshSeconds > 0 && refreshPause.value === null && session.value.state === 'in',
  )
  const stopRefresh = effect(() => {
    if (!isDue.value || isPageLoading.value || pageProblem.value !== null) return
    const timer = setTimeout(refresh, view.value.refreshSeconds * 1000)
    return () => clearTimeout(timer)
  })

  let failures = 0
  const stopRetry = effect(() => {
    const problem = pageProblem.value
    if (problem === null) failures = 0
    retryAtMs.value = null
    if (problem === null || !isPassing(problem) || session.value.state !== 'in' || isTabHidden.value) return
    if (isPageLoading.value) return
    const seconds =
      problem.retryAfterSeconds ?? RETRY_SECONDS[Math.min(failures, RETRY_SECONDS.length - 1)] ?? 15
    failures++
    retryAtMs.value = Date.now() + seconds * 1000
    const timer = setTimeout(refresh, seconds * 1000)
    return () => clearTimeout(timer)
  })
  return () => {
    stopRefresh()
    stopRetry()
  }
}
