/** Seeded chance: the same seed text always gives the same numbers, whatever else happens in the process. */
import { createHash } from 'node:crypto'

/** A number from 0 (included) to 1 (excluded). */
export type Random = () => number

/** Numbers that depend on `seed` only (mulberry32 over the first bytes of its hash). */
export function seededRandom(seed: string): Random {
  let state = createHash('sha256').update(seed).digest().readUInt32LE(0)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A log-normal sample around `median`: with spread 0.4 half lie within 0.76 and 1.3 of it and 1 % above 2.5. */
export function logNormal(random: Random, median: number, spread: number): number {
  // 1 - random() is never 0, whose logarithm would be infinite.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return median * Math.exp(spread * normal)
}
