import type { HistogramAnswer } from '@pixsim7/protocol'
import type { Level } from '@pixsim7/record'
import { LEVELS_HIGH_FIRST } from './level.ts'
import type { Zone } from './time.ts'

/** One place on the axis of time. */
export interface Interval {
  readonly startMs: number
  /** Exclusive. */
  readonly endMs: number
}

/** One interval of the histogram. */
export interface Bar extends Interval {
  readonly total: number
  readonly counts: Readonly<Partial<Record<Level, number>>>
}

/** One coloured part of a bar, in pixels from the top of the plot. */
export interface Segment<Key> {
  readonly key: Key
  readonly y: number
  readonly height: number
}

/** A label under the plot; `share` is its place between 0 and 1. */
export interface Tick {
  readonly share: number
  readonly label: string
}

/** A single event among a million must still be seen. */
const LEAST_SEGMENT_PX = 2
const TICK_STEPS_MS = [
  1000, 5000, 15_000, 30_000, 60_000, 300_000, 900_000, 1_800_000, 3_600_000, 10_800_000, 21_600_000,
  43_200_000, 86_400_000, 172_800_000, 604_800_000, 2_592_000_000, 7_776_000_000, 31_536_000_000,
]

/** The answer's intervals as bars; starts that are no time are left out. */
export function barsOf(answer: HistogramAnswer): readonly Bar[] {
  const lengthMs = Math.max(1, answer.interval_seconds * 1000)
  return answer.buckets.flatMap((bucket): Bar[] => {
    const startMs = Date.parse(bucket.start)
    if (Number.isNaN(startMs)) return []
    const counts: Partial<Record<Level, number>> = {}
    let total = 0
    for (const level of LEVELS_HIGH_FIRST) {
      const count = bucket.counts[level] ?? 0
      if (count > 0) counts[level] = count
      total += count
    }
    return [{ startMs, endMs: startMs + lengthMs, total, counts }]
  })
}

/** Events in the fullest bar, at least 1. */
export function largestTotal(bars: readonly Bar[]): number {
  return bars.reduce((most, bar) => Math.max(most, bar.total), 1)
}

/**
 * The parts of a bar, the first at the bottom, where the eye compares them from a common line. Heights are in proportion
 * to `largest`, but each part is at least 2 px high; together they never exceed `plotHeight`.
 */
export function stackOf<Key>(
  parts: readonly (readonly [Key, number])[],
  largest: number,
  plotHeight: number,
): readonly Segment<Key>[] {
  const present = parts.filter(([, value]) => value > 0)
  const heights = present.map(([, value]) => Math.max(LEAST_SEGMENT_PX, (value / largest) * plotHeight))
  const sum = heights.reduce((total, height) => total + height, 0)
  const shrink = sum > plotHeight ? plotHeight / sum : 1
  let y = plotHeight
  return present.map(([key], index) => {
    const height = (heights[index] ?? 0) * shrink
    y -= height
    return { key, y: Math.max(0, y), height }
  })
}

/** The bar's parts by level, the most severe at the bottom. */
export function segmentsOf(bar: Bar, largest: number, plotHeight: number): readonly Segment<Level>[] {
  return stackOf(
    LEVELS_HIGH_FIRST.map((level) => [level, bar.counts[level] ?? 0] as const),
    largest,
    plotHeight,
  )
}

function offsetMs(ms: number, zone: Zone): number {
  return zone === 'utc' ? 0 : new Date(ms).getTimezoneOffset() * 60_000
}

function tickLabel(ms: number, stepMs: number, zone: Zone): string {
  const iso = new Date(ms - offsetMs(ms, zone)).toISOString()
  if (stepMs >= 2_592_000_000) return iso.slice(0, 10)
  if (stepMs >= 86_400_000) return iso.slice(5, 10)
  // Midnight is where the day changes: say which.
  if (iso.slice(11, 19) === '00:00:00') return iso.slice(5, 10)
  return stepMs >= 60_000 ? iso.slice(11, 16) : iso.slice(11, 19)
}

/** Round times inside the bars, at most `most` of them, aligned to the clock of `zone`. */
export function ticksOf(bars: readonly Interval[], most: number, zone: Zone): readonly Tick[] {
  const first = bars[0]
  const last = bars.at(-1)
  if (first === undefined || last === undefined || most < 1) return []
  const spanMs = last.endMs - first.startMs
  const stepMs = TICK_STEPS_MS.find((step) => spanMs / step <= most) ?? Math.ceil(spanMs / most)
  const ticks: Tick[] = []
  const shift = offsetMs(first.startMs, zone)
  for (let ms = Math.ceil((first.startMs - shift) / stepMs) * stepMs + shift; ms < last.endMs; ms += stepMs) {
    ticks.push({ share: (ms - first.startMs) / spanMs, label: tickLabel(ms, stepMs, zone) })
  }
  return ticks
}

/** Index of the bar below a place between 0 and 1 of the plot's width; -1 without bars. */
export function barAt(bars: readonly Interval[], share: number): number {
  if (bars.length === 0) return -1
  return Math.min(bars.length - 1, Math.max(0, Math.floor(share * bars.length)))
}
