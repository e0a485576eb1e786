import { signal, type ReadonlySignal } from '@preact/signals'
import { normaliseView, withFilters, type Filters, type View } from './view.ts'
import { buildSearch, parseView } from './view-url.ts'

/** Where the panel lives. */
export const PANEL_PATH = '/logs'

const current = signal<View>(parseView(location.search))

/** The view on the screen; written by {@link showView} and by the browser's back and forward only. */
export const view: ReadonlySignal<View> = current

/** What wrote the present history entry last, so that typing one word does not fill the history with its letters. */
let lastReason = ''

/**
 * Shows another view and writes its URL. A new history entry unless `replaces`, or unless `reason` is given and is the
 * same as of the change before (`typing search`).
 */
export function showView(next: View, how: { replaces?: boolean; reason?: string } = {}): void {
  const target = normaliseView(next)
  const url = PANEL_PATH + buildSearch(target)
  const continues = how.reason !== undefined && how.reason === lastReason
  lastReason = how.reason ?? ''
  if (url !== location.pathname + location.search) {
    if (how.replaces === true || continues) history.replaceState(null, '', url)
    else history.pushState(null, '', url)
  }
  current.value = target
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
  if (location.pathname !== PANEL_PATH) history.replaceState(null, '', PANEL_PATH + buildSearch(view.value))
  const onPopState = (): void => {
    lastReason = ''
    current.value = parseView(location.search)
  }
  addEventListener('popstate', onPopState)
  return () => removeEventListener('popstate', onPopState)
}
