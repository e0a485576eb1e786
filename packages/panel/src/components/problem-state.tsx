import type { ProtocolError } from '../api/client.ts'
import { formatBytes } from '../format/number.ts'
import { formatInstant } from '../format/time.ts'
import { retryAtMs } from '../state/auto-refresh.ts'
import { now } from '../state/clock.ts'
import { healthLoader, progressOf } from '../state/health.ts'
import { liveState } from '../state/live.ts'
import { setFilters, showView, view } from '../state/location.ts'
import { zone } from '../state/preferences.ts'
import { pageLoadedAtMs, pageProblem } from '../state/page-answers.ts'
import { refresh } from '../state/queries.ts'
import { defaultView } from '../state/view.ts'
import { Icon } from './icon.tsx'

interface Explanation {
  readonly title: string
  readonly text: string
}

function explain(error: ProtocolError): Explanation {
  switch (error.code) {
    case 'network':
      return {
        title: 'The log server does not answer',
        text: 'Is it running? Start it with "npm run logs" (or "npm start" for everything).',
      }
    case 'store_starting':
      return {
        title: 'The store is starting',
        text: 'It opens what it has stored and reads what was written meanwhile.',
      }
    case 'store_unavailable':
    case 'shutting_down':
      return { title: 'The store is not available', text: error.message }
    case 'query_timeout':
      return { title: 'The question took too long', text: 'Narrow the time range or add a filter.' }
    case 'bad_cursor':
      return {
        title: 'This page can no longer be found',
        text: 'The store was rebuilt, or the link is cut off. Go to the first page.',
      }
    case 'bad_parameter':
    case 'bad_request':
    case 'unknown_parameter':
      return { title: 'The log server refuses this question', text: error.message }
    default:
      return { title: 'The question could not be answered', text: error.message }
  }
}

/** A strip above the answers: what failed, what is still shown, and the next step. */
export function ProblemBanner() {
  const live = liveState.value
  const error = view.value.isLive
    ? live.state === 'waiting' || live.state === 'failed'
      ? live.error
      : null
    : pageProblem.value
  if (error === null) return null
  const { title, text } = explain(error)
  const loadedAtMs = pageLoadedAtMs.value
  const retryMs = view.value.isLive ? (live.state === 'waiting' ? live.retryAtMs : null) : retryAtMs.value
  const seconds = retryMs === null ? null : Math.max(0, Math.ceil((retryMs - now.value) / 1000))
  return (
    <div class="banner" role="alert" data-code={error.code}>
      <Icon name="warning" />
      <div>
        <b>{title}.</b> {text} {error.code === 'store_starting' ? <StartProgress /> : null}
        {view.value.isLive || loadedAtMs === null ? null : (
          <span>
            {' '}
            What you see is from {formatInstant(Math.floor(loadedAtMs / 1000) * 1000, zone.value)}.
          </span>
        )}
        {error.request_id === null ? null : <span class="hint"> Request {error.request_id}</span>}
      </div>
      <span class="banner-actions">
        {seconds === null ? null : (
          // The seconds change too often to be announced.
          <span class="hint" aria-hidden="true">
            {seconds === 0 ? 'trying …' : `next try in ${seconds} s`}
          </span>
        )}
        <NextStep error={error} />
      </span>
    </div>
  )
}

function NextStep({ error }: { readonly error: ProtocolError }) {
  const { from, to, cursor } = view.value
  if (error.code === 'bad_cursor' || (error.status === 400 && cursor !== '')) {
    return (
      <button type="button" class="button" onClick={() => showView({ ...view.value, cursor: '', start: 0 })}>
        First page
      </button>
    )
  }
  if (error.status === 400 && (from !== '' || to !== '')) {
    return (
      <button type="button" class="button" onClick={() => setFilters({ from: '', to: '' })}>
        All time
      </button>
    )
  }
  if (error.status === 400) {
    return (
      <button type="button" class="button" onClick={() => showView(defaultView(view.value.page))}>
        Clear all
      </button>
    )
  }
  if (view.value.isLive) return null
  return (
    <button type="button" class="button" onClick={refresh}>
      Try now
    </button>
  )
}

/** How far the store has read its files, when it says so. */
function StartProgress() {
  const health = healthLoader.loaded.value?.value
  if (health === undefined) return null
  const { totalBytes, lagBytes } = progressOf(health)
  if (totalBytes === 0) return null
  return (
    <span>
      {formatBytes(totalBytes - lagBytes)} of {formatBytes(totalBytes)} read.{' '}
      <progress aria-label="Read so far" max={totalBytes} value={totalBytes - lagBytes} />
    </span>
  )
}

/** A whole screen for a server that cannot be asked who we are. */
export function UnreachableScreen({
  error,
  onRetry,
}: {
  readonly error: ProtocolError
  readonly onRetry: () => void
}) {
  const { title, text } = explain(error)
  return (
    <main class="login">
      <div class="login-card">
        <h1>{title}</h1>
        <p>{text}</p>
        <button type="button" class="button primary" onClick={onRetry}>
          Try again
        </button>
      </div>
    </main>
  )
}
