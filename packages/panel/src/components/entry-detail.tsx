import { useState } from 'preact/hooks'
import type { Entry } from '@pixsim7/protocol/client'
import { callSite, detailFields } from '../format/entry.ts'
import { formatBytes } from '../format/number.ts'
import { visibleText } from '../format/visible-text.ts'
import { openEntry } from '../state/location.ts'
import { DEFAULT_VIEW } from '../state/view.ts'
import { addressOf } from '../state/view-url.ts'
import { ContextLines } from './context-lines.tsx'
import { CopyButton } from './copy-button.tsx'
import { FieldTable } from './field-table.tsx'
import { Icon } from './icon.tsx'
import { LogText } from './log-text.tsx'
import { StackTrace } from './stack-trace.tsx'

/** Characters of a message drawn at first: one line of many megabytes would stop the page. */
const FIRST_CHARACTERS = 64 * 1024

/** Everything about one entry. */
export function EntryDetail({ entry, marks }: { readonly entry: Entry; readonly marks: RegExp | null }) {
  const [hasContext, setContext] = useState(false)
  const path = addressOf({ ...DEFAULT_VIEW, entry: entry.id })
  const site = callSite(entry)
  return (
    <section class="detail" aria-label="Entry details">
      <div class="detail-bar">
        {site === null ? null : (
          <span class="call-site" title="Module → function:line">
            {visibleText(site)}
          </span>
        )}
        <span class="spacer" />
        <button
          type="button"
          class="button quiet"
          aria-pressed={hasContext}
          onClick={() => setContext(!hasContext)}
        >
          <Icon name="lines" />
          Lines around
        </button>
        <CopyButton what="JSON" text={() => JSON.stringify(entry, null, 2)} />
        <CopyButton what="link" icon="link" text={() => location.origin + path} />
        <button type="button" class="button quiet" data-close onClick={() => openEntry('')}>
          <Icon name="close" />
          Close
        </button>
      </div>
      <Message text={entry.message} marks={marks} />
      {entry.exception === null ? null : <StackTrace exception={entry.exception} marks={marks} />}
      {hasContext ? <ContextLines key={entry.id} entry={entry} /> : null}
      <FieldTable fields={detailFields(entry)} />
    </section>
  )
}

function Message({ text, marks }: { readonly text: string; readonly marks: RegExp | null }) {
  const [isWhole, setWhole] = useState(false)
  const isCut = text.length > FIRST_CHARACTERS && !isWhole
  return (
    <div class="message-full">
      <p>
        <LogText text={isCut ? text.slice(0, FIRST_CHARACTERS) : text} marks={marks} />
      </p>
      {isCut ? (
        <button type="button" class="button quiet" onClick={() => setWhole(true)}>
          Show all {formatBytes(text.length)}
        </button>
      ) : null}
    </div>
  )
}
