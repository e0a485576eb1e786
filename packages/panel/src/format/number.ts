const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const SHORT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })
const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const

/** `1,234`. */
export function formatCount(count: number): string {
  return WHOLE.format(count)
}

/** `1,234` below ten thousand, `12.3K` above: for narrow places. */
export function formatShortCount(count: number): string {
  return count < 10_000 ? WHOLE.format(count) : SHORT.format(count)
}

/** `1 event`, `1,234 events`; the plural takes an s unless it is given. */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** `512 B`, `1.5 KB`, `50 MB`, in powers of 1024, as settings and queries count. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  // What rounds to 1024 of a unit is one of the next.
  while (value >= 1023.95 && unit < BYTE_UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? formatCount(value) : Number(value.toFixed(1))} ${BYTE_UNITS[unit]}`
}

/** A duration in milliseconds: `0.4 ms`, `340 ms`, `1.25 s`, `3 min 20 s`. */
export function formatDuration(ms: number): string {
  if (ms < 9.95) return `${Number(ms.toFixed(1))} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_995) return `${Number((ms / 1000).toFixed(2))} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}

/** A share of a whole: `0 %`, `0.3 %`, `12 %`; a share too small to print is not zero. */
export function formatShare(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '0 %'
  const percent = (part / whole) * 100
  if (percent < 0.1) return '< 0.1 %'
  return `${percent < 10 ? Number(percent.toFixed(1)) : Math.round(percent)} %`
}
