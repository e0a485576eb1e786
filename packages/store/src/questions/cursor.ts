import type { PageRequest } from '../log-store.ts'
import { StoreError } from '../store-error.ts'
import { formatKey, parseKey, type EntryKey } from './entry-key.ts'

/** A place between two entries and the way to go on from there: on in the order of the page, or back. */
export interface Cursor {
  readonly way: 'next' | 'prev'
  readonly key: EntryKey
}

/** `d` or `a` for the order it belongs to, `n` or `p` for the way, then the key. */
export function formatCursor(cursor: Cursor, order: PageRequest['order']): string {
  return `${order[0]}${cursor.way[0]}.${formatKey(cursor.key)}`
}

/** @throws StoreError STORE_BAD_CURSOR */
export function parseCursor(text: string, order: PageRequest['order']): Cursor {
  const key = text[2] === '.' ? parseKey(text.slice(3)) : undefined
  const way = text[1] === 'n' ? 'next' : text[1] === 'p' ? 'prev' : undefined
  if (key === undefined || way === undefined || (text[0] !== 'd' && text[0] !== 'a')) {
    throw new StoreError(
      'STORE_BAD_CURSOR',
      'The cursor is none of ours; expected next_cursor or prev_cursor of an earlier page. Ask for the first page again.',
    )
  }
  if (text[0] !== order[0]) {
    throw new StoreError(
      'STORE_BAD_CURSOR',
      `The cursor belongs to a page in the other order than ${order}. Ask for the first page in this order.`,
    )
  }
  return { way, key }
}
