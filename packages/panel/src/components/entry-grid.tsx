import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { TargetedKeyboardEvent, TargetedMouseEvent } from 'preact'
import { topOf, windowOf, type RowGeometry } from '../format/row-window.ts'
import type { TimeStyle } from '../format/time.ts'
import { announce } from '../state/announce.ts'
import { gridAction, seekLevel, type GridAction } from '../state/grid-keys.ts'
import type { ListRow } from '../state/live-buffer.ts'
import { marks, openEntry, setFilters, view } from '../state/location.ts'
import { shortcuts } from '../state/preferences.ts'
import { hasRowFocus } from '../state/reading.ts'
import { ID_FIELDS } from '../state/view.ts'
import { COLUMN_COUNT, EntryRow } from './entry-row.tsx'
import { GapRow } from './gap-row.tsx'
import { pageStep } from './pager.tsx'
import { SEARCH_INPUT_ID } from './search-box.tsx'
import { rowElement, useKeptPlace, useOpenHeight } from './use-kept-place.ts'
import { useScrollPort } from './use-scroll-port.ts'

/**
 * Up to this many rows all are in the page, so that the browser's own find and selecting across rows work; beyond it
 * only those near the screen are.
 */
const WINDOW_ABOVE_ROWS = 500
const SPARE_ROWS = 30
const COLUMNS = ['Time', 'Level', 'Component', 'Logger', 'Message', 'Ids'] as const

export interface EntryGridProps {
  readonly rows: readonly ListRow[]
  /** Names the question the rows answer; another one starts at the top. */
  readonly listKey: string
  readonly scroller: { readonly current: HTMLDivElement | null }
  /** Rows of the whole result before the first one here. */
  readonly start: number
  /** Rows of the whole result; undefined when nobody knows. */
  readonly total: number | undefined
  readonly timeStyle: TimeStyle
  readonly onHelp: () => void
  /** Shows the range a gap row stands for. */
  readonly onGap: (id: string) => void
}

