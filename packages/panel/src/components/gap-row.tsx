import { formatPlural } from '../format/number.ts'
import type { ListRow } from '../state/live-buffer.ts'
import { COLUMN_COUNT } from './entry-row.tsx'
import { Icon } from './icon.tsx'

/** A place where entries are missing: how many, why, and the way to see them. The grid handles the press. */
export function GapRow(props: {
  readonly row: Extract<ListRow, { kind: 'gap' }>
  readonly rowIndex: number
  readonly isActive: boolean
}) {
  const { count, reason, id } = props.row
  return (
    <div
      role="row"
      class="row gap"
      data-id={id}
      aria-rowindex={props.rowIndex}
      tabIndex={props.isActive ? 0 : -1}
    >
      <div class="cells">
        <span role="gridcell" class="cell" aria-colspan={COLUMN_COUNT}>
          <Icon name="warning" />
          {count === null
            ? `Events may be missing here: ${reason}`
            : `${formatPlural(count, 'entry', 'entries')} skipped: ${reason}.`}
          <button type="button" class="badge" data-gap={id} tabIndex={-1}>
            Show this range
          </button>
        </span>
      </div>
    </div>
  )
}
