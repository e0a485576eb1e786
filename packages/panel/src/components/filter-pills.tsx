import { visibleText } from '../format/visible-text.ts'
import { activeFilters, noFilters } from '../state/active-filters.ts'
import { setFilters, view } from '../state/location.ts'
import { zone } from '../state/preferences.ts'
import { Icon } from './icon.tsx'

/** Every condition in force, each with its own end, and one end for all. */
export function FilterPills() {
  const filters = activeFilters(view.value, zone.value)
  if (filters.length === 0) return null
  return (
    <ul class="pills" aria-label="Active filters">
      {filters.map((filter) => (
        <li key={filter.key} class="pill">
          <span class="pill-label">{filter.label}</span>
          <span class="pill-value">{visibleText(filter.value)}</span>
          <button
            type="button"
            aria-label={`Remove filter ${filter.label} ${visibleText(filter.value)}`}
            title="Remove"
            onClick={() => setFilters(filter.removal)}
          >
            <Icon name="close" />
          </button>
        </li>
      ))}
      <li>
        <button
          type="button"
          class="button quiet clear-all"
          onClick={() => setFilters(noFilters(view.value))}
        >
          Clear all
        </button>
      </li>
    </ul>
  )
}
