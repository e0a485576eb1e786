import { formatCount } from '../format/number.ts'
import { now } from '../state/clock.ts'
import { heldCount, liveDigest, liveState } from '../state/live.ts'
import { showView, view } from '../state/location.ts'
import { refreshPause } from '../state/auto-refresh.ts'
import { holdReason, isPaused } from '../state/reading.ts'
import { isPageLoading } from '../state/page-answers.ts'
import { refresh } from '../state/queries.ts'
import { REFRESH_CHOICES_SECONDS } from '../state/view.ts'
import { Icon } from './icon.tsx'

/** Live tail on or off, its pause, and its state in words. */
export function LiveControl() {
  const { isLive } = view.value
  const state = liveState.value
  return (
    <div class="live" role="group" aria-label="Live tail">
      <button
        type="button"
        class="button live-toggle"
        aria-pressed={isLive}
        title={isLive ? 'End the live tail' : 'Show events as they arrive'}
        onClick={() => showView({ ...view.value, isLive: !isLive, entry: '', to: '' })}
      >
        <span
          class="dot"
          data-state={isLive ? (isPaused.value ? 'paused' : state.state) : 'off'}
          aria-hidden="true"
        />
        Live
      </button>
      {isLive ? (
        <>
          <button
            type="button"
            class="button"
            aria-label={isPaused.value ? 'Resume the live tail' : 'Pause the live tail'}
            onClick={() => {
              isPaused.value = !isPaused.value
            }}
          >
            <Icon name={isPaused.value ? 'play' : 'pause'} />
            {isPaused.value ? 'Resume' : 'Pause'}
          </button>
          <span class="live-words" role="status">
            {liveWords()}
          </span>
        </>
      ) : null}
      <span class="visually-hidden" role="status">
        {liveDigest.value}
      </span>
    </div>
  )
}

function liveWords(): string {
  const state = liveState.value
  if (state.state === 'connecting') return 'connecting …'
  if (state.state === 'waiting') {
    const seconds = Math.max(0, Math.ceil((state.retryAtMs - now.value) / 1000))
    return seconds > 0 ? `reconnecting in ${seconds} s` : 'reconnecting …'
  }
  if (state.state === 'failed') return 'stopped'
  if (state.state !== 'on' || heldCount.value === 0) return ''
  const reason = holdReason.value
  if (reason === null || reason === 'paused') return ''
  return `held while ${reason}`
}

/** Refresh now, or by itself each few seconds; a live tail needs neither, but its surroundings can be asked for. */
export function RefreshControl() {
  return (
    <div class="refresh" role="group" aria-label="Refresh">
      {view.value.isLive ? null : <AutoRefresh />}
      <button
        type="button"
        class="button"
        data-busy={isPageLoading.value || undefined}
        aria-label="Refresh now"
        title="Refresh now"
        onClick={refresh}
      >
        <Icon name="refresh" />
      </button>
    </div>
  )
}

function AutoRefresh() {
  const pause = refreshPause.value
  return (
    <label class="auto-refresh">
      <span>Auto-refresh</span>
      <select
        value={view.value.refreshSeconds}
        onChange={(event) => {
          const chosen = Number(event.currentTarget.value)
          const seconds = REFRESH_CHOICES_SECONDS.find((choice) => choice === chosen) ?? 0
          showView({ ...view.value, refreshSeconds: seconds }, { replaces: true })
        }}
      >
        {REFRESH_CHOICES_SECONDS.map((seconds) => (
          <option key={seconds} value={seconds}>
            {seconds === 0 ? 'off' : `${seconds} s`}
          </option>
        ))}
      </select>
      {pause === null ? null : <span class="tag attention">waits: {pause}</span>}
    </label>
  )
}

/** Brings what was held back; stands over the list. */
export function NewRowsButton({ onShow }: { readonly onShow: () => void }) {
  const count = heldCount.value
  if (!view.value.isLive || count === 0 || holdReason.value === null) return null
  return (
    <button type="button" class="new-rows" onClick={onShow}>
      <Icon name="first" />
      {formatCount(count)} new
    </button>
  )
}
