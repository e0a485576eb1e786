/** Between repetitions no longer than this, so that a job is not forgotten once the trouble is over. */
const MAX_DELAY_MS = 60_000

/** Time until repetition `count` (from 1): `firstMs`, then twice as long each time, up to a minute, spread by a fifth. */
export function backOffMs(firstMs: number, count: number, random: () => number = Math.random): number {
  const delayMs = Math.min(MAX_DELAY_MS, firstMs * 2 ** Math.min(count - 1, 20))
  // Spread, because what failed together should not come back together.
  return Math.round(delayMs * (0.9 + 0.2 * random()))
}
