/** Times as the panel shows them. All functions take what the API sends: ISO 8601 in UTC with microseconds. */

/** In whose time the panel shows and reads times; one choice for the whole screen. */
export type Zone = 'local' | 'utc'

/** How much of the date a list of times needs: none within one day, month and day within a year, else all. */
export type TimeStyle = 'time' | 'day' | 'full'

interface Parts {
  readonly date: string
  readonly time: string
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}

/** Calendar parts of an instant; undefined when it is no time. */
function partsOf(ms: number, zone: Zone): Parts | undefined {
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return undefined
  const date = new Date(ms)
  if (zone === 'utc') {
    const iso = date.toISOString()
    const split = iso.indexOf('T')
    return { date: iso.slice(0, split), time: iso.slice(split + 1, -1) }
  }
  const year = String(date.getFullYear()).padStart(4, '0')
  const millis = String(date.getMilliseconds()).padStart(3, '0')
  return {
    date: `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
    time: `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`,
  }
}

/** The shortest style in which no two days of the list look alike, seen from `nowMs`. */
export function timeStyleOf(timestamps: Iterable<string>, nowMs: number, zone: Zone): TimeStyle {
  const today = partsOf(nowMs, zone)?.date ?? ''
  let style: TimeStyle = 'time'
  for (const timestamp of timestamps) {
    const date = partsOf(Date.parse(timestamp), zone)?.date
    if (date === undefined || date === today) continue
    if (date.slice(0, -6) !== today.slice(0, -6)) return 'full'
    style = 'day'
  }
  return style
}

/** `{ date: '11-23', time: '22:30:45.123' }`; the date is empty in the style `time`. Text that is no time comes back whole. */
export function formatEntryTime(timestamp: string, style: TimeStyle, zone: Zone): Parts {
  const parts = partsOf(Date.parse(timestamp), zone)
  if (parts === undefined) return { date: '', time: timestamp }
  if (style === 'time') return { date: '', time: parts.time }
  return { date: style === 'day' ? parts.date.slice(-5) : parts.date, time: parts.time }
}

/** `2026-11-23 22:30:45`, for ranges and notes; milliseconds only where there are any. */
export function formatInstant(ms: number, zone: Zone): string {
  const parts = partsOf(ms, zone)
  return parts === undefined ? '' : `${parts.date} ${parts.time.replace(/\.000$/, '')}`
}

/** `22:30:45`. */
export function formatClock(ms: number, zone: Zone): string {
  return partsOf(ms, zone)?.time.slice(0, 8) ?? ''
}

/** `just now`, `40 s ago`, `3 min ago`, `5 h ago`, `2 d ago`; a time ahead of the clock counts as now. */
export function formatAgo(thenMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - thenMs) / 1000))
  if (seconds < 5) return 'just now'
  if (seconds < 90) return `${seconds} s ago`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h ago`
  return `${Math.round(seconds / 86_400)} d ago`
}

/** Value of an `<input type="datetime-local">`: `2026-11-23T22:30:45`; empty for what is no time. */
export function toInputValue(ms: number, zone: Zone): string {
  const parts = partsOf(ms, zone)
  return parts === undefined ? '' : `${parts.date}T${parts.time.replace(/\.000$/, '')}`
}

/** Milliseconds since 1970 of such a value; undefined when it is empty or no time. */
export function fromInputValue(value: string, zone: Zone): number | undefined {
  if (!/^\d{4,6}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/.test(value)) return undefined
  const ms = Date.parse(zone === 'utc' ? `${value}Z` : value)
  return Number.isNaN(ms) ? undefined : ms
}
