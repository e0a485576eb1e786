import { effect, signal, type Signal } from '@preact/signals'
import type { Zone } from '../format/time.ts'

export type Theme = 'system' | 'light' | 'dark'

function remembered<T extends string>(name: string, choices: readonly T[], fallback: T): Signal<T> {
  const key = `pixsim7-logs.${name}`
  let stored: string | null = null
  try {
    stored = localStorage.getItem(key)
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
  const chosen = signal<T>(choices.find((choice) => choice === stored) ?? fallback)
  let isFirst = true
  effect(() => {
    const value = chosen.value
    if (isFirst) {
      isFirst = false
      return
    }
    try {
      localStorage.setItem(key, value)
    } catch {
      // As above.
    }
  })
  return chosen
}

/** Light, dark, or as the system has it. */
export const theme = remembered<Theme>('theme', ['system', 'light', 'dark'], 'system')

/** In whose time everything is shown. */
export const zone = remembered<Zone>('zone', ['local', 'utc'], 'local')

/** Whether the filters stand beside the list on wide screens. */
export const sidebar = remembered<'open' | 'closed'>('sidebar', ['open', 'closed'], 'open')

/** Whether single keys act; switchable because speech input types letters by accident (WCAG 2.1.4). */
export const shortcuts = remembered<'on' | 'off'>('shortcuts', ['on', 'off'], 'on')

/** Puts the chosen theme on the document. Call once; returns what undoes it. */
export function applyTheme(): () => void {
  return effect(() => {
    const root = document.documentElement
    if (theme.value === 'system') root.removeAttribute('data-theme')
    else root.setAttribute('data-theme', theme.value)
  })
}
