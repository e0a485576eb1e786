import { performance } from 'node:perf_hooks'

/** How far the wall clock may run away from the monotonic one before it is taken to have been set, in milliseconds. */
const STEP_MS = 5

/** How often the two are compared, in milliseconds: asking for both at each line costs as much as the rest of the time. */
const COMPARE_MS = 1

let baseUs = 0
let baseMonotonicMs = 0
let comparedMs = -Infinity
let lastUs = 0

/**
 * Microseconds since 1970. Date.now has milliseconds only and performance.timeOrigin never learns that the clock was set: so the
 * microseconds are counted from a base that is taken anew whenever the two disagree. Between such steps it never goes back.
 */
export function nowUs(): number {
  const monotonicMs = performance.now()
  const timeUs = baseUs + Math.floor((monotonicMs - baseMonotonicMs) * 1000)
  if (monotonicMs - comparedMs >= COMPARE_MS) {
    comparedMs = monotonicMs
    const wallMs = Date.now()
    const driftMs = timeUs / 1000 - wallMs
    if (driftMs > STEP_MS || driftMs < -STEP_MS) {
      baseUs = wallMs * 1000
      baseMonotonicMs = monotonicMs
      lastUs = baseUs
      return baseUs
    }
  }
  if (timeUs > lastUs) lastUs = timeUs
  return lastUs
}
