import type { FilterQuery, LogsQuery } from '@pixsim7/protocol'
import type { Level } from '@pixsim7/record'
import { normaliseLevels } from '../format/level.ts'

/** The pages of the panel; each is the path of its address. */
export const PAGES = ['logs', 'requests', 'services', 'storage'] as const
export type PageName = (typeof PAGES)[number]

/** Rows a page may have. */
export const PAGE_SIZES = [50, 100, 200, 500] as const
export type PageSize = (typeof PAGE_SIZES)[number]
export const DEFAULT_PAGE_SIZE: PageSize = 100

/** Pauses between automatic refreshes, in seconds; 0 is off. */
export const REFRESH_CHOICES_SECONDS = [0, 5, 15, 30, 60] as const
/** The pause unless the reader chose another: a log that is being read stays as it is, figures follow by themselves. */
const USUAL_REFRESH_SECONDS: Readonly<Record<PageName, number>> = {
  logs: 0,
  requests: 15,
  services: 5,
  storage: 60,
}

/** An operation that takes this many milliseconds is slow, unless the reader says otherwise. */
export const DEFAULT_OVER_MS = 100

/** What the days of the storage page are measured by. */
export const MEASURES = ['bytes', 'lines'] as const
export type Measure = (typeof MEASURES)[number]

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
  /** In the query language. */
  readonly q: string
  /** Any part of message or exception, as it stands; from links, where the search box holds `q`. */
  readonly search: string
  readonly user_id: string
  readonly job_id: string
  readonly request_id: string
  readonly from: string
  readonly to: string
}

/** All that decides what is on the screen; the URL holds exactly this (see view-url.ts). */
export interface View extends Filters {
  readonly page: PageName
  readonly order: 'desc' | 'asc'
  readonly limit: PageSize
  /** Empty: the first page. */
  readonly cursor: string
  /** Entries before this page when it was turned to, for "showing a–b of total" only; 0 without a cursor. */
  readonly start: number
  /** Entries the whole result had then; 0 when nobody knows. What has come since stands before the page, newest first. */
  readonly of: number
  /** Id of the open entry, or empty. */
  readonly entry: string
  /** Live tail: newest first, from the first page, without an end of time. */
  readonly isLive: boolean
  /** One of {@link REFRESH_CHOICES_SECONDS}; 0 while live. */
  readonly refreshSeconds: number
  /** Least duration of what the requests page lists as slow. */
  readonly overMs: number
  readonly measure: Measure
}

/** Sets every filter back. */
export const NO_FILTERS: Filters = {
  levels: [],
  components: [],
  logger: '',
  q: '',
  search: '',
  user_id: '',
  job_id: '',
  request_id: '',
  from: '',
  to: '',
}

/** What a page shows when its address says nothing else. Requests per minute over all time would be a wall. */
export function defaultView(page: PageName): View {
  return {
    ...NO_FILTERS,
    page,
    from: page === 'requests' ? '-1h' : '',
    order: 'desc',
    limit: DEFAULT_PAGE_SIZE,
    cursor: '',
    start: 0,
    of: 0,
    entry: '',
    isLive: false,
    refreshSeconds: USUAL_REFRESH_SECONDS[page],
    overMs: DEFAULT_OVER_MS,
    measure: 'bytes',
  }
}

export const DEFAULT_VIEW: View = defaultView('logs')

/** The view with its invariants restored, so that one view has one URL. */
export function normaliseView(view: View): View {
  const { page, refreshSeconds, overMs, measure } = view
  if (page === 'services') return { ...defaultView(page), refreshSeconds }
  if (page === 'storage') return { ...defaultView(page), refreshSeconds, measure }
  const filters: Filters = {
    levels: normaliseLevels(view.levels),
    components: [...new Set(view.components)].filter((name) => name !== ''),
    logger: view.logger,
    q: view.q,
    search: view.search,
    user_id: view.user_id,
    job_id: view.job_id,
    request_id: view.request_id,
    from: view.from,
    to: view.to,
  }
  if (page === 'requests') return { ...defaultView(page), ...filters, refreshSeconds, overMs }
  const logs: View = { ...view, ...filters, overMs: DEFAULT_OVER_MS, measure: 'bytes' }
  if (view.isLive) return { ...logs, cursor: '', start: 0, of: 0, order: 'desc', to: '', refreshSeconds: 0 }
  return view.cursor === '' ? { ...logs, start: 0, of: 0 } : logs
}

/** Entries before the page now that the result has `total`: new ones came before it when the newest stand first. */
export function startOf({ start, of, order, cursor }: View, total: number): number {
  if (cursor === '') return 0
  return of === 0 || order === 'asc' ? start : start + Math.max(0, total - of)
}

/** The view with other filters, on its first page. The open entry closes unless `keepsEntry`. */
export function withFilters(view: View, filters: Partial<Filters>, keepsEntry = false): View {
  const entry = keepsEntry ? view.entry : ''
  // An end of time cannot be tailed: choosing one leaves the live tail.
  const isLive = view.isLive && (filters.to ?? '') === ''
  return normaliseView({ ...view, ...filters, cursor: '', entry, isLive })
}

/** The filters as the API takes them. */
export function toFilterQuery(filters: Filters): FilterQuery {
  const query: FilterQuery = {}
  if (filters.levels.length > 0) query.level = [...filters.levels]
  if (filters.components.length > 0) query.component = [...filters.components]
  for (const name of ['logger', 'q', 'search', ...ID_FIELDS, 'from', 'to'] as const) {
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
