import { useEffect, useRef } from 'preact/hooks'
import { computed } from '@preact/signals'
import { timeStyleOf } from '../format/time.ts'
import { liveRows, liveState, liveTotal, showNewRows } from '../state/live.ts'
import { toRows } from '../state/live-buffer.ts'
import { showView, view } from '../state/location.ts'
import { zone } from '../state/preferences.ts'
import { entriesLoader, isOtherAnswer } from '../state/queries.ts'
import { isScrolledAway } from '../state/reading.ts'
import { startOf } from '../state/view.ts'
import { EmptyState } from './empty-state.tsx'
import { EntryGrid } from './entry-grid.tsx'
import { NewRowsButton } from './live-control.tsx'
import { PinnedEntry } from './pinned-entry.tsx'

const pageRows = computed(() => toRows(entriesLoader.loaded.value?.value.logs ?? []))

/** The list with what may stand in its place: loading, nothing found, an entry from a link. */
export function ListArea({ onHelp }: { readonly onHelp: () => void }) {
  const scroller = useRef<HTMLDivElement>(null)
  const { isLive, entry } = view.value
  const loaded = entriesLoader.loaded.value
  const rows = isLive ? liveRows.value : pageRows.value
  const isOld = isLive ? liveState.value.state !== 'on' : entriesLoader.problem.value !== null
  const isKnown = isLive ? liveTotal.value !== null : loaded !== null && !isOtherAnswer.value
  const isLoading = isLive ? liveTotal.value === null : entriesLoader.isLoading.value
  const isPinned = entry !== '' && isKnown && !rows.some((row) => row.id === entry)
  const timeStyle = timeStyleOf(
    rows.flatMap((row) => (row.kind === 'entry' ? [row.entry.timestamp] : [])),
    Date.now(),
    zone.value,
  )
  useEffect(() => () => void (isScrolledAway.value = false), [])

  const showTop = (): void => {
    scroller.current?.focus()
    showNewRows()
    // After the new rows are drawn, because drawing them keeps an open entry where it is.
    requestAnimationFrame(() => scroller.current?.scrollTo({ top: 0 }))
  }
  /** Leaves the tail and shows the range between the neighbours of a gap. */
  const showGap = (id: string): void => {
    const at = rows.findIndex((row) => row.id === id)
    const newer = rows.slice(0, at).findLast((row) => row.kind === 'entry')
    const older = rows.slice(at + 1).find((row) => row.kind === 'entry')
    showView({
      ...view.value,
      isLive: false,
      entry: '',
      from: older?.kind === 'entry' ? older.entry.timestamp : view.value.from,
      // The end is exclusive: one millisecond later the newer neighbour is in, and the range is never empty.
      to: newer?.kind === 'entry' ? new Date(Date.parse(newer.entry.timestamp) + 1).toISOString() : '',
    })
  }
  return (
    <div
      class="list-frame"
      aria-busy={isLoading}
      data-stale={isOld ? 'old' : isOtherAnswer.value ? 'loading' : undefined}
    >
      <div class="progress-line" data-busy={isLoading || undefined} aria-hidden="true" />
      <NewRowsButton onShow={showTop} />
      <div class="list" ref={scroller} tabIndex={-1}>
        {isPinned ? <PinnedEntry key={entry} id={entry} /> : null}
        {rows.length > 0 ? (
          <EntryGrid
            rows={rows}
            listKey={isLive ? 'live' : (loaded?.key ?? '')}
            scroller={scroller}
            start={isLive ? 0 : startOf(view.value, loaded?.value.total ?? 0)}
            total={isLive ? liveTotal.value?.count : loaded?.value.total}
            timeStyle={timeStyle}
            onHelp={onHelp}
            onGap={showGap}
          />
        ) : isKnown ? (
          <EmptyState />
        ) : (
          <p class="state hint">
            {isLoading ? 'Loading …' : 'Nothing to show until the question can be answered.'}
          </p>
        )}
      </div>
    </div>
  )
}
