import { signal } from '@preact/signals'

/** The time, for words such as "3 min ago"; moves once a second while the tab is shown. */
export const now = signal(Date.now())

/** Call once; returns what stops it. */
export function followClock(): () => void {
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') now.value = Date.now()
  }, 1000)
  return () => clearInterval(timer)
}
