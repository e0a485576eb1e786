import type { Entry } from '@pixsim7/protocol/client'

/** A row of the list: an entry, or a place where entries are missing. */
export type ListRow =
  | { readonly kind: 'entry'; readonly id: string; readonly entry: Entry }
  | {
      readonly kind: 'gap'
      readonly id: string
      /** Entries missing here; null when nobody knows. */
      readonly count: number | null
      readonly reason: string
    }

/** Most rows a live list keeps, shown and held back together: a tab left open over night must not grow. */
export const LIVE_ROWS_LIMIT = 5000
/**
 * Of these, rows that wait for the next drawing, or until somebody has read. Fewer would drop rows of a burst between two
 * drawings (250 ms); more would leave less of the list that is being read.
 */
export const HELD_ROWS_LIMIT = 2000

/** Entries as rows, in the order given. */
export function toRows(entries: readonly Entry[]): ListRow[] {
  return entries.map((entry) => ({ kind: 'entry', id: entry.id, entry }))
}

/**
 * The rows of a live tail, newest first, bounded. New rows are held back until `release`, so that the owner decides when
 * the list may move. An entry that came before is not taken again. What does not fit among the held rows is dropped,
 * oldest first, and a gap row says how many; shown rows past the limit leave at the old end without one, because paging
 * shows them.
 */
export class LiveBuffer {
  #shown: readonly ListRow[] = []
  #held: ListRow[] = []
  readonly #ids = new Set<string>()
  #droppedWhileHeld = 0
  #gaps = 0
  readonly #shownLimit: number
  readonly #heldLimit: number

  constructor(limit = LIVE_ROWS_LIMIT, heldLimit = HELD_ROWS_LIMIT) {
    this.#shownLimit = limit - heldLimit
    this.#heldLimit = heldLimit
  }

  /** Newest first; a new array after each change. */
  get shown(): readonly ListRow[] {
    return this.#shown
  }

  /** Entries held back or dropped since the last release. */
  get heldCount(): number {
    return this.#held.reduce((sum, row) => sum + (row.kind === 'entry' ? 1 : 0), 0) + this.#droppedWhileHeld
  }

  /** Whether rows or a dropped count wait for a release. */
  get hasHeld(): boolean {
    return this.#held.length > 0 || this.#droppedWhileHeld > 0
  }

  /** Puts the first page (newest first) below whatever has arrived meanwhile. */
  seed(entries: readonly Entry[]): void {
    const rows = toRows(entries).filter((row) => this.#remember(row.id))
    this.#shown = [...this.#shown, ...rows]
    this.#trim()
  }

  /** Takes entries in the order they were stored; returns those that are new. */
  add(entries: readonly Entry[], skipped = 0): readonly Entry[] {
    if (skipped > 0) {
      this.addGap(skipped, 'more arrived than a live tail carries')
    }
    const fresh = entries.filter((entry) => this.#remember(entry.id))
    // Files are read one after the other: inside one batch time decides.
    const newestFirst = [...fresh]
      .reverse()
      .sort((a, b) => (a.timestamp < b.timestamp ? 1 : a.timestamp > b.timestamp ? -1 : 0))
    this.#held = [...toRows(newestFirst), ...this.#held]
    for (const row of this.#held.splice(this.#heldLimit)) {
      this.#ids.delete(row.id)
      this.#droppedWhileHeld += row.kind === 'entry' ? 1 : (row.count ?? 0)
    }
    return fresh
  }

  /** Marks a place where entries are missing. */
  addGap(count: number | null, reason: string): void {
    this.#held.unshift({ kind: 'gap', id: `gap-${++this.#gaps}`, count, reason })
  }

  /** Shows what was held back; returns how many entries that were. */
  release(): number {
    const count = this.#held.reduce((sum, row) => sum + (row.kind === 'entry' ? 1 : 0), 0)
    if (!this.hasHeld) return 0
    const dropped: ListRow[] =
      this.#droppedWhileHeld === 0
        ? []
        : [
            {
              kind: 'gap',
              id: `gap-${++this.#gaps}`,
              count: this.#droppedWhileHeld,
              reason: 'more arrived than the list keeps',
            },
          ]
    this.#shown = [...this.#held, ...dropped, ...this.#shown]
    this.#held = []
    this.#droppedWhileHeld = 0
    this.#trim()
    return count
  }

  #trim(): void {
    if (this.#shown.length <= this.#shownLimit) return
    for (const row of this.#shown.slice(this.#shownLimit)) this.#ids.delete(row.id)
    this.#shown = this.#shown.slice(0, this.#shownLimit)
  }

  #remember(id: string): boolean {
    if (this.#ids.has(id)) return false
    this.#ids.add(id)
    return true
  }
}
