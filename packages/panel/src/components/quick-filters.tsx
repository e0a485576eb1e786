import { formatShortCount } from '../format/number.ts'
import { QUICK_FILTERS, quickFilterOf, type QuickFilter } from '../format/level.ts'
import { setFilters, view } from '../state/location.ts'
import { facetsLoader } from '../state/queries.ts'
import { canDrawEmoji } from './emoji.ts'
import { LevelShape } from './level-mark.tsx'

function countOf(filter: QuickFilter): number | undefined {
  const values = facetsLoader.loaded.value?.value['level']
  if (values === undefined) return undefined
  return values.reduce(
    (sum, { value, count }) =>
      filter.levels.length === 0 || filter.levels.some((level) => level === value) ? sum + count : sum,
    0,
  )
}

/** The five usual choices of levels, each one press. */
export function QuickFilters() {
  const chosen = quickFilterOf(view.value.levels)
  return (
    <div class="quick" role="group" aria-label="Quick filters">
      {QUICK_FILTERS.map((filter) => {
        const count = countOf(filter)
        return (
          <button
            key={filter.id}
            type="button"
            class="quick-button"
            data-quick={filter.id}
            aria-pressed={chosen === filter}
            onClick={() => setFilters({ levels: filter.levels })}
          >
            {filter.shape === null ? null : canDrawEmoji() ? (
              <span class="emoji" aria-hidden="true">
                {filter.emoji}
              </span>
            ) : (
              <LevelShape level={filter.shape} />
            )}
            {filter.label}
            {count === undefined ? null : <span class="count">{formatShortCount(count)}</span>}
          </button>
        )
      })}
    </div>
  )
}
