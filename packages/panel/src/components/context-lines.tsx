import { useEffect, useState } from 'preact/hooks'
import type { Entry } from '@pixsim7/protocol/client'
import { asProtocolError, client, isSignedOut } from '../api/client.ts'
import { plainLine } from '../format/entry.ts'
import { formatEntryTime, timeStyleOf } from '../format/time.ts'
import { oneLine, visibleText } from '../format/visible-text.ts'
import { openEntry } from '../state/location.ts'
import { zone } from '../state/preferences.ts'
import { endSession } from '../state/session.ts'
import { CopyButton } from './copy-button.tsx'
import { LevelMark } from './level-mark.tsx'
import { LogText } from './log-text.tsx'

const STEP = 10
/** The API's own limit. */
const MOST = 500

/** The lines before and after an entry in its own file, whatever the filters. */
export function ContextLines({ entry }: { readonly entry: Entry }) {
  const [reach, setReach] = useState({ before: STEP, after: STEP })
  const [lines, setLines] = useState<readonly Entry[]>([])
  const [fault, setFault] = useState('')
  const [isLoading, setLoading] = useState(true)

  useEffect(() => {
    const abort = new AbortController()
    setLoading(true)
    client
      .context(entry.id, reach, { signal: abort.signal })
      .then(
        ({ logs }) => {
          setLines(logs)
          setFault('')
        },
        (thrown: unknown) => {
          if (abort.signal.aborted) return
          if (isSignedOut(thrown)) endSession()
          else setFault(asProtocolError(thrown).message)
        },
      )
      .finally(() => {
        if (!abort.signal.aborted) setLoading(false)
      })
    return () => abort.abort()
  }, [entry.id, reach])

  const at = lines.findIndex((line) => line.id === entry.id)
  const style = timeStyleOf(
    lines.map((line) => line.timestamp),
    Date.now(),
    zone.value,
  )
  const more = (part: 'before' | 'after') => (
    <button
      type="button"
      class="button quiet"
      aria-disabled={reach[part] >= MOST}
      onClick={() => setReach({ ...reach, [part]: Math.min(MOST, reach[part] + STEP) })}
    >
      {STEP} more {part}
    </button>
  )
  return (
    <section class="context" aria-label={`Lines around it in ${entry.file}`} aria-busy={isLoading}>
      <header class="part-head">
        <h2>Lines around it in {visibleText(entry.file)}</h2>
        {/* As many as were asked for means there may be more. */}
        {at >= reach.before ? more('before') : null}
        {at >= 0 && lines.length - 1 - at >= reach.after ? more('after') : null}
        <CopyButton what="lines" text={() => lines.map(plainLine).join('\n')} />
      </header>
      {fault === '' ? null : (
        <p class="fault" role="alert">
          The lines could not be read: {fault}
        </p>
      )}
      {isLoading && lines.length === 0 ? <p class="hint">Reading …</p> : null}
      <ol class="context-lines">
        {lines.map((line) => {
          const time = formatEntryTime(line.timestamp, style, zone.value)
          const isSelf = line.id === entry.id
          return (
            <li key={line.id} class={`level-${line.level}`} aria-current={isSelf || undefined}>
              <button
                type="button"
                class="context-line"
                title={visibleText(`${line.timestamp} ${line.logger}`)}
                onClick={() => openEntry(line.id)}
              >
                <span class="time">
                  {visibleText(time.date)} {visibleText(time.time)}
                </span>
                <LevelMark level={line.level} />
                <span class="logger">{visibleText(oneLine(line.logger))}</span>
                <span class="message">
                  <LogText text={oneLine(line.message)} />
                </span>
              </button>
            </li>
          )
        })}
      </ol>
    </section>
  )
}
