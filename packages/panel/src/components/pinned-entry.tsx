import { useEffect, useState } from 'preact/hooks'
import type { Entry } from '@pixsim7/protocol/client'
import { asProtocolError, client, isSignedOut } from '../api/client.ts'
import { formatEntryTime } from '../format/time.ts'
import { visibleText } from '../format/visible-text.ts'
import { marks, openEntry, setFilters } from '../state/location.ts'
import { zone } from '../state/preferences.ts'
import { endSession } from '../state/session.ts'
import { EntryDetail } from './entry-detail.tsx'
import { Icon } from './icon.tsx'
import { LevelMark } from './level-mark.tsx'

/** How far before and after an entry "Show around this time" reaches. */
const AROUND_MS = 60_000

/** The open entry when it is not among the rows: opened by its link, or pushed off the page by newer ones. */
export function PinnedEntry({ id }: { readonly id: string }) {
  const [entry, setEntry] = useState<Entry | null>(null)
  const [fault, setFault] = useState('')
  useEffect(() => {
    const abort = new AbortController()
    setEntry(null)
    setFault('')
    client.entry(id, { signal: abort.signal }).then(setEntry, (thrown: unknown) => {
      if (abort.signal.aborted) return
      if (isSignedOut(thrown)) return endSession()
      const error = asProtocolError(thrown)
      setFault(
        error.code === 'not_found'
          ? 'This entry is no longer in the store: retention has removed it, or the store was rebuilt.'
          : error.message,
      )
    })
    return () => abort.abort()
  }, [id])

  if (fault !== '') {
    return (
      <section class="pinned" aria-label="Open entry">
        <p class="fault" role="alert">
          {fault}{' '}
          <button type="button" class="button" onClick={() => openEntry('')}>
            Close
          </button>
        </p>
      </section>
    )
  }
  if (entry === null) return <p class="pinned hint">Loading the entry …</p>
  const time = formatEntryTime(entry.timestamp, 'full', zone.value)
  const showAround = (): void => {
    const ms = Date.parse(entry.timestamp)
    setFilters(
      { from: new Date(ms - AROUND_MS).toISOString(), to: new Date(ms + AROUND_MS).toISOString() },
      { keepsEntry: true },
    )
  }
  return (
    <section class={`pinned level-${entry.level}`} aria-label="Open entry" data-id={entry.id}>
      <header class="pinned-head">
        <LevelMark level={entry.level} />
        <span class="time" title={visibleText(entry.timestamp)}>
          {visibleText(`${time.date} ${time.time}`)}
        </span>
        <span>{visibleText(entry.component)}</span>
        <span>{visibleText(entry.logger)}</span>
        <span class="hint">not among the rows below</span>
        <span class="spacer" />
        <button type="button" class="button quiet" onClick={showAround}>
          <Icon name="clock" />
          Show around this time
        </button>
      </header>
      <EntryDetail entry={entry} marks={marks.value} />
    </section>
  )
}
