const SECOND_US = 1_000_000
const MINUTE_US = 60 * SECOND_US
const HOUR_US = 60 * MINUTE_US
const DAY_US = 24 * HOUR_US

/** Intervals people read without counting. */
const INTERVALS_US = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND_US),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_US),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_US),
  ...[1, 2, 7, 14, 28, 91, 182, 364, 728, 3640, 36_400].map((days) => days * DAY_US),
]

/** Equal intervals that cover a range: `count` of them from `startUs` on. */
export interface HistogramGrid {
  readonly startUs: number
  readonly intervalUs: number
  readonly count: number
}

/**
 * The smallest readable interval that covers `[fromUs, toUs)` with at most `buckets` buckets, aligned to whole multiples
 * of itself. When only misalignment stands against it (one bucket over midnight), the grid starts where the range does.
 */
export function gridFor(fromUs: number, toUs: number, buckets: number): HistogramGrid {
  for (const intervalUs of INTERVALS_US) {
    if (Math.ceil((toUs - fromUs) / intervalUs) > buckets) continue
    const startUs = Math.floor(fromUs / intervalUs) * intervalUs
    const count = Math.ceil((toUs - startUs) / intervalUs)
    if (count <= buckets) return { startUs, intervalUs, count }
    if (buckets <= 2) return { startUs: fromUs, intervalUs, count: Math.ceil((toUs - fromUs) / intervalUs) }
  }
  const intervalUs = Math.ceil((toUs - fromUs) / buckets)
  return { startUs: fromUs, intervalUs, count: Math.ceil((toUs - fromUs) / intervalUs) }
}
