/** `1,234,567`. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 entry`, `1,234 entries`. */
export function countOf(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

const SIZE_UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** `512 bytes`, `1.2 MB`, `340 GB`: powers of 1000, as disks and the specification's estimates are counted. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < SIZE_UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1
  return `${Number(value.toFixed(digits))} ${value === 1 && unit === 0 ? 'byte' : SIZE_UNITS[unit]}`
}

/** `0.5 ms`, `850 ms`, `1.25 s`, `2 min 5 s`, `3 h 20 min`, `4 d 2 h`. */
export function formatDuration(ms: number): string {
  if (ms < 9.95) return `${Number(ms.toFixed(1))} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 9_995) return `${Number((ms / 1000).toFixed(2))} s`
  if (ms < 59_950) return `${Number((ms / 1000).toFixed(1))} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return twoUnits(seconds, 60, 'min', 's', 1)
  if (seconds < 86_400) return twoUnits(seconds, 3600, 'h', 'min', 60)
  return twoUnits(seconds, 86_400, 'd', 'h', 3600)
}

function twoUnits(
  seconds: number,
  large: number,
  largeName: string,
  smallName: string,
  small: number,
): string {
  const rest = Math.floor((seconds % large) / small)
  return `${Math.floor(seconds / large)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`
}
