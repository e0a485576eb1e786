import type { Level } from '@pixsim7/record'
import { isErrorLevel } from '../format/level.ts'
import type { ListRow } from './live-buffer.ts'

/** What a key asks the list to do. */
export type GridAction =
  | { readonly kind: 'move'; readonly by: number }
  | { readonly kind: 'edge'; readonly to: 'first' | 'last' }
  | { readonly kind: 'toggle' | 'open' | 'close' | 'leave' | 'search' | 'help' }
  | { readonly kind: 'seek'; readonly what: 'error' | 'warning'; readonly by: 1 | -1 }
  | { readonly kind: 'page'; readonly direction: 'next' | 'previous' }

const ROWS_PER_LEAP = 10

/** Keys that always act while a row has the focus. */
const NAMED: Readonly<Record<string, GridAction>> = {
  ArrowDown: { kind: 'move', by: 1 },
  ArrowUp: { kind: 'move', by: -1 },
  PageDown: { kind: 'move', by: ROWS_PER_LEAP },
  PageUp: { kind: 'move', by: -ROWS_PER_LEAP },
  Home: { kind: 'edge', to: 'first' },
  End: { kind: 'edge', to: 'last' },
  Enter: { kind: 'toggle' },
  ' ': { kind: 'toggle' },
  ArrowRight: { kind: 'open' },
  ArrowLeft: { kind: 'close' },
  Escape: { kind: 'leave' },
}

/** Single characters; the reader can switch them off. */
const CHARACTERS: Readonly<Record<string, GridAction>> = {
  j: { kind: 'move', by: 1 },
  k: { kind: 'move', by: -1 },
  g: { kind: 'edge', to: 'first' },
  G: { kind: 'edge', to: 'last' },
  l: { kind: 'open' },
  h: { kind: 'close' },
  e: { kind: 'seek', what: 'error', by: 1 },
  E: { kind: 'seek', what: 'error', by: -1 },
  w: { kind: 'seek', what: 'warning', by: 1 },
  W: { kind: 'seek', what: 'warning', by: -1 },
  ']': { kind: 'page', direction: 'next' },
  '[': { kind: 'page', direction: 'previous' },
  '/': { kind: 'search' },
  '?': { kind: 'help' },
}

/** The action of a key on a focused row; undefined for keys that are none of ours. */
export function gridAction(key: string, hasCharacterKeys: boolean): GridAction | undefined {
  if (Object.hasOwn(NAMED, key)) return NAMED[key]
  return hasCharacterKeys && Object.hasOwn(CHARACTERS, key) ? CHARACTERS[key] : undefined
}

/** Index of the next row in the direction with an error (ERROR or CRITICAL) or a warning; -1 when there is none. */
export function seekLevel(
  rows: readonly ListRow[],
  from: number,
  what: 'error' | 'warning',
  by: 1 | -1,
): number {
  const isWanted = (level: Level): boolean => (what === 'error' ? isErrorLevel(level) : level === 'WARNING')
  for (let index = from + by; index >= 0 && index < rows.length; index += by) {
    const row = rows[index]
    if (row?.kind === 'entry' && isWanted(row.entry.level)) return index
  }
  return -1
}
