import { signal } from '@preact/signals'

/** What a polite live region says; for outcomes that are only seen otherwise ("Copied"). */
export const announcement = signal('')

/** Says it once, even when it is the same sentence as before. */
export function announce(text: string): void {
  announcement.value = announcement.peek() === text ? `${text}\u00a0` : text
}
