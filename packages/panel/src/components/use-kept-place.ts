import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { topOf, type RowGeometry } from '../format/row-window.ts'
import type { ListRow } from '../state/live-buffer.ts'
import { hasRowFocus, TOP_TOLERANCE_PX } from '../state/reading.ts'

/** The drawn row with this id; null when it is not drawn. */
export function rowElement(grid: HTMLElement | null, id: string): HTMLElement | null {
  return grid?.querySelector<HTMLElement>(`.row[data-id="${CSS.escape(id)}"]`) ?? null
}

/** How much higher the open row is than the others. */
export function useOpenHeight(grid: { readonly current: HTMLElement | null }, openId: string): number {
  const [height, setHeight] = useState(0)
  useLayoutEffect(() => {
    const detail =
      openId === '' ? null : (rowElement(grid.current, openId)?.querySelector('.detail-cell') ?? null)
    if (!(detail instanceof HTMLElement)) return setHeight(0)
    setHeight(detail.offsetHeight)
    const observer = new ResizeObserver(() => setHeight(detail.offsetHeight))
    observer.observe(detail)
    return () => observer.disconnect()
  }, [openId])
  return height
}

/** What decides where rows are. */
export interface Place {
  readonly rows: readonly ListRow[]
  readonly geometry: RowGeometry
  readonly listKey: string
  readonly openId: string
}

/**
 * Keeps what is being read where it is when rows come or go above it: the open entry, else the focused row, else the
 * first one on the screen. At the top of an unread list nothing is kept, so that new rows show. Another list starts at
 * its top, or at the open entry.
 */
export function useKeptPlace(
  place: Place,
  scroller: { readonly current: HTMLDivElement | null },
  grid: { readonly current: HTMLDivElement | null },
  activeId: string,
): void {
  const last = useRef<Place | null>(null)
  useLayoutEffect(() => {
    const before = last.current
    last.current = place
    const list = scroller.current
    const element = grid.current
    if (list === null || element === null) return
    if (before === null || before.listKey !== place.listKey) {
      const { openIndex } = place.geometry
      const isFirst = before === null && openIndex < 0
      if (!isFirst) list.scrollTop = openIndex < 0 ? 0 : element.offsetTop + topOf(openIndex, place.geometry)
      return
    }
    if (before.openId !== place.openId && place.openId !== '')
      return showWhole(list, rowElement(element, place.openId))
    if (before.rows === place.rows) return
    const isFocused = hasRowFocus.peek() && activeId !== ''
    const anchorId =
      place.openId !== '' && before.geometry.openIndex >= 0
        ? place.openId
        : isFocused
          ? activeId
          : list.scrollTop > TOP_TOLERANCE_PX
            ? before.rows[Math.floor((list.scrollTop - element.offsetTop) / before.geometry.rowHeight)]?.id
            : undefined
    const from = before.rows.findIndex((row) => row.id === anchorId)
    const to = place.rows.findIndex((row) => row.id === anchorId)
    if (from >= 0 && to >= 0) list.scrollTop += topOf(to, place.geometry) - topOf(from, before.geometry)
  })
}

/** Scrolls so far that an entry just opened shows as much of itself as fits, its own row always. */
function showWhole(list: HTMLElement, row: HTMLElement | null): void {
  if (row === null) return
  const listBox = list.getBoundingClientRect()
  const box = row.getBoundingClientRect()
  const head = list.querySelector<HTMLElement>('.columns')?.offsetHeight ?? 0
  const missing = box.bottom - listBox.bottom
  const room = box.top - listBox.top - head
  if (missing > 0 && room > 0) list.scrollTop += Math.min(missing, room)
}
