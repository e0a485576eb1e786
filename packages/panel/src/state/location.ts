import { computed, signal, type ReadonlySignal } from '@preact/signals'
import { announce } from './announce.ts'
import { markPattern } from './query-text.ts'
import { defaultView, normaliseView, withFilters, type Filters, type PageName, type View } from './view.ts'
import { addressOf, pageOf, parseView } from './view-url.ts'

function viewOfAddress(): View {
  return parseView(location.search, pageOf(location.pathname))
}

const current = signal<View>(viewOfAddress())

/** What the search found, to be marked in messages and exceptions; null for nothing. */
export const marks = computed(() => markPattern(view.value.q, view.value.search))

/** What each page showed last in this tab, so that going to it leads back there. */
const lastViews = new Map<PageName, View>()

/** The view on the screen; written by {@link showView} and by the browser's back and forward only. */
export const view: ReadonlySignal<View> = current

/** What wrote the present history entry last, so that typing one word does not fill the history with its letters. */
let lastReason = ''

/** The pages' names, as navigation and titles say them. */
export const PAGE_TITLES: Readonly<Record<PageName, string>> = {
  logs: 'Logs',
  requests: 'Requests',
  services: 'Services',
  storage: 'Storage',
}

/**
 * Shows another view and writes its URL. A new history entry unless `replaces`, or unless `reason` is given and is the
 * same as of the change before (`typing search`).
 */
export function showView(next: View, how: { replaces?: boolean; reason?: string } = {}): void {
  const target = normaliseView(next)
  const url = addressOf(target)
  const continues = how.reason !== undefined && how.reason === lastReason
  lastReason = how.reason ?? ''
  if (url !== location.pathname + location.search) {
    if (how.replaces === true || continues) history.replaceState(null, '', url)
    else history.pushState(null, '', url)
  }
  take(target)
}

function take(target: View): void {
  // What has the focus stays: without a word nobody who listens would know that the page is another.
  if (target.page !== current.peek().page) announce(PAGE_TITLES[target.page])
  lastViews.set(target.page, target)
  current.value = target
}

/** Where going to a page leads: to what it showed last. */
export function lastViewOf(page: PageName): View {
  return lastViews.get(page) ?? defaultView(page)
}

/** Ends a run of changes for one reason: the next one gets a history entry of its own. */
export function endTyping(): void {
  lastReason = ''
}

/** Narrows or widens the view; back on the first page. */
export function setFilters(
  filters: Partial<Filters>,
  how: { keepsEntry?: boolean; reason?: string } = {},
): void {
  showView(
    withFilters(view.value, filters, how.keepsEntry),
    how.reason === undefined ? {} : { reason: how.reason },
  )
}

/** Opens the entry, or closes the open one with an empty id. Not a step in the history: reading is not navigating. */
export function openEntry(id: string): void {
  showView({ ...view.value, entry: id }, { replaces: true })
}

/** Follows back and forward, and puts the panel at its own path. Call once; returns what undoes it. */
export function followLocation(): () => void {
  if (location.pathname !== `/${view.value.page}`) history.replaceState(null, '', addressOf(view.value))
  lastViews.set(view.value.page, view.value)
  const onPopState = (): void => {
    lastReason = ''
    take(viewOfAddress())
  }
  addEventListener('popstate', onPopState)
  return () => removeEventListener('popstate', onPopState)
}
