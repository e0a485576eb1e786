import { useEffect, useRef, useState } from 'preact/hooks'
import { barAt, barsOf, largestTotal, segmentsOf, ticksOf, type Bar } from '../format/histogram-scale.ts'
import { formatPlural, formatShortCount } from '../format/number.ts'
import { setFilters, view } from '../state/location.ts'
import { zone } from '../state/preferences.ts'
import { bucketCount, histogramLoader } from '../state/queries.ts'
import { describeBar, HistogramTable } from './histogram-table.tsx'

const PLOT_HEIGHT_PX = 56
/** Width of one bar in the drawing's own units; the browser stretches them to the page. */
const BAR_UNITS = 10
const PIXELS_PER_TICK = 110

/** First and last bar of a choice in progress; the last may lie before the first. */
interface Choice {
  readonly anchor: number
  readonly head: number
}

/** Events over time, stacked by level. Press a bar or draw over some to zoom in; by keyboard with arrows and Enter. */
export function Histogram() {
  const loaded = histogramLoader.loaded.value
  const problem = histogramLoader.problem.value
  const bars = loaded === null ? [] : barsOf(loaded.value)
  const plot = useRef<HTMLDivElement>(null)
  const width = useWidth(plot)
  const [choice, setChoice] = useState<Choice | null>(null)
  const [isDragging, setDragging] = useState(false)
  const [current, setCurrent] = useState(-1)

  if (problem !== null && loaded === null) {
    return (
      <p class="histogram-problem" role="note">
        The histogram is not available: {problem.message} The list below is complete without it.
      </p>
    )
  }
  const zoom = (first: number, last: number): void => {
    const start = bars[Math.min(first, last)]
    const end = bars[Math.max(first, last)]
    if (start === undefined || end === undefined) return
    setFilters({ from: new Date(start.startMs).toISOString(), to: new Date(end.endMs).toISOString() })
    setCurrent(-1)
  }
  const indexAt = (event: PointerEvent): number => {
    const box = plot.current?.getBoundingClientRect()
    return box === undefined || box.width === 0 ? -1 : barAt(bars, (event.clientX - box.left) / box.width)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key]
    const at = current < 0 ? bars.length - 1 : current
    const target =
      step !== undefined
        ? at + (current < 0 ? 0 : step)
        : event.key === 'Home'
          ? 0
          : event.key === 'End'
            ? bars.length - 1
            : -1
    if (event.key === 'Enter' && current >= 0) {
      zoom(choice?.anchor ?? current, choice?.head ?? current)
      setChoice(null)
    } else if (event.key === 'Escape' && (choice !== null || current >= 0)) {
      setChoice(null)
      setCurrent(-1)
    } else if (step !== undefined || event.key === 'Home' || event.key === 'End') {
      const next = Math.min(bars.length - 1, Math.max(0, target))
      setChoice(event.shiftKey ? { anchor: choice?.anchor ?? at, head: next } : null)
      setCurrent(next)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  const largest = largestTotal(bars)
  const shown = bars[current]
  const chosen =
    choice === null
      ? null
      : { first: Math.min(choice.anchor, choice.head), last: Math.max(choice.anchor, choice.head) }
  const chosenBar = chosen === null ? shown : spanOf(bars, chosen.first, chosen.last)
  return (
    <section class="histogram" aria-label="Events over time" data-stale={problem !== null || undefined}>
      <div
        ref={plot}
        class="plot"
        role="slider"
        tabIndex={0}
        aria-label="Interval of the histogram: arrows move, Shift with arrows widens, Enter zooms in"
        aria-valuemin={0}
        aria-valuemax={Math.max(0, bars.length - 1)}
        aria-valuenow={Math.max(0, current)}
        aria-valuetext={chosenBar === undefined ? 'No interval chosen' : describeBar(chosenBar, zone.value)}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          const index = indexAt(event)
          if (event.button !== 0 || index < 0) return
          event.currentTarget.setPointerCapture(event.pointerId)
          setChoice({ anchor: index, head: index })
          setDragging(true)
        }}
        onPointerMove={(event) => {
          const index = indexAt(event)
          if (index !== current) setCurrent(index)
          if (isDragging && choice !== null && choice.head !== index)
            setChoice({ anchor: choice.anchor, head: index })
        }}
        onPointerUp={() => {
          if (isDragging && choice !== null) zoom(choice.anchor, choice.head)
          setDragging(false)
          setChoice(null)
        }}
        onPointerCancel={() => {
          setDragging(false)
          setChoice(null)
        }}
        onPointerLeave={() => {
          if (!isDragging) setCurrent(-1)
        }}
        onBlur={() => {
          setCurrent(-1)
          setChoice(null)
        }}
      >
        <svg
          class="bars"
          viewBox={`0 0 ${Math.max(1, bars.length) * BAR_UNITS} ${PLOT_HEIGHT_PX}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          {bars.map((bar, index) => (
            <Stack key={bar.startMs} bar={bar} x={index * BAR_UNITS} largest={largest} />
          ))}
        </svg>
        {chosen !== null ? <Band bars={bars} first={chosen.first} last={chosen.last} kind="chosen" /> : null}
        {chosen === null && current >= 0 ? (
          <Band bars={bars} first={current} last={current} kind="current" />
        ) : null}
        {chosenBar !== undefined ? <Readout bar={chosenBar} share={(current + 0.5) / bars.length} /> : null}
        <span class="plot-most" aria-hidden="true">
          {bars.some((bar) => bar.total > 0) ? formatShortCount(largest) : ''}
        </span>
      </div>
      <div class="ticks" aria-hidden="true">
        {ticksOf(bars, Math.max(2, Math.floor(width / PIXELS_PER_TICK)), zone.value).map((tick) => (
          <span key={tick.share} style={{ left: `${tick.share * 100}%` }}>
            {tick.label}
          </span>
        ))}
      </div>
      <HistogramTable bars={bars} />
    </section>
  )
}

function useWidth(ref: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(800)
  useEffect(() => {
    const element = ref.current
    if (element === null) return
    const observer = new ResizeObserver(([entry]) => {
      const measured = Math.round(entry?.contentRect.width ?? 800)
      setWidth(measured)
      bucketCount.value = measured < 500 ? 40 : measured < 1000 ? 80 : 120
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [ref.current === null])
  return width
}

/** Several neighbouring bars as one. */
function spanOf(bars: readonly Bar[], first: number, last: number): Bar | undefined {
  const start = bars[first]
  const end = bars[last]
  if (start === undefined || end === undefined) return undefined
  const counts: Record<string, number> = {}
  let total = 0
  for (const bar of bars.slice(first, last + 1)) {
    total += bar.total
    for (const [level, count] of Object.entries(bar.counts)) counts[level] = (counts[level] ?? 0) + count
  }
  return { startMs: start.startMs, endMs: end.endMs, total, counts }
}

function Stack({ bar, x, largest }: { readonly bar: Bar; readonly x: number; readonly largest: number }) {
  return (
    <>
      {segmentsOf(bar, largest, PLOT_HEIGHT_PX).map(({ level, y, height }) => (
        <rect
          key={level}
          class={`fill-${level}`}
          x={x + 0.75}
          y={y}
          width={BAR_UNITS - 1.5}
          height={height}
        />
      ))}
    </>
  )
}

function Band(props: {
  readonly bars: readonly Bar[]
  readonly first: number
  readonly last: number
  readonly kind: string
}) {
  const share = 100 / props.bars.length
  return (
    <div
      class={`band ${props.kind}`}
      style={{ left: `${props.first * share}%`, width: `${(props.last - props.first + 1) * share}%` }}
    />
  )
}

function Readout({ bar, share }: { readonly bar: Bar; readonly share: number }) {
  // Held inside the plot at both ends; in the middle it is centred on its bar.
  const side = share < 0.2 ? 'left' : share > 0.8 ? 'right' : 'middle'
  return (
    <div class="readout" data-side={side} style={{ left: `${share * 100}%` }} aria-hidden="true">
      <b>{formatPlural(bar.total, 'event')}</b> {describeBar(bar, zone.value).replace(/: [\d,]+ events?/, '')}
    </div>
  )
}

/** Whether the view is narrowed to a range, so that zooming out means something. */
export function isZoomed(): boolean {
  return view.value.from !== '' || view.value.to !== ''
}
