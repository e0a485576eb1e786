import { describeRange, widerRange } from '../format/time-range.ts'
import {
  describePoint,
  formatRate,
  linePath,
  perMinute,
  ratePoints,
  sumOf,
  type RatePoint,
} from '../format/request-rate.ts'
import { formatCount, formatDuration, formatShare } from '../format/number.ts'
import { stackOf } from '../format/histogram-scale.ts'
import { setFilters, view } from '../state/location.ts'
import { zone } from '../state/preferences.ts'
import { addTerm } from '../state/query-text.ts'
import { rateLoader, readingLoader } from '../state/statistics.ts'
import type { View } from '../state/view.ts'
import { FilterPills } from './filter-pills.tsx'
import { Legend, PageFrame, PagePart } from './page-frame.tsx'
import { QueryReadingLine } from './query-reading.tsx'
import { RateTable } from './rate-table.tsx'
import { SearchBox } from './search-box.tsx'
import { SlowParts } from './slow-parts.tsx'
import { INTERVAL_UNITS, TimePlot } from './time-plot.tsx'
import { TimeRangePicker } from './time-range.tsx'
import { logView, ViewLink } from './view-link.tsx'

const BARS_HEIGHT = 96
const LINES_TOP = 112
const LINES_HEIGHT = 56
const PLOT_HEIGHT = LINES_TOP + LINES_HEIGHT
/** What makes an entry a request. */
const REQUESTS = 'method:* path:* status_code:*'

/** The log narrowed as this page is, and by one more condition. */
export function narrowedLog(term: string, part: Partial<View> = {}): View {
  const { levels, components, logger, q, search, user_id, job_id, request_id, from, to } = view.value
  const filters = { levels, components, logger, search, user_id, job_id, request_id, from, to }
  return logView({ ...filters, q: term === '' ? q : addTerm(q, term), ...part })
}

/** Requests per minute with errors and durations, and what was slow. */
export function RequestsPage() {
  const answer = rateLoader.loaded.value?.value
  const points = answer === undefined ? [] : ratePoints(answer)
  const whole = sumOf(points)
  return (
    <PageFrame
      summary={
        answer === undefined
          ? ''
          : `${formatRate(perMinute(whole))} a minute, ${describeRange(view.value, zone.value).toLowerCase()}`
      }
      controls={
        <>
          <div class="query-bar">
            <SearchBox />
            <TimeRangePicker />
          </div>
          <QueryReadingLine reading={readingLoader.loaded.value?.value ?? null} />
          <FilterPills />
        </>
      }
    >
      {answer === undefined ? null : (
        <>
          {whole.requests === 0 ? <NoRequests /> : <Rate points={points} whole={whole} />}
          <SlowParts />
        </>
      )}
    </PageFrame>
  )
}

function NoRequests() {
  const wider = widerRange(view.value, Date.now())
  return (
    <div class="state">
      <h3>No requests: {describeRange(view.value, zone.value)}</h3>
      <p>
        Requests are entries with the fields <code>method</code>, <code>path</code> and{' '}
        <code>status_code</code>.
      </p>
      {wider === undefined ? null : (
        <button type="button" class="button" onClick={() => setFilters({ from: wider.from, to: wider.to })}>
          Widen the time to <b>{wider.label.toLowerCase()}</b>
        </button>
      )}
    </div>
  )
}

