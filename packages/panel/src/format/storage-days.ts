import type { StorageAnswer } from '@pixsim7/protocol'
import type { Measure } from '../state/view.ts'
import type { Interval } from './histogram-scale.ts'

/** One UTC day of the store. */
export interface StorageDay extends Interval {
  /** `2026-11-26`. */
  readonly day: string
  /** Component → lines and bytes; a component without lines is missing. */
  readonly parts: ReadonlyMap<string, Readonly<Record<Measure, number>>>
}

const DAY_MS = 86_400_000
/** Days drawn; older ones stay in the table. */
const MOST_DAYS = 400
/** Days drawn at least, empty ones before the first: a day alone would be a wall, and no comparison. */
const LEAST_DAYS = 14

/** The days up to the last, ascending, at least 14, those without lines included; none when nothing is stored. */
export function storageDays(answer: StorageAnswer): readonly StorageDay[] {
  const byDay = new Map<number, Map<string, Record<Measure, number>>>()
  for (const { day, component, rows, line_bytes: bytes } of answer.days) {
    const startMs = Date.parse(`${day}T00:00:00Z`)
    if (Number.isNaN(startMs)) continue
    const parts = byDay.get(startMs) ?? new Map<string, Record<Measure, number>>()
    parts.set(component, { bytes, lines: rows })
    byDay.set(startMs, parts)
  }
  if (byDay.size === 0) return []
  const last = Math.max(...byDay.keys())
  // A clock gone wrong may have written one line in 1970: the days between would fill the page.
  const first = Math.max(
    Math.min(...byDay.keys(), last - (LEAST_DAYS - 1) * DAY_MS),
    last - (MOST_DAYS - 1) * DAY_MS,
  )
  return Array.from({ length: (last - first) / DAY_MS + 1 }, (_, index): StorageDay => {
    const startMs = first + index * DAY_MS
    return {
      startMs,
      endMs: startMs + DAY_MS,
      day: new Date(startMs).toISOString().slice(0, 10),
      parts: byDay.get(startMs) ?? new Map(),
    }
  })
}

/** All components of the days, the largest in all first. */
export function componentsOf(days: readonly StorageDay[], measure: Measure): readonly string[] {
  const sums = new Map<string, number>()
  for (const { parts } of days) {
    for (const [component, part] of parts) sums.set(component, (sums.get(component) ?? 0) + part[measure])
  }
  return [...sums].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([component]) => component)
}

/** Sum over all components of a day. */
export function totalOf(day: StorageDay, measure: Measure): number {
  let total = 0
  for (const part of day.parts.values()) total += part[measure]
  return total
}

export type Projection = StorageAnswer['projection'][number]

/** One line of the projection: what a component writes a day, what the specification expects, and what that becomes. */
export interface ProjectionRow {
  readonly component: string
  readonly bytesPerDay: number
  readonly estimate: { readonly low: number; readonly high: number } | null
  /** By environment; missing where the answer says nothing. */
  readonly environments: ReadonlyMap<Projection['environment'], Projection>
}

/** The answer's projection with one row per component and its environments side by side. */
export function projectionRows(answer: StorageAnswer): readonly ProjectionRow[] {
  const byComponent = new Map<string, Map<Projection['environment'], Projection>>()
  for (const item of answer.projection) {
    const environments = byComponent.get(item.component) ?? new Map<Projection['environment'], Projection>()
    environments.set(item.environment, item)
    byComponent.set(item.component, environments)
  }
  return [...byComponent].map(([component, environments]) => {
    const any = [...environments.values()][0]
    const low = any?.estimate_low_bytes_per_day ?? null
    const high = any?.estimate_high_bytes_per_day ?? null
    return {
      component,
      bytesPerDay: any?.bytes_per_day ?? 0,
      estimate: low === null || high === null ? null : { low, high },
      environments,
    }
  })
}
