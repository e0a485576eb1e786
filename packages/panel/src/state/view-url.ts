import { parseLevel } from '@pixsim7/record'
import {
  DEFAULT_PAGE_SIZE,
  defaultView,
  ID_FIELDS,
  MEASURES,
  PAGES,
  PAGE_SIZES,
  REFRESH_CHOICES_SECONDS,
  normaliseView,
  type PageName,
  type View,
} from './view.ts'

/** Longest value of each text parameter, as the API limits it: a longer one in a URL is cut, not sent. */
const LONGEST: Readonly<Record<string, number>> = {
  logger: 256,
  q: 8192,
  search: 4096,
  user_id: 256,
  job_id: 256,
  request_id: 256,
  from: 64,
  to: 64,
  cursor: 512,
  entry: 512,
}
const MOST_COMPONENTS = 50
const LONGEST_COMPONENT = 128

function wholeNumber(text: string | null): number {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : 0
}

/** The page a path names; the log where it names none. */
export function pageOf(pathname: string): PageName {
  return PAGES.find((page) => pathname === `/${page}` || pathname === `/${page}/`) ?? 'logs'
}

/**
 * The view the search part of a page's URL describes. Parameters have the API's names. Unknown parameters and values out
 * of range fall back to the page's default, so that a URL typed by hand always shows something; never throws.
 */
export function parseView(search: string, page: PageName = 'logs'): View {
  const usual = defaultView(page)
  const params = new URLSearchParams(search)
  const text = (name: string): string => (params.get(name) ?? '').slice(0, LONGEST[name])
  const number = <T extends number>(name: string, choices: readonly T[], fallback: T): T => {
    const value = params.has(name) ? wholeNumber(params.get(name)) : fallback
    return choices.find((choice) => choice === value) ?? fallback
  }
  return normaliseView({
    page,
    levels: params
      .getAll('level')
      .map(parseLevel)
      .filter((level) => level !== undefined),
    components: params
      .getAll('component')
      .slice(0, MOST_COMPONENTS)
      .map((name) => name.slice(0, LONGEST_COMPONENT)),
    logger: text('logger'),
    q: text('q'),
    search: text('search'),
    user_id: text('user_id'),
    job_id: text('job_id'),
    request_id: text('request_id'),
    from: params.has('from') ? text('from') : usual.from,
    to: text('to'),
    order: params.get('order') === 'asc' ? 'asc' : 'desc',
    limit: number('limit', PAGE_SIZES, DEFAULT_PAGE_SIZE),
    cursor: text('cursor'),
    start: wholeNumber(params.get('start')),
    of: wholeNumber(params.get('of')),
    entry: text('entry'),
    isLive: params.get('live') === '1',
    refreshSeconds: number<number>('refresh', REFRESH_CHOICES_SECONDS, usual.refreshSeconds),
    overMs: /^\d{1,9}$/.test(params.get('over_ms') ?? '') ? Number(params.get('over_ms')) : usual.overMs,
    measure: MEASURES.find((measure) => measure === params.get('measure')) ?? usual.measure,
  })
}

/** The search part of the view's URL, with its `?`; empty for the page's default view. */
export function buildSearch(view: View): string {
  const usual = defaultView(view.page)
  const params = new URLSearchParams()
  const add = (name: string, value: string, unless = ''): void => {
    if (value !== unless) params.append(name, value)
  }
  for (const level of view.levels) add('level', level)
  for (const component of view.components) add('component', component)
  add('logger', view.logger)
  add('q', view.q)
  add('search', view.search)
  for (const field of ID_FIELDS) add(field, view[field])
  add('from', view.from, usual.from)
  add('to', view.to)
  add('order', view.order, usual.order)
  add('limit', String(view.limit), String(usual.limit))
  add('cursor', view.cursor)
  add('start', String(view.start), '0')
  add('of', String(view.of), '0')
  add('entry', view.entry)
  if (view.isLive) add('live', '1')
  else add('refresh', String(view.refreshSeconds), String(usual.refreshSeconds))
  add('over_ms', String(view.overMs), String(usual.overMs))
  add('measure', view.measure, usual.measure)
  const search = params.toString()
  return search === '' ? '' : `?${search}`
}

/** Path and search part of the view's URL. */
export function addressOf(view: View): string {
  return `/${view.page}${buildSearch(view)}`
}