function Rate({ points, whole }: { readonly points: readonly RatePoint[]; readonly whole: RatePoint }) {
  const busiest = points.reduce((most, point) => (point.requests > most.requests ? point : most), whole)
  const largest = points.reduce((most, point) => Math.max(most, point.requests), 1)
  const slowest = whole.p95Ms ?? 0
  const minutes = Math.round(((points[0]?.endMs ?? 0) - (points[0]?.startMs ?? 0)) / 60_000)
  const p95 = points.map((point) => point.p95Ms)
  const lines = { unit: INTERVAL_UNITS, top: LINES_TOP + 2, height: LINES_HEIGHT - 4 }
  const zoom = (first: RatePoint | undefined, last: RatePoint | undefined): void => {
    if (first === undefined || last === undefined) return
    setFilters({ from: new Date(first.startMs).toISOString(), to: new Date(last.endMs).toISOString() })
  }
  return (
    <>
      <ul class="tiles">
        <Tile name="Requests" value={formatCount(whole.requests)} to={narrowedLog(REQUESTS)} />
        <Tile
          name="Client errors (400–499)"
          value={formatCount(whole.clientErrors)}
          note={formatShare(whole.clientErrors, whole.requests)}
          to={narrowedLog('status_code:[400 TO 499]')}
        />
        <Tile
          name="Server errors (500–599)"
          value={formatCount(whole.serverErrors)}
          note={formatShare(whole.serverErrors, whole.requests)}
          to={narrowedLog('status_code:[500 TO 599]')}
        />
        <Tile
          name={minutes <= 1 ? 'Busiest minute' : `Busiest ${minutes} minutes`}
          value={formatCount(Math.max(...points.map((point) => point.requests)))}
          to={narrowedLog(REQUESTS, {
            from: new Date(busiest.startMs).toISOString(),
            to: new Date(busiest.endMs).toISOString(),
          })}
        />
        {whole.p95Ms === null ? null : <Tile name="Highest p95" value={formatDuration(whole.p95Ms)} />}
      </ul>
      <PagePart
        title={minutes <= 1 ? 'Requests per minute' : `Requests per ${minutes} minutes`}
        tools={
          <Legend
            items={[
              { fill: 'fill-INFO', label: 'answered' },
              { fill: 'fill-WARNING', label: 'client errors' },
              { fill: 'fill-ERROR', label: 'server errors' },
              { fill: 'fill-median', label: 'median', isLine: true },
              { fill: 'fill-p95', label: 'p95', isLine: true },
            ]}
          />
        }
      >
        <TimePlot
          name="Requests over time"
          action="zooms in"
          intervals={points}
          height={PLOT_HEIGHT}
          zone={zone.value}
          describe={(first, last) => describePoint(sumOf(points.slice(first, last + 1)), zone.value)}
          onChoose={(first, last) => zoom(points[first], points[last])}
          scale={[
            { y: 0, text: formatCount(largest) },
            { y: LINES_TOP, text: slowest === 0 ? '' : formatDuration(slowest) },
          ]}
          isStale={rateLoader.problem.value !== null}
          table={<RateTable points={points} />}
        >
          {points.map((point, index) => (
            <RateBar key={point.startMs} point={point} x={index * INTERVAL_UNITS} largest={largest} />
          ))}
          <path
            class="ground-line"
            d={`M0 ${BARS_HEIGHT}H${points.length * INTERVAL_UNITS}M0 ${LINES_TOP}H${points.length * INTERVAL_UNITS}`}
          />
          <path class="line-p95" d={linePath(p95, slowest, lines)} />
          <path
            class="line-median"
            d={linePath(
              points.map((point) => point.p50Ms),
              slowest,
              lines,
            )}
          />
        </TimePlot>
      </PagePart>
    </>
  )
}

function RateBar(props: { readonly point: RatePoint; readonly x: number; readonly largest: number }) {
  const { requests, clientErrors, serverErrors } = props.point
  const parts = [
    ['ERROR', serverErrors],
    ['WARNING', clientErrors],
    ['INFO', requests - clientErrors - serverErrors],
  ] as const
  return (
    <>
      {stackOf(parts, props.largest, BARS_HEIGHT).map(({ key, y, height }) => (
        <rect
          key={key}
          class={`fill-${key}`}
          x={props.x + 0.75}
          y={y}
          width={INTERVAL_UNITS - 1.5}
          height={height}
        />
      ))}
    </>
  )
}

/** One figure; with a view behind it, a link to its entries. */
function Tile(props: {
  readonly name: string
  readonly value: string
  readonly note?: string
  readonly to?: View
}) {
  const content = (
    <>
      <span class="tile-name">{props.name}</span>
      <b>{props.value}</b>
      {props.note === undefined ? null : <span class="hint">{props.note}</span>}
    </>
  )
  return (
    <li>
      {props.to === undefined ? (
        <div class="tile">{content}</div>
      ) : (
        <ViewLink class="tile" view={props.to} title="Show them in the log">
          {content}
        </ViewLink>
      )}
    </li>
  )
}
