import { formatPlural } from '../format/number.ts'
import { formatAgo, formatClock } from '../format/time.ts'
import { liveState, liveTotal } from '../state/live.ts'
import { setFilters, showView, view } from '../state/location.ts'
import { now } from '../state/clock.ts'
import { zone } from '../state/preferences.ts'
import { entriesLoader, isOtherAnswer } from '../state/queries.ts'
import { Icon } from './icon.tsx'
import { isZoomed } from './histogram.tsx'

/** How many entries the whole result has, how old the answer is, and in which order they stand. */
export function ResultBar() {
  return (
    <div class="result-bar">
      <Total />
      <Age />
      <span class="spacer" />
      {isZoomed() ? (
        <button type="button" class="button quiet" onClick={() => setFilters({ from: '', to: '' })}>
          Reset time
        </button>
      ) : null}
      <Order />
    </div>
  )
}

function Total() {
  const loaded = entriesLoader.loaded.value
  const total = view.value.isLive
    ? liveTotal.value
    : loaded === null || isOtherAnswer.value
      ? null
      : { count: loaded.value.total, isExact: loaded.value.total_is_exact }
  const hasFailed =
    !view.value.isLive && entriesLoader.problem.value !== null && !entriesLoader.isLoading.value
  return (
    <p class="total" role="status" data-total={total?.count}>
      {total === null ? (
        <span class="hint">{hasFailed ? 'No answer' : 'Searching …'}</span>
      ) : (
        <>
          {total.isExact ? '' : 'about '}
          <b>{formatPlural(total.count, 'entry', 'entries')}</b>
        </>
      )}
    </p>
  )
}

function Age() {
  const loaded = entriesLoader.loaded.value
  if (view.value.isLive) {
    return liveState.value.state === 'on' ? null : <span class="tag attention">not live</span>
  }
  if (loaded === null) return null
  const isOld = entriesLoader.problem.value !== null
  return (
    <span
      class={isOld ? 'tag attention' : 'hint'}
      title={`Answered in ${loaded.value.took_ms.toFixed(0)} ms`}
    >
      {isOld
        ? `as of ${formatClock(loaded.loadedAtMs, zone.value)}`
        : formatAgo(loaded.loadedAtMs, now.value)}
    </span>
  )
}

function Order() {
  const { order, isLive } = view.value
  return (
    <button
      type="button"
      class="button quiet"
      aria-disabled={isLive}
      title={isLive ? 'The live tail shows the newest first' : 'Turn the order round'}
      onClick={() => {
        if (!isLive)
          showView({
            ...view.value,
            order: order === 'desc' ? 'asc' : 'desc',
            cursor: '',
            start: 0,
            entry: '',
          })
      }}
    >
      {order === 'desc' ? 'Newest first' : 'Oldest first'}
      <Icon name={order === 'desc' ? 'fall' : 'up'} />
    </button>
  )
}
