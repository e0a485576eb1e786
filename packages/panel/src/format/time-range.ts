import { formatInstant, type Zone } from './time.ts'

/** A range of time as the API takes it: ISO 8601 or relative to now; an empty end is open. */
export interface TimeRange {
  readonly from: string
  readonly to: string
}

export interface TimePreset extends TimeRange {
  readonly label: string
}

/** From the shortest to all there is. */
export const TIME_PRESETS: readonly TimePreset[] = [
  { label: 'Last 15 minutes', from: '-15m', to: '' },
  { label: 'Last 1 hour', from: '-1h', to: '' },
  { label: 'Last 6 hours', from: '-6h', to: '' },
  { label: 'Last 24 hours', from: '-24h', to: '' },
  { label: 'Last 7 days', from: '-7d', to: '' },
  { label: 'All time', from: '', to: '' },
]

const UNITS: Readonly<Record<string, { readonly ms: number; readonly word: string }>> = {
  s: { ms: 1000, word: 'second' },
  m: { ms: 60_000, word: 'minute' },
  h: { ms: 3_600_000, word: 'hour' },
  d: { ms: 86_400_000, word: 'day' },
  w: { ms: 604_800_000, word: 'week' },
}

function parseRelative(text: string): { amount: number; unit: { ms: number; word: string } } | undefined {
  const match = /^-(\d{1,9})([smhdw])$/.exec(text)
  const unit = UNITS[match?.[2] ?? '']
  return match === null || unit === undefined ? undefined : { amount: Number(match[1]), unit }
}

/** The instant an end of a range means at `nowMs`; undefined when it is open or no time. */
export function resolveTime(text: string, nowMs: number): number | undefined {
  if (text === 'now') return nowMs
  const relative = parseRelative(text)
  if (relative !== undefined) return nowMs - relative.amount * relative.unit.ms
  const ms = text === '' ? Number.NaN : Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}

/** Whether the range moves on with the clock. */
export function isRelative({ from, to }: TimeRange): boolean {
  return to === 'now' || parseRelative(from) !== undefined || parseRelative(to) !== undefined
}

function describeEnd(text: string, zone: Zone): string {
  const relative = parseRelative(text)
  if (relative !== undefined) {
    return `${relative.amount} ${relative.unit.word}${relative.amount === 1 ? '' : 's'} ago`
  }
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? text : formatInstant(ms, zone)
}

/** In words: `Last 15 minutes`, `2026-11-23 22:00:00 – 22:15:00`, `since …`, `until …`, `All time`. */
export function describeRange(range: TimeRange, zone: Zone): string {
  const { from, to } = range
  if (from === '' && to === '') return 'All time'
  const relative = parseRelative(from)
  if (relative !== undefined && (to === '' || to === 'now')) {
    return `Last ${relative.amount} ${relative.unit.word}${relative.amount === 1 ? '' : 's'}`
  }
  if (to === '') return `Since ${describeEnd(from, zone)}`
  if (from === '') return `Until ${describeEnd(to, zone)}`
  const start = describeEnd(from, zone)
  const end = describeEnd(to, zone)
  // The same day is said once.
  const isSameDay = /^\d{4}-\d\d-\d\d /.test(start) && start.slice(0, 11) === end.slice(0, 11)
  return `${start} – ${isSameDay ? end.slice(11) : end}`
}

/** The next wider preset that holds what the range holds; undefined when it is all time already. */
export function widerRange(range: TimeRange, nowMs: number): TimePreset | undefined {
  if (range.from === '' && range.to === '') return undefined
  const from = resolveTime(range.from, nowMs)
  return TIME_PRESETS.find((preset) => {
    const start = resolveTime(preset.from, nowMs)
    return start === undefined || (from !== undefined && start < from - 1000)
  })
}
