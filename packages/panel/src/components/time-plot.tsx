import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { barAt, ticksOf, type Interval } from '../format/histogram-scale.ts'
import type { Zone } from '../format/time.ts'

/** Width of one interval in the drawing's own units; the browser stretches them to the page. */
export const INTERVAL_UNITS = 10
const PIXELS_PER_TICK = 110

/** First and last interval of a choice in progress; the last may lie before the first. */
interface Choice {
  readonly anchor: number
  readonly head: number
}

export interface TimePlotProps {
  /** Names the section, `Events over time`. */
  readonly name: string
  /** What Enter and a press do with the chosen intervals, `zooms in`. */
  readonly action: string
  readonly intervals: readonly Interval[]
  /** Height of the drawing, in its own units. */
  readonly height: number
  readonly zone: Zone
  /** A span of intervals in words. */
  readonly describe: (first: number, last: number) => string
  readonly onChoose: (first: number, last: number) => void
  readonly onWidth?: (pixels: number) => void
  /** What heights of the drawing stand for, each below its line. */
  readonly scale: readonly { readonly y: number; readonly text: string }[]
  readonly isStale: boolean
  /** Parts of an SVG, {@link INTERVAL_UNITS} per interval wide. */
  readonly children: ComponentChildren
  /** The same figures as a table, for those who do not see the drawing. */
  readonly table: ComponentChildren
}

/**
 * A drawing over time. Press an interval or draw over some to choose them; by keyboard with arrows, Shift with arrows and
 * Enter. The interval under the pointer is read out.
 */
export function TimePlot(props: TimePlotProps) {
  const { intervals } = props
  const plot = useRef<HTMLDivElement>(null)
  const width = useWidth(plot, props.onWidth)
  const [choice, setChoice] = useState<Choice | null>(null)
  const [isDragging, setDragging] = useState(false)
  const [current, setCurrent] = useState(-1)

  const choose = (anchor: number, head: number): void => {
    const first = Math.min(anchor, head)
    const last = Math.max(anchor, head)
    if (first < 0 || last >= intervals.length) return
    props.onChoose(first, last)
    setCurrent(-1)
  }
  const indexAt = (event: PointerEvent): number => {
    const box = plot.current?.getBoundingClientRect()
    return box === undefined || box.width === 0
      ? -1
      : barAt(intervals, (event.clientX - box.left) / box.width)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const end = intervals.length - 1
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key]
    const at = current < 0 ? end : current
    const target = step !== undefined ? at + (current < 0 ? 0 : step) : { Home: 0, End: end }[event.key]
    if (event.key === 'Enter' && current >= 0) {
      choose(choice?.anchor ?? current, choice?.head ?? current)
      setChoice(null)
    } else if (event.key === 'Escape' && (choice !== null || current >= 0)) {
      setChoice(null)
      setCurrent(-1)
    } else if (target !== undefined) {
      const next = Math.min(end, Math.max(0, target))
      setChoice(event.shiftKey ? { anchor: choice?.anchor ?? at, head: next } : null)
      setCurrent(next)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  // Intervals may have become fewer since the pointer was over one of them.
  const shown = current < intervals.length ? current : -1
  const first = choice === null ? shown : Math.min(choice.anchor, choice.head)
  const last = Math.min(intervals.length - 1, choice === null ? shown : Math.max(choice.anchor, choice.head))
  const words = first < 0 || last < first ? undefined : props.describe(first, last)
  return (
    <section class="histogram" aria-label={props.name} data-stale={props.isStale || undefined}>
      <div
        ref={plot}
        class="plot"
        role="slider"
        tabIndex={0}
        aria-label={`Interval: arrows move, Shift with arrows widens, Enter ${props.action}`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, intervals.length - 1)}
        aria-valuenow={Math.max(0, shown)}
        aria-valuetext={words ?? 'No interval chosen'}
        style={{ height: `${props.height}px` }}
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
          if (isDragging && choice !== null) choose(choice.anchor, choice.head)
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
          viewBox={`0 0 ${Math.max(1, intervals.length) * INTERVAL_UNITS} ${props.height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          {props.children}
        </svg>
        {words === undefined ? null : (
          <>
            <Band
              count={intervals.length}
              first={first}
              last={last}
              kind={choice === null ? 'current' : 'chosen'}
            />
            <Readout words={words} share={(shown + 0.5) / intervals.length} />
          </>
        )}
        {props.scale.map(({ y, text }) => (
          <span key={y} class="plot-most" style={{ top: `${y}px` }} aria-hidden="true">
            {text}
          </span>
        ))}
      </div>
      <div class="ticks" aria-hidden="true">
        {ticksOf(intervals, Math.max(2, Math.floor(width / PIXELS_PER_TICK)), props.zone).map((tick) => (
          <span key={tick.share} style={{ left: `${tick.share * 100}%` }}>
            {tick.label}
          </span>
        ))}
      </div>
      <div class="visually-hidden">{props.table}</div>
    </section>
  )
}

function useWidth(
  ref: { readonly current: HTMLElement | null },
  onWidth: ((pixels: number) => void) | undefined,
): number {
  const [width, setWidth] = useState(800)
  useEffect(() => {
    const element = ref.current
    if (element === null) return
    const observer = new ResizeObserver(([entry]) => {
      const measured = Math.round(entry?.contentRect.width ?? 800)
      setWidth(measured)
      onWidth?.(measured)
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [ref.current === null])
  return width
}

function Band(props: {
  readonly count: number
  readonly first: number
  readonly last: number
  readonly kind: string
}) {
  const share = 100 / props.count
  return (
    <div
      class={`band ${props.kind}`}
      style={{ left: `${props.first * share}%`, width: `${(props.last - props.first + 1) * share}%` }}
    />
  )
}

function Readout({ words, share }: { readonly words: string; readonly share: number }) {
  // Held inside the plot at both ends; in the middle it is centred on its interval.
  const side = share < 0.25 ? 'left' : share > 0.75 ? 'right' : 'middle'
  return (
    <div class="readout" data-side={side} style={{ left: `${share * 100}%` }} aria-hidden="true">
      {words}
    </div>
  )
}
