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

/** `512 B`, `1.5 KB`, `2.0 GB`, in powers of 1024. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? formatCount(value) : value.toFixed(1)} ${BYTE_UNITS[unit]}`
}