/** The list: one tab stop, arrows and letters inside, Enter opens in place. */
export function EntryGrid(props: EntryGridProps) {
  const { rows, listKey, scroller } = props
  const grid = useRef<HTMLDivElement>(null)
  const [activeId, setActiveId] = useState('')
  const wantsFocus = useRef<string | null>(null)
  const openId = view.value.entry
  const openIndex = openId === '' ? -1 : rows.findIndex((row) => row.id === openId)
  const isWindowed = rows.length > WINDOW_ABOVE_ROWS
  const port = useScrollPort(scroller, grid, isWindowed)
  const openHeight = useOpenHeight(grid, openIndex < 0 ? '' : openId)
  const geometry: RowGeometry = { count: rows.length, rowHeight: port.rowHeight, openIndex, openHeight }
  const shown = isWindowed
    ? windowOf(geometry, port.top, port.height, SPARE_ROWS)
    : { first: 0, last: rows.length, above: 0, below: 0 }
  const activeIndex = Math.max(
    0,
    rows.findIndex((row) => row.id === activeId),
  )

  useKeptPlace({ rows, geometry, listKey, openId }, scroller, grid, activeId)
  useEffect(() => () => void (hasRowFocus.value = false), [])
  useLayoutEffect(() => {
    // Removing what has the focus (the Close button of an entry) takes it away without an event.
    if (hasRowFocus.peek()) hasRowFocus.value = grid.current?.contains(document.activeElement) === true
  })
  useLayoutEffect(() => {
    if (wantsFocus.current === null) return
    const element = rowElement(grid.current, wantsFocus.current)
    if (element === null) return
    wantsFocus.current = null
    element.focus({ preventScroll: true })
  })

  const reveal = (index: number): void => {
    const list = scroller.current
    const head = grid.current?.querySelector<HTMLElement>('.columns')
    if (list === null || grid.current === null) return
    const headHeight = head?.offsetHeight ?? 0
    const top = grid.current.offsetTop + headHeight + topOf(index, geometry)
    const bottom = top + port.rowHeight
    if (top - headHeight < list.scrollTop) list.scrollTop = top - headHeight
    else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight
  }
  const goTo = (index: number): void => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))]
    if (row === undefined) return
    reveal(rows.indexOf(row))
    setActiveId(row.id)
    const element = rowElement(grid.current, row.id)
    if (element === null) wantsFocus.current = row.id
    else element.focus({ preventScroll: true })
  }
  const toggle = (id: string): void => {
    setActiveId(id)
    openEntry(view.value.entry === id ? '' : id)
  }
  const seek = (what: 'error' | 'warning', by: 1 | -1): void => {
    const found = seekLevel(rows, activeIndex, what, by)
    if (found >= 0) goTo(found)
    else announce(`No ${by === 1 ? 'further' : 'earlier'} ${what} on this page`)
  }
  const perform = (action: GridAction, row: ListRow | undefined): void => {
    switch (action.kind) {
      case 'move':
        return goTo(activeIndex + action.by)
      case 'edge':
        return goTo(action.to === 'first' ? 0 : rows.length - 1)
      case 'toggle':
        return row === undefined ? undefined : row.kind === 'gap' ? props.onGap(row.id) : toggle(row.id)
      case 'open':
        return row?.kind === 'entry' && row.id !== openId ? toggle(row.id) : undefined
      case 'close':
        return openEntry('')
      case 'leave':
        return leave()
      case 'search':
        return document.getElementById(SEARCH_INPUT_ID)?.focus()
      case 'help':
        return props.onHelp()
      case 'page':
        return pageStep(action.direction)?.()
      case 'seek':
        return seek(action.what, action.by)
    }
  }
  /** Escape, from the innermost outwards: the entry, the search, the focus. */
  const leave = (): void => {
    if (openId !== '') openEntry('')
    else if (view.value.q !== '') setFilters({ q: '' })
    else if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
  }
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLDivElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof HTMLElement)) return
    const isOnRow = event.target.getAttribute('role') === 'row'
    if (!isOnRow) {
      if (event.key !== 'Escape' || openId === '') return
      event.preventDefault()
      openEntry('')
      rowElement(grid.current, openId)?.focus()
      return
    }
    const action = gridAction(event.key, shortcuts.value === 'on')
    if (action === undefined) return
    event.preventDefault()
    event.stopPropagation()
    perform(
      action,
      rows.find((row) => row.id === (event.target as HTMLElement).dataset['id']),
    )
  }
  const onClick = (event: TargetedMouseEvent<HTMLDivElement>): void => {
    if (!(event.target instanceof Element)) return
    // A press by keyboard has no clicks; only then is the focus worth keeping.
    const isByKeyboard = event.detail === 0
    if (event.target.closest('button[data-close]') !== null) {
      if (isByKeyboard) rowElement(grid.current, openId)?.focus()
      return
    }
    const badge = event.target.closest<HTMLElement>('button[data-field]')
    const field = ID_FIELDS.find((name) => name === badge?.dataset['field'])
    if (field !== undefined) return setFilters({ [field]: badge?.dataset['value'] ?? '' })
    const gap = event.target.closest<HTMLElement>('button[data-gap]')?.dataset['gap']
    if (gap !== undefined) return props.onGap(gap)
    const id = event.target.closest('.cells')?.closest<HTMLElement>('.row[data-id]')?.dataset['id']
    if (id === undefined || rows.find((row) => row.id === id)?.kind !== 'entry') return
    // The end of a selection, and the second press of a double click that selects a word, are no press on the row.
    if (event.detail > 1 || document.getSelection()?.isCollapsed === false) return
    toggle(id)
    // Closed by mouse, the row is let go: it would hold new rows back for nobody.
    if (id === openId && !isByKeyboard) rowElement(grid.current, id)?.blur()
  }
  return (
    <div
      ref={grid}
      class="grid"
      role="grid"
      aria-label="Log entries"
      aria-rowcount={props.total === undefined ? -1 : Math.max(props.total, props.start + rows.length) + 1}
      aria-colcount={COLUMN_COUNT}
      data-time-style={props.timeStyle}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onFocusIn={(event) => {
        const row =
          event.target instanceof Element ? event.target.closest<HTMLElement>('.row[data-id]') : null
        hasRowFocus.value = true
        if (row?.dataset['id'] !== undefined) setActiveId(row.dataset['id'])
      }}
      onFocusOut={(event) => {
        const next = event.relatedTarget
        if (!(next instanceof Node) || grid.current?.contains(next) !== true) hasRowFocus.value = false
      }}
    >
      <div role="row" class="columns" aria-rowindex={1}>
        {COLUMNS.map((name) => (
          <span key={name} role="columnheader" class={`cell ${name.toLowerCase()}`}>
            {name}
          </span>
        ))}
      </div>
      <div
        role="rowgroup"
        class="rows"
        style={{ paddingTop: `${shown.above}px`, paddingBottom: `${shown.below}px` }}
      >
        {rows.slice(shown.first, shown.last).map((row, offset) => {
          const index = shown.first + offset
          const shared = { rowIndex: props.start + index + 2, isActive: index === activeIndex }
          return row.kind === 'gap' ? (
            <GapRow key={row.id} row={row} {...shared} />
          ) : (
            <EntryRow
              key={row.id}
              entry={row.entry}
              {...shared}
              isOpen={index === openIndex}
              timeStyle={props.timeStyle}
              marks={marks.value}
            />
          )
        })}
      </div>
    </div>
  )
}
