import { useEffect, useState } from 'preact/hooks'
import { client } from '../api/client.ts'
import { formatPlural } from '../format/number.ts'
import { widerRange } from '../format/time-range.ts'
import { visibleText } from '../format/visible-text.ts'
import { activeFilters, noFilters, type ActiveFilter } from '../state/active-filters.ts'
import { healthLoader } from '../state/health.ts'
import { setFilters, view } from '../state/location.ts'
import { zone } from '../state/preferences.ts'
import { partsOfWords } from '../state/query-text.ts'
import { toFilterQuery } from '../state/view.ts'

/** Questions asked to find the way out of an empty result; more conditions than this are rare. */
const MOST_SUGGESTIONS = 8

/** Nothing matches: says so, and how many events each condition's end would bring. */
export function EmptyState() {
  const filters = activeFilters(view.value, zone.value)
  const wider = widerRange(view.value, Date.now())
  const wide = partsOfWords(view.value.q)
  const counts = useCounts([
    ...(wide === undefined ? [] : [{ key: 'parts', removal: { q: wide } }]),
    ...filters.slice(0, MOST_SUGGESTIONS),
  ])
  const health = healthLoader.loaded.value?.value
  if (filters.length === 0) {
    return (
      <div class="state">
        <h2>{view.value.isLive ? 'Waiting for the first event …' : 'No events yet'}</h2>
        <p>
          {health === undefined || health.files.length > 0
            ? 'The log server follows its files and shows events as soon as they are written.'
            : 'The log server follows no file yet. Its setting LOGS_FILES says which (default: data/logs/*.log*).'}
        </p>
      </div>
    )
  }
  return (
    <div class="state">
      <h2>No events match {filters.length === 1 ? 'this filter' : `these ${filters.length} filters`}</h2>
      <ul class="ways">
        {wide === undefined || (counts.get('parts') ?? 0) === 0 ? null : (
          <li>
            <button type="button" class="button" onClick={() => setFilters({ q: wide })}>
              Search for parts of words <b>{visibleText(wide)}</b>
              <Found count={counts.get('parts')} />
            </button>
          </li>
        )}
        {filters.slice(0, MOST_SUGGESTIONS).map((filter) => (
          <li key={filter.key}>
            <button type="button" class="button" onClick={() => setFilters(filter.removal)}>
              Remove {filter.label} <b>{visibleText(filter.value)}</b>
              <Found count={counts.get(filter.key)} />
            </button>
          </li>
        ))}
        {wider === undefined ? null : (
          <li>
            <button
              type="button"
              class="button"
              onClick={() => setFilters({ from: wider.from, to: wider.to })}
            >
              Widen the time to <b>{wider.label.toLowerCase()}</b>
            </button>
          </li>
        )}
        {filters.length > 1 ? (
          <li>
            <button type="button" class="button" onClick={() => setFilters(noFilters(view.value))}>
              Clear all filters
            </button>
          </li>
        ) : null}
      </ul>
    </div>
  )
}

function Found({ count }: { readonly count: number | undefined }) {
  return count === undefined ? null : (
    <span class="count">{count === 0 ? 'still none' : formatPlural(count, 'event')}</span>
  )
}

/** For each change of the filters, how many events there are with it. Missing while unknown; a failed count is no loss. */
function useCounts(changes: readonly Pick<ActiveFilter, 'key' | 'removal'>[]): ReadonlyMap<string, number> {
  const [counts, setCounts] = useState<ReadonlyMap<string, number>>(new Map())
  const question = JSON.stringify(toFilterQuery(view.value))
  useEffect(() => {
    const abort = new AbortController()
    setCounts(new Map())
    for (const change of changes) {
      const query = { ...toFilterQuery({ ...view.peek(), ...change.removal }), limit: 1 }
      client.logs(query, { signal: abort.signal }).then(
        ({ total }) => setCounts((known) => new Map(known).set(change.key, total)),
        () => {
          // The button works without its number.
        },
      )
    }
    return () => abort.abort()
  }, [question])
  return counts
}
