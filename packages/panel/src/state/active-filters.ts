import { describeRange } from '../format/time-range.ts'
import type { Zone } from '../format/time.ts'
import { ID_FIELDS, type Filters } from './view.ts'

/** One condition in force, as a pill shows it. */
export interface ActiveFilter {
  /** Stable name of the condition, `component:worker`. */
  readonly key: string
  readonly label: string
  readonly value: string
  /** What to set to be rid of it. */
  readonly removal: Partial<Filters>
}

/** Sets every filter back. */
export const NO_FILTERS: Filters = {
  levels: [],
  components: [],
  logger: '',
  search: '',
  user_id: '',
  job_id: '',
  request_id: '',
  from: '',
  to: '',
}

const LABELS = {
  logger: 'logger',
  search: 'search',
  user_id: 'user',
  job_id: 'job',
  request_id: 'request',
} as const

/** All conditions in force, in the order the filters stand on the screen. */
export function activeFilters(filters: Filters, zone: Zone): readonly ActiveFilter[] {
  const active: ActiveFilter[] = []
  for (const field of ['search', 'logger', ...ID_FIELDS] as const) {
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
  if (filters.from !== '' || filters.to !== '') {
    active.push({
      key: 'time',
      label: 'time',
      value: describeRange(filters, zone),
      removal: { from: '', to: '' },
    })
  }
  return active
}
