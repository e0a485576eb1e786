import type { StorageAnswer } from '@pixsim7/protocol/client'
import { formatBytes, formatCount, formatPlural, formatShare } from '../format/number.ts'
import { stackOf } from '../format/histogram-scale.ts'
import { componentsOf, storageDays, totalOf, type StorageDay } from '../format/storage-days.ts'
import { visibleText } from '../format/visible-text.ts'
import { showView, view } from '../state/location.ts'
import { storageLoader } from '../state/statistics.ts'
import { MEASURES, type Measure } from '../state/view.ts'
import { Legend, PageFrame, PagePart } from './page-frame.tsx'
import { FilesTable, ProjectionTable } from './storage-tables.tsx'
import { INTERVAL_UNITS, TimePlot } from './time-plot.tsx'
import { logView, ViewLink } from './view-link.tsx'

const PLOT_HEIGHT = 140
/** Colours there are; further components share the last one, and the table tells them apart. */
const FILLS = 6
/** Days listed at first. */
const LISTED_DAYS = 31

/** How much is stored and written, how long it is kept, and what that comes to. */
export function StoragePage() {
  const answer = storageLoader.loaded.value?.value
  return (
    <PageFrame
      summary={
        answer === undefined
          ? ''
          : `${formatPlural(answer.store.rows, 'event')} in ${formatBytes(answer.store.bytes)}`
      }
    >
      {answer === undefined ? null : (
        <>
          <Facts answer={answer} />
          <Days answer={answer} />
          <ProjectionTable answer={answer} />
          <FilesTable answer={answer} />
        </>
      )}
    </PageFrame>
  )
}

function keptFor(days: number | null): string {
  return days === null ? 'for ever' : formatPlural(days, 'day')
}

function Facts({ answer: { store, retention } }: { readonly answer: StorageAnswer }) {
  const facts: readonly (readonly [name: string, value: string, note: string])[] = [
    [
      'Store on disk',
      formatBytes(store.bytes),
      store.line_bytes === 0 ? '' : `${formatShare(store.bytes, store.line_bytes)} of the lines`,
    ],
    ['Lines it was read from', formatBytes(store.line_bytes), ''],
    [
      'Free on that disk',
      store.disk_free_bytes === null ? 'unknown' : formatBytes(store.disk_free_bytes),
      '',
    ],
    ['Kept', keptFor(retention.days), retention.environment ?? 'no environment (LOG_ENV)'],
    ['Errors kept', keptFor(retention.error_days), 'ERROR and CRITICAL'],
    ['Removed by retention', formatPlural(store.expired_rows, 'event'), ''],
  ]
  return (
    <ul class="tiles">
      {facts.map(([name, value, note]) => (
        <li key={name}>
          <div class="tile">
            <span class="tile-name">{name}</span>
            <b>{value}</b>
            {note === '' ? null : <span class="hint">{note}</span>}
          </div>
        </li>
      ))}
    </ul>
  )
}

function formatMeasure(value: number, measure: Measure): string {
  return measure === 'bytes' ? formatBytes(value) : formatCount(value)
}

function describeDay(day: StorageDay, components: readonly string[], measure: Measure): string {
  const unit = measure === 'bytes' ? '' : ' lines'
  const parts = components.flatMap((component) => {
    const part = day.parts.get(component)
    return part === undefined ? [] : [`${component} ${formatMeasure(part[measure], measure)}`]
  })
  return [`${day.day}: ${formatMeasure(totalOf(day, measure), measure)}${unit}`, ...parts].join(', ')
}

function logOf(first: StorageDay | undefined, last: StorageDay | undefined, component?: string) {
  return logView({
    from: new Date(first?.startMs ?? 0).toISOString(),
    to: new Date(last?.endMs ?? 0).toISOString(),
    components: component === undefined ? [] : [component],
  })
}

function Days({ answer }: { readonly answer: StorageAnswer }) {
  const { measure } = view.value
  const days = storageDays(answer)
  const components = componentsOf(days, measure)
  const largest = days.reduce((most, day) => Math.max(most, totalOf(day, measure)), 1)
  const fillOf = (index: number): string => `fill-series-${Math.min(index, FILLS - 1)}`
  return (
    <PagePart
      title="Per day and component"
      tools={
        <>
          <div class="segments" role="group" aria-label="Days are measured in">
            {MEASURES.map((choice) => (
              <button
                key={choice}
                type="button"
                aria-pressed={choice === measure}
                onClick={() => showView({ ...view.value, measure: choice })}
              >
                {choice === 'bytes' ? 'Bytes' : 'Lines'}
              </button>
            ))}
          </div>
          <Legend
            items={components.map((component, index) => ({
              fill: fillOf(index),
              label: visibleText(component),
            }))}
          />
        </>
      }
    >
      {days.length === 0 ? (
        <p class="hint">
          Nothing is stored yet. The log server stores what the files it follows hold (setting LOGS_FILES).
        </p>
      ) : (
        <>
          <TimePlot
            name="Written per day"
            action="shows the log of those days"
            intervals={days}
            height={PLOT_HEIGHT}
            zone="utc"
            describe={(first, last) =>
              first === last
                ? describeDay(days[first] as StorageDay, components, measure)
                : `${days[first]?.day ?? ''} – ${days[last]?.day ?? ''}`
            }
            onChoose={(first, last) => showView(logOf(days[first], days[last]))}
            scale={[{ y: 0, text: formatMeasure(largest, measure) }]}
            isStale={storageLoader.problem.value !== null}
            table={null}
          >
            {days.map((day, index) =>
              stackOf(
                components.map((component, at) => [at, day.parts.get(component)?.[measure] ?? 0] as const),
                largest,
                PLOT_HEIGHT,
              ).map(({ key, y, height }) => (
                <rect
                  key={`${day.day} ${key}`}
                  class={fillOf(key)}
                  x={index * INTERVAL_UNITS + 1}
                  y={y}
                  width={INTERVAL_UNITS - 2}
                  height={height}
                />
              )),
            )}
          </TimePlot>
          <DaysTable days={days} components={components} measure={measure} />
        </>
      )}
    </PagePart>
  )
}

function DaysTable(props: {
  readonly days: readonly StorageDay[]
  readonly components: readonly string[]
  readonly measure: Measure
}) {
  const { components, measure } = props
  const filled = props.days.filter((day) => day.parts.size > 0).reverse()
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Written per day and component">
      <table class="figures">
        <caption class="visually-hidden">Written per day (UTC) and component, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Day (UTC)</th>
            {components.map((component) => (
              <th key={component} scope="col" class="number">
                {visibleText(component)}
              </th>
            ))}
            <th scope="col" class="number">
              Together
            </th>
          </tr>
        </thead>
        <tbody>
          {filled.slice(0, LISTED_DAYS).map((day) => (
            <tr key={day.day}>
              <th scope="row">
                <ViewLink view={logOf(day, day)} title="Show the log of this day">
                  {day.day}
                </ViewLink>
              </th>
              {components.map((component) => {
                const part = day.parts.get(component)
                return (
                  <td key={component} class="number">
                    {part === undefined ? '' : formatMeasure(part[measure], measure)}
                  </td>
                )
              })}
              <td class="number">{formatMeasure(totalOf(day, measure), measure)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {filled.length > LISTED_DAYS ? (
        <p class="hint">
          The newest {LISTED_DAYS} of {formatCount(filled.length)} days; the chart has them all.
        </p>
      ) : null}
    </div>
  )
}
