import { parseLevel } from '@pixsim7/record'
import {
  DEFAULT_PAGE_SIZE,
  ID_FIELDS,
  PAGE_SIZES,
  REFRESH_CHOICES_SECONDS,
  normaliseView,
  type View,
} from './view.ts'

/** Longest value of each text parameter, as the API limits it: a longer one in a URL is cut, not sent. */
const LONGEST: Readonly<Record<string, number>> = {
  logger: 256,
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

/**
 * The view a URL's search part describes. Parameters have the API's names. Unknown parameters and values out of range
 * fall back to the default, so that a URL typed by hand always shows something; never throws.
 */
export function parseView(search: string): View {
  const params = new URLSearchParams(search)
  const text = (name: string): string => (params.get(name) ?? '').slice(0, LONGEST[name])
  const limit = wholeNumber(params.get('limit'))
  const refreshSeconds = wholeNumber(params.get('refresh'))
  return normaliseView({
    levels: params
      .getAll('level')
      .map(parseLevel)
      .filter((level) => level !== undefined),
    components: params
      .getAll('component')
      .slice(0, MOST_COMPONENTS)
      .map((name) => name.slice(0, LONGEST_COMPONENT)),
    logger: text('logger'),
    search: text('search'),
    user_id: text('user_id'),
    job_id: text('job_id'),
    request_id: text('request_id'),
    from: text('from'),
    to: text('to'),
    order: params.get('order') === 'asc' ? 'asc' : 'desc',
    limit: PAGE_SIZES.find((size) => size === limit) ?? DEFAULT_PAGE_SIZE,
    cursor: text('cursor'),
    start: wholeNumber(params.get('start')),
    entry: text('entry'),
    isLive: params.get('live') === '1',
    refreshSeconds: REFRESH_CHOICES_SECONDS.find((seconds) => seconds === refreshSeconds) ?? 0,
  })
}

/** The search part of the view's URL, with its `?`; empty for the default view. */
export function buildSearch(view: View): string {
  const params = new URLSearchParams()
  const add = (name: string, value: string): void => {
    if (value !== '') params.append(name, value)
  }
  for (const level of view.levels) add('level', level)
  for (const component of view.components) add('component', component)
  add('logger', view.logger)
  add('search', view.search)
  for (const field of ID_FIELDS) add(field, view[field])
  add('from', view.from)
  add('to', view.to)
  if (view.order === 'asc') add('order', 'asc')
  if (view.limit !== DEFAULT_PAGE_SIZE) add('limit', String(view.limit))
  add('cursor', view.cursor)
  if (view.start > 0) add('start', String(view.start))
  add('entry', view.entry)
  if (view.isLive) add('live', '1')
  if (view.refreshSeconds > 0) add('refresh', String(view.refreshSeconds))
  const search = params.toString()
  return search === '' ? '' : `?${search}`
}
