import { useState } from 'preact/hooks'
import type { HealthAnswer } from '@pixsim7/protocol/client'
import { formatBytes, formatCount, formatShortCount } from '../format/number.ts'
import { visibleText } from '../format/visible-text.ts'
import { healthLoader, progressOf } from '../state/health.ts'
import { Dialog } from './dialog.tsx'

type State = 'ok' | 'reading' | 'starting' | 'degraded' | 'down' | 'unknown'

const WORDS: Readonly<Record<State, string>> = {
  ok: 'store ok',
  reading: 'reading files',
  starting: 'store starting',
  degraded: 'store degraded',
  down: 'store down',
  unknown: 'no answer',
}
/** Less than this behind is the normal pace of a busy file, not a backlog worth a word. */
const BACKLOG_BYTES = 4 * 1024 * 1024

function stateOf(health: HealthAnswer | undefined, hasProblem: boolean): State {
  if (health === undefined || hasProblem) return 'unknown'
  if (health.status !== 'ok') return health.status
  return progressOf(health).lagBytes > BACKLOG_BYTES ? 'reading' : 'ok'
}

/** The log server's health in two words; pressed, in full. */
export function HealthBadge() {
  const [isOpen, setOpen] = useState(false)
  const health = healthLoader.loaded.value?.value
  const state = stateOf(health, healthLoader.problem.value !== null)
  return (
    <>
      <button
        type="button"
        class="button quiet health"
        data-state={state}
        title="Health of the log store"
        onClick={() => setOpen(true)}
      >
        <span class="dot" aria-hidden="true" />
        {WORDS[state]}
        {health === undefined ? null : <span class="count">{formatShortCount(health.rows)}</span>}
      </button>
      {isOpen ? (
        <Dialog title="Health of the log store" onClose={() => setOpen(false)}>
          {health === undefined ? (
            <p>The log server has not answered yet.</p>
          ) : (
            <HealthTables health={health} />
          )}
        </Dialog>
      ) : null}
    </>
  )
}

function HealthTables({ health }: { readonly health: HealthAnswer }) {
  const { engine, files } = health
  const facts: readonly (readonly [string, string])[] = [
    ['Status', health.status],
    ['Entries', formatCount(health.rows)],
    ['Engine', `${engine.name} ${engine.version ?? ''}`],
    ['Engine restarts', formatCount(engine.restarts)],
    ['Engine memory', engine.resident_bytes === null ? 'unknown' : formatBytes(engine.resident_bytes)],
    ['Log server', `${health.version}, up ${formatUptime(health.uptime_seconds)}`],
  ]
  return (
    <div class="health-body">
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{visibleText(value)}</dd>
          </div>
        ))}
      </dl>
      {engine.last_error === null ? null : <p class="fault">{visibleText(engine.last_error)}</p>}
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Files">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col">Component</th>
              <th scope="col">Size</th>
              <th scope="col">Behind</th>
              <th scope="col">Lines</th>
              <th scope="col">Bad lines</th>
            </tr>
          </thead>
          <tbody>
            {files.map((file) => (
              <tr key={file.path} title={file.last_error === null ? undefined : visibleText(file.last_error)}>
                <th scope="row">{visibleText(file.path)}</th>
                <td>{visibleText(file.component)}</td>
                <td>{formatBytes(file.size_bytes)}</td>
                <td>{formatBytes(file.lag_bytes)}</td>
                <td>{formatCount(file.lines)}</td>
                <td data-bad={file.bad_lines > 0 || undefined}>{formatCount(file.bad_lines)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {files.length === 0 ? <p class="hint">No file is followed yet (setting LOGS_FILES).</p> : null}
      </div>
    </div>
  )
}

function formatUptime(seconds: number): string {
  if (seconds < 120) return `${Math.floor(seconds)} s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}
