/**
 * Words are searched as whole words, because the store finds those by its indexes. Somebody who types `timeou` or the
 * middle of a word expects to find it nevertheless: where the whole words find nothing, the panel looks for them as parts
 * of words, and says so.
 */
import { computed, effect, signal } from '@preact/signals'
import { client } from '../api/client.ts'
import { setFilters, showView, view } from './location.ts'
import { entriesLoader, pageKey } from './queries.ts'
import { partsOfWords } from './query-text.ts'
import { toFilterQuery, type View } from './view.ts'

/** A query that found nothing, and the one shown in its stead. */
const widened = signal<{ readonly typed: string; readonly wide: string } | null>(null)

/** The query that was typed when the one in force is a wider one; null when it is in force itself. */
export const typedQuery = computed(() =>
  widened.value !== null && widened.value.wide === view.value.q ? widened.value.typed : null,
)

/** The last query that was typed, and what it was to be searched in. */
let asked: { readonly q: string; readonly among: string } | null = null

function among(present: View): string {
  return JSON.stringify(toFilterQuery({ ...present, q: '' }))
}

/** Searches for what is typed. */
export function typeQuery(q: string): void {
  asked = { q, among: among(view.peek()) }
  if (q !== view.peek().q) setFilters({ q }, { reason: 'typing search' })
}

/**
 * Widens a query that was typed and found nothing, when that finds something. A query that finds nothing because another
 * filter was added stays as it is: whoever takes the filter away wants to see what was there before. Call once; returns
 * what undoes it.
 */
export function followWidening(): () => void {
  return effect(() => {
    const loaded = entriesLoader.loaded.value
    const { page, isLive, q } = view.value
    if (page !== 'logs' || isLive || loaded === null || loaded.key !== pageKey.value) return
    if (asked === null || asked.q !== q || asked.among !== among(view.peek())) return
    const wide = partsOfWords(q)
    if (wide === undefined || loaded.value.total > 0 || loaded.value.query?.problem != null) return
    const abort = new AbortController()
    client.logs({ ...toFilterQuery({ ...view.peek(), q: wide }), limit: 1 }, { signal: abort.signal }).then(
      ({ total }) => {
        if (total === 0 || abort.signal.aborted) return
        widened.value = { typed: q, wide }
        showView({ ...view.peek(), q: wide }, { replaces: true, reason: 'typing search' })
      },
      () => {
        // Nothing is lost: the empty list says what it says already.
      },
    )
    return () => abort.abort()
  })
}
