/**
 * Whether somebody is reading right now. What arrives must not move what is being read: the live tail holds new rows
 * back and the automatic refresh waits while any of these is true.
 */
import { computed, signal } from '@preact/signals'
import { view } from './location.ts'

/** A row, or something inside the list, has the focus. */
export const hasRowFocus = signal(false)

/** The list is scrolled away from its top by more than {@link TOP_TOLERANCE_PX}. */
export const isScrolledAway = signal(false)

/** Text in the list is selected. */
export const hasSelection = signal(false)

/** The tab is in the background. */
export const isTabHidden = signal(document.visibilityState === 'hidden')

/** The reader pressed pause. */
export const isPaused = signal(false)

/** As far as a list may be scrolled and still count as at its top. */
export const TOP_TOLERANCE_PX = 16

/** Why new rows wait, in words that end "… while"; null when they need not. */
export const holdReason = computed<string | null>(() => {
  if (view.value.page !== 'logs') return null
  if (isPaused.value) return 'paused'
  if (view.value.entry !== '') return 'an entry is open'
  if (hasSelection.value) return 'text is selected'
  if (hasRowFocus.value) return 'a row has the focus'
  if (isScrolledAway.value) return 'the list is scrolled'
  return null
})

/** Follows selection and visibility. Call once; returns what undoes it. */
export function followReading(): () => void {
  const onSelection = (): void => {
    const selection = document.getSelection()
    const anchor = selection?.anchorNode
    const element = anchor instanceof Element ? anchor : (anchor?.parentElement ?? null)
    hasSelection.value = selection !== null && !selection.isCollapsed && element?.closest('.list') != null
  }
  const onVisibility = (): void => {
    isTabHidden.value = document.visibilityState === 'hidden'
  }
  document.addEventListener('selectionchange', onSelection)
  document.addEventListener('visibilitychange', onVisibility)
  return () => {
    document.removeEventListener('selectionchange', onSelection)
    document.removeEventListener('visibilitychange', onVisibility)
  }
}
