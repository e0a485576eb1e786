import { formatCount } from '../format/number.ts'
import { showView, view } from '../state/location.ts'
import { entriesLoader, isOtherAnswer } from '../state/queries.ts'
import { HELD_ROWS_LIMIT, LIVE_ROWS_LIMIT } from '../state/live-buffer.ts'
import { PAGE_SIZES, startOf } from '../state/view.ts'
import { Icon, type IconName } from './icon.tsx'

/** Where a step leads; undefined when there is nothing in that direction. */
export function pageStep(direction: 'next' | 'previous' | 'first'): (() => void) | undefined {
  const loaded = entriesLoader.loaded.value
  const { limit, cursor, isLive } = view.value
  if (isLive || loaded === null || isOtherAnswer.value) return undefined
  const { next_cursor: next, prev_cursor: previous, logs, total, total_is_exact: isExact } = loaded.value
  const start = startOf(view.value, total)
  const goTo = (target: string, first: number) => () =>
    showView({ ...view.value, cursor: target, start: first, of: isExact ? total : 0, entry: '' })
  if (direction === 'first') return cursor === '' ? undefined : goTo('', 0)
  if (direction === 'next') return next === null ? undefined : goTo(next, start + logs.length)
  if (previous === null) return undefined
  // The page before the second one is the first, with whatever has come since.
  return start <= limit ? goTo('', 0) : goTo(previous, start - limit)
}

/** The pages of the result: where this one lies, and the ways on. */
export function Pager() {
  const loaded = entriesLoader.loaded.value
  const { limit, order, isLive } = view.value
  const start = startOf(view.value, loaded?.value.total ?? 0)
  const isNewestFirst = order === 'desc'
  if (isLive) {
    return (
      <p class="pager hint">
        Newest on top; a live list keeps the newest {formatCount(LIVE_ROWS_LIMIT - HELD_ROWS_LIMIT)}. End the
        live tail to page through older ones.
      </p>
    )
  }
  return (
    <nav class="pager" aria-label="Pages">
      <PageButton name="first" direction="first" label={isNewestFirst ? 'Newest' : 'Oldest'} />
      <PageButton name="previous" direction="previous" label={isNewestFirst ? 'Newer' : 'Older'} />
      <PageButton name="next" direction="next" label={isNewestFirst ? 'Older' : 'Newer'} />
      <span class="showing">
        {loaded === null || loaded.value.logs.length === 0 || isOtherAnswer.value
          ? ''
          : `showing ${formatCount(start + 1)}–${formatCount(start + loaded.value.logs.length)} of ${
              loaded.value.total_is_exact ? '' : 'about '
            }${formatCount(Math.max(loaded.value.total, start + loaded.value.logs.length))}`}
      </span>
      <span class="spacer" />
      <label class="page-size">
        <span>Rows</span>
        <select
          value={limit}
          onChange={(event) => {
            const chosen = Number(event.currentTarget.value)
            const size = PAGE_SIZES.find((choice) => choice === chosen)
            if (size !== undefined) showView({ ...view.value, limit: size, cursor: '', entry: '' })
          }}
        >
          {PAGE_SIZES.map((size) => (
            <option key={size} value={size}>
              {size}
            </option>
          ))}
        </select>
      </label>
    </nav>
  )
}

function PageButton(props: {
  readonly name: IconName
  readonly direction: 'first' | 'previous' | 'next'
  readonly label: string
}) {
  const step = pageStep(props.direction)
  return (
    // aria-disabled instead of disabled: at the last page the button must not lose the focus it is held by.
    <button type="button" class="button" aria-disabled={step === undefined} onClick={() => step?.()}>
      {props.direction === 'next' ? null : <Icon name={props.name} />}
      {props.label}
      {props.direction === 'next' ? <Icon name={props.name} /> : null}
    </button>
  )
}
