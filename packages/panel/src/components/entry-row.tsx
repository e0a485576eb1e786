import type { Entry } from '@pixsim7/protocol/client'
import { fieldsPreview, idBadges } from '../format/entry.ts'
import { exceptionName } from '../format/stack.ts'
import { formatEntryTime, type TimeStyle } from '../format/time.ts'
import { oneLine, visibleText } from '../format/visible-text.ts'
import { zone } from '../state/preferences.ts'
import { EntryDetail } from './entry-detail.tsx'
import { Icon } from './icon.tsx'
import { LevelMark } from './level-mark.tsx'
import { LogText } from './log-text.tsx'

/** Characters of a message that name its row to a screen reader. */
const SPOKEN_LENGTH = 160
export const COLUMN_COUNT = 6

/**
 * One event on one line, and its details below while it is open. Presses are handled by the grid, which finds the row by
 * `data-id`, so that a row's props do not change when nothing about it does.
 */
export function EntryRow(props: {
  readonly entry: Entry
  readonly rowIndex: number
  readonly isActive: boolean
  readonly isOpen: boolean
  readonly timeStyle: TimeStyle
  readonly marks: RegExp | null
}) {
  const { entry, isOpen } = props
  const time = formatEntryTime(entry.timestamp, props.timeStyle, zone.value)
  const message = oneLine(entry.message)
  const preview = fieldsPreview(entry)
  return (
    <div
      role="row"
      class={`row level-${entry.level}`}
      data-id={entry.id}
      data-open={isOpen || undefined}
      aria-rowindex={props.rowIndex}
      aria-label={visibleText(
        `${entry.level} ${time.time} ${entry.logger}: ${message.slice(0, SPOKEN_LENGTH)}`,
      )}
      tabIndex={props.isActive ? 0 : -1}
    >
      <div class="cells">
        <span role="gridcell" class="cell time" title={visibleText(entry.timestamp)}>
          <button type="button" class="chevron" tabIndex={-1} aria-expanded={isOpen} aria-label="Details">
            <Icon name="chevron" />
          </button>
          <span>
            {time.date === '' ? null : <span class="date">{visibleText(time.date)} </span>}
            {visibleText(time.time)}
          </span>
        </span>
        <span role="gridcell" class="cell level">
          <LevelMark level={entry.level} />
        </span>
        <span role="gridcell" class="cell component" title={visibleText(entry.component)}>
          {visibleText(oneLine(entry.component))}
        </span>
        <span role="gridcell" class="cell logger" title={visibleText(entry.logger)}>
          {visibleText(oneLine(entry.logger))}
        </span>
        <span role="gridcell" class="cell message">
          <span class="message-text">
            <LogText text={message} marks={props.marks} />
          </span>
          {preview === '' ? null : <span class="preview">{visibleText(oneLine(preview))}</span>}
        </span>
        <span role="gridcell" class="cell badges">
          {idBadges(entry).map(({ field, value, label }) => (
            <button
              key={field}
              type="button"
              class="badge"
              data-field={field}
              data-value={value}
              tabIndex={-1}
              title={visibleText(`Show only ${field} ${value}`)}
            >
              {visibleText(label)}
            </button>
          ))}
          {entry.exception === null ? null : (
            <span class="badge exception" title="Has an exception">
              <Icon name="stack" />
              {visibleText(exceptionName(entry.exception))}
            </span>
          )}
        </span>
      </div>
      {isOpen ? (
        <div role="gridcell" class="detail-cell" aria-colspan={COLUMN_COUNT}>
          <EntryDetail entry={entry} marks={props.marks} />
        </div>
      ) : null}
    </div>
  )
}
