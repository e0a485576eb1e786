const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const
const HEIGHTS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** A bar for `value` of at most `max`, `width` cells long when it is the maximum; anything above nothing shows. */
export function bar(value: number, max: number, width: number): string {
  if (value <= 0 || max <= 0) return ''
  const eighths = Math.max(1, Math.round((Math.min(value, max) / max) * width * 8))
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]
}

/** One character for each value, as high as the value is against the largest; a space for nothing. */
export function sparkline(values: readonly number[]): string {
  const max = Math.max(...values, 0)
  return values
    .map((value) =>
      value <= 0 || max <= 0
        ? ' '
        : HEIGHTS[Math.min(HEIGHTS.length - 1, Math.ceil((value / max) * HEIGHTS.length) - 1)],
    )
    .join('')
}
