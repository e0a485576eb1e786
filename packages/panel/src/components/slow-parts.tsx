import type { Entry, SlowAnswer } from '@pixsim7/protocol/client'
import { formatCount, formatDuration } from '../format/number.ts'
import { formatEntryTime } from '../format/time.ts'
import { fieldsPreview } from '../format/entry.ts'
import { oneLine, visibleText } from '../format/visible-text.ts'
import { endTyping, showView, view } from '../state/location.ts'
import { zone } from '../state/preferences.ts'
import { messageTerm } from '../state/query-text.ts'
import { slowLoader } from '../state/statistics.ts'
import { LevelMark } from './level-mark.tsx'
import { LogText } from './log-text.tsx'
import { PagePart } from './page-frame.tsx'
import { narrowedLog } from './requests-page.tsx'
import { useDraft } from './use-draft.ts'
import { logView, ViewLink } from './view-link.tsx'

const TYPING_DELAY_MS = 400
/** Longest limit that can be typed: a day. */
const MOST_OVER_MS = 86_400_000

/** Entries that took long, by operation and one by one. */
export function SlowParts() {
  const answer = slowLoader.loaded.value?.value
  const over = formatDuration(view.value.overMs)
  return (
    <>
      <PagePart title="Slow operations" tools={<OverControl total={answer?.total} />}>
        {answer === undefined ? (
          <p class="hint">Loading …</p>
        ) : answer.operations.length === 0 ? (
          <p class="hint">Nothing took {over} or longer. Lower the limit, or widen the time.</p>
        ) : (
          <Operations operations={answer.operations} />
        )}
      </PagePart>
      {answer === undefined || answer.logs.length === 0 ? null : (
        <PagePart title="Slowest entries">
          <Slowest entries={answer.logs} />
        </PagePart>
      )}
    </>
  )
}

/** In the query language: as long as the page's limit, or longer. Old and foreign lines may know seconds only. */
function slowTerm(overMs: number): string {
  return `(duration_ms:>=${overMs} OR duration_sec:>=${overMs / 1000})`
}

function OverControl({ total }: { readonly total: number | undefined }) {
  const draft = useDraft(
    String(view.value.overMs),
    (text, isDone) => {
      const overMs = Math.min(MOST_OVER_MS, Number(/^\s*(\d{1,12})/.exec(text)?.[1] ?? view.value.overMs))
      if (overMs !== view.value.overMs) showView({ ...view.value, overMs }, { reason: 'typing limit' })
      if (isDone) endTyping()
      return String(overMs)
    },
    TYPING_DELAY_MS,
  )
  return (
    <>
      <label class="over">
        <span>took at least</span>
        <input
          class="text-input"
          inputMode="numeric"
          autocomplete="off"
          maxLength={8}
          aria-label="Least duration in milliseconds"
          value={draft.text}
          onInput={(event) => draft.onInput(event.currentTarget.value)}
          onKeyDown={draft.onKeyDown}
          onBlur={draft.onBlur}
        />
        <span>ms</span>
      </label>
      {total === undefined ? null : (
        <ViewLink class="over-total" view={narrowedLog(slowTerm(view.value.overMs))}>
          {formatCount(total)} in the log
        </ViewLink>
      )}
    </>
  )
}

function Operations({ operations }: { readonly operations: SlowAnswer['operations'] }) {
  const { overMs } = view.value
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Slow operations">
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">Operation</th>
            <th scope="col">Component</th>
            <th scope="col">Logger</th>
            <th scope="col" class="number">
              Count
            </th>
            <th scope="col" class="number">
              Median
            </th>
            <th scope="col" class="number">
              p95
            </th>
            <th scope="col" class="number">
              Longest
            </th>
          </tr>
        </thead>
        <tbody>
          {operations.map((operation) => {
            const { component, logger, message, count } = operation
            const target = narrowedLog(`${messageTerm(message)} ${slowTerm(overMs)}`, {
              components: [component],
              logger,
            })
            return (
              <tr key={`${component} ${logger} ${message}`}>
                <th scope="row">
                  <ViewLink view={target} title="Show them in the log">
                    <LogText text={oneLine(message)} />
                  </ViewLink>
                </th>
                <td>{visibleText(component)}</td>
                <td>{visibleText(logger)}</td>
                <td class="number">{formatCount(count)}</td>
                <td class="number">{formatDuration(operation.p50_ms)}</td>
                <td class="number">{formatDuration(operation.p95_ms)}</td>
                <td class="number">{formatDuration(operation.max_ms)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

/** How long an entry took, in milliseconds; null when it does not say. */
function durationOf({ fields }: Entry): number | null {
  const ms = Number(fields['duration_ms'] ?? Number.NaN)
  if (Number.isFinite(ms)) return ms
  const seconds = Number(fields['duration_sec'] ?? Number.NaN)
  return Number.isFinite(seconds) ? seconds * 1000 : null
}

function Slowest({ entries }: { readonly entries: readonly Entry[] }) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Slowest entries">
      <table class="figures">
        <thead>
          <tr>
            <th scope="col" class="number">
              Took
            </th>
            <th scope="col">Time</th>
            <th scope="col">Level</th>
            <th scope="col">Component</th>
            <th scope="col">Entry</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => {
            const took = durationOf(entry)
            const time = formatEntryTime(entry.timestamp, 'full', zone.value)
            return (
              <tr key={entry.id}>
                <td class="number">{took === null ? '' : formatDuration(took)}</td>
                <td title={visibleText(entry.timestamp)}>{visibleText(`${time.date} ${time.time}`)}</td>
                <td>
                  <LevelMark level={entry.level} />
                </td>
                <td>{visibleText(entry.component)}</td>
                <th scope="row">
                  <ViewLink view={logView({ entry: entry.id })} title="Show the entry">
                    <LogText text={oneLine(entry.message)} />
                  </ViewLink>{' '}
                  <span class="hint">{visibleText(oneLine(fieldsPreview(entry)))}</span>
                </th>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
