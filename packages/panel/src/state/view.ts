import type { FilterQuery, LogsQuery } from '@pixsim7/protocol'
import type { Level } from '@pixsim7/record'
import { normaliseLevels } from '../format/level.ts'

/** Rows a page may have. */
export const PAGE_SIZES = [50, 100, 200, 500] as const
export type PageSize = (typeof PAGE_SIZES)[number]
export const DEFAULT_PAGE_SIZE: PageSize = 100

/** Pauses between automatic refreshes, in seconds; 0 is off. */
export const REFRESH_CHOICES_SECONDS = [0, 5, 15, 30, 60] as const

/** Fields that filter by one exact value. */
export const ID_FIELDS = ['user_id', 'job_id', 'request_id'] as const
export type IdField = (typeof ID_FIELDS)[number]

/** What the list is narrowed by. An empty text or list is no condition. */
export interface Filters {
  /** Lowest first; never all five. */
  readonly levels: readonly Level[]
  readonly components: readonly string[]
  /** Exact, or a pattern with `*`. */
  readonly logger: string
  readonly search: string
  readonly user_id: string
  readonly job_id: string
  readonly request_id: string
  readonly from: string
  readonly to: string
}

/** All that decides what is on the screen; the URL holds exactly this (see view-url.ts). */
export interface View extends Filters {
  readonly order: 'desc' | 'asc'
  readonly limit: PageSize
  /** Empty: the first page. */
  readonly cursor: string
  /** Entries before this page, for "showing a–b of total" only; 0 without a cursor. */
  readonly start: number
  /** Id of the open entry, or empty. */
  readonly entry: string
  /** Live tail: newest first, from the first page, without an end of time. */
  readonly isLive: boolean
  /** One of {@link REFRESH_CHOICES_SECONDS}; 0 while live. */
  readonly refreshSeconds: number
}

export const DEFAULT_VIEW: View = {
  levels: [],
  components: [],
  logger: '',
  search: '',
  user_id: '',
  job_id: '',
  request_id: '',
  from: '',
  to: '',
  order: 'desc',
  limit: DEFAULT_PAGE_SIZE,
  cursor: '',
  start: 0,
  entry: '',
  isLive: false,
  refreshSeconds: 0,
}

/** The view with its invariants restored, so that one view has one URL. */
export function normaliseView(view: View): View {
  const levels = normaliseLevels(view.levels)
  const components = [...new Set(view.components)].filter((name) => name !== '')
  if (view.isLive) {
    return { ...view, levels, components, cursor: '', start: 0, order: 'desc', to: '', refreshSeconds: 0 }
  }
  return { ...view, levels, components, start: view.cursor === '' ? 0 : view.start }
}

/** The view with other filters, on its first page. The open entry closes unless `keepsEntry`. */
export function withFilters(view: View, filters: Partial<Filters>, keepsEntry = false): View {
  const entry = keepsEntry ? view.entry : ''
  // An end of time cannot be tailed: choosing one leaves the live tail.
  const isLive = view.isLive && (filters.to ?? '') === ''
  return normaliseView({ ...view, ...filters, cursor: '', start: 0, entry, isLive })
}

/** The filters as the API takes them. */
export function toFilterQuery(filters: Filters): FilterQuery {
  const query: FilterQuery = {}
  if (filters.levels.length > 0) query.level = [...filters.levels]
  if (filters.components.length > 0) query.component = [...filters.components]
  for (const name of ['logger', 'search', ...ID_FIELDS, 'from', 'to'] as const) {
    if (filters[name] !== '') query[name] = filters[name]
  }
  return query
}

/** The page as the API takes it. */
export function toLogsQuery(view: View): LogsQuery {
  const query: LogsQuery = { ...toFilterQuery(view), limit: view.limit, order: view.order }
  if (view.cursor !== '') query.cursor = view.cursor
  return query
}

/**
 * What a typed logger asks for. A name the log holds, or a pattern with `*`, is taken as it stands; any other text
 * matches as a part of the name, which is what somebody who types the beginning of a name expects.
 */
export function loggerPattern(typed: string, known: readonly string[]): string {
  const text = typed.trim()
  if (text === '' || text.includes('*') || known.includes(text)) return text
  return `*${text}*`
}
