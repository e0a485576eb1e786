import { describeRange } from '../format/time-range.ts'
import type { Zone } from '../format/time.ts'
import { defaultView, ID_FIELDS, NO_FILTERS, type Filters, type View } from './view.ts'

/** One condition in force, as a pill shows it. */
export interface ActiveFilter {
  /** Stable name of the condition, `component:worker`. */
  readonly key: string
  readonly label: string
  readonly value: string
  /** What to set to be rid of it. */
  readonly removal: Partial<Filters>
}

const LABELS = {
  logger: 'logger',
  q: 'query',
  search: 'text',
  user_id: 'user',
  job_id: 'job',
  request_id: 'request',
} as const

/** Sets every filter back to what the page shows by itself. */
export function noFilters({ page }: View): Filters {
  return { ...NO_FILTERS, from: defaultView(page).from }
}

/** All conditions in force, in the order the filters stand on the screen. */
export function activeFilters(filters: View, zone: Zone): readonly ActiveFilter[] {
  const active: ActiveFilter[] = []
  for (const field of ['q', 'search', 'logger', ...ID_FIELDS] as const) {
    if (filters[field] !== '') {
      active.push({ key: field, label: LABELS[field], value: filters[field], removal: { [field]: '' } })
    }
  }
  for (const level of filters.levels) {
    active.push({
      key: `level:${level}`,
      label: 'level',
      value: level,
      removal: { levels: filters.levels.filter((other) => other !== level) },
    })
  }
  for (const component of filters.components) {
    active.push({
      key: `component:${component}`,
      label: 'component',
      value: component,
      removal: { components: filters.components.filter((other) => other !== component) },
    })
  }
  const usual = noFilters(filters)
  if (filters.from !== usual.from || filters.to !== usual.to) {
    active.push({
      key: 'time',
      label: 'time',
      value: describeRange(filters, zone),
      removal: { from: usual.from, to: usual.to },
    })
  }
  return active
}
