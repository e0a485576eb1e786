import { barsOf, largestTotal, segmentsOf, type Bar } from '../format/histogram-scale.ts'
import { formatShortCount } from '../format/number.ts'
import { setFilters, view } from '../state/location.ts'
import { zone } from '../state/preferences.ts'
import { bucketCount, histogramLoader } from '../state/queries.ts'
import { describeBar, HistogramTable } from './histogram-table.tsx'
import { INTERVAL_UNITS, TimePlot } from './time-plot.tsx'

const PLOT_HEIGHT_PX = 56

/** Events over time, stacked by level. Choosing intervals zooms in. */
export function Histogram() {
  const loaded = histogramLoader.loaded.value
  const problem = histogramLoader.problem.value
  const bars = loaded === null ? [] : barsOf(loaded.value)
  if (problem !== null && loaded === null) {
    return (
      <p class="histogram-problem" role="note">
        The histogram is not available: {problem.message} The list below is complete without it.
      </p>
    )
  }
  const largest = largestTotal(bars)
  return (
    <TimePlot
      name="Events over time"
      action="zooms in"
      intervals={bars}
      height={PLOT_HEIGHT_PX}
      zone={zone.value}
      describe={(first, last) => describeBar(spanOf(bars.slice(first, last + 1)), zone.value)}
      onChoose={(first, last) => {
        const span = spanOf(bars.slice(first, last + 1))
        setFilters({ from: new Date(span.startMs).toISOString(), to: new Date(span.endMs).toISOString() })
      }}
      onWidth={(pixels) => {
        bucketCount.value = pixels < 500 ? 40 : pixels < 1000 ? 80 : 120
      }}
      scale={bars.some((bar) => bar.total > 0) ? [{ y: 0, text: formatShortCount(largest) }] : []}
      isStale={problem !== null}
      table={<HistogramTable bars={bars} />}
    >
      {bars.map((bar, index) => (
        <Stack key={bar.startMs} bar={bar} x={index * INTERVAL_UNITS} largest={largest} />
      ))}
    </TimePlot>
  )
}

/** Neighbouring bars as one. */
function spanOf(bars: readonly Bar[]): Bar {
  const counts: Record<string, number> = {}
  for (const bar of bars) {
    for (const [level, count] of Object.entries(bar.counts)) counts[level] = (counts[level] ?? 0) + count
  }
  return {
    startMs: bars[0]?.startMs ?? 0,
    endMs: bars.at(-1)?.endMs ?? 0,
    total: bars.reduce((sum, bar) => sum + bar.total, 0),
    counts,
  }
}

function Stack({ bar, x, largest }: { readonly bar: Bar; readonly x: number; readonly largest: number }) {
  return (
    <>
      {segmentsOf(bar, largest, PLOT_HEIGHT_PX).map(({ key, y, height }) => (
        <rect
          key={key}
          class={`fill-${key}`}
          x={x + 0.75}
          y={y}
          width={INTERVAL_UNITS - 1.5}
          height={height}
        />
      ))}
    </>
  )
}

/** Whether the view is narrowed to a range, so that zooming out means something. */
export function isZoomed(): boolean {
  return view.value.from !== '' || view.value.to !== ''
}
