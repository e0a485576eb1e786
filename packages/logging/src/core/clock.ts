import { performance } from 'node:perf_hooks'

/** How far the wall clock may run away from the monotonic one before it is taken to have been set, in milliseconds. */
const STEP_MS = 5

/** How often the two are compared, in milliseconds: asking for both at each line costs as much as the rest of the time. */
const COMPARE_MS = 1

/** An array of doubles, since a variable of a module would get a new object at each assignment of a large number. */
const state = new Float64Array(4)
const BASE_US = 0
const BASE_MONOTONIC_MS = 1
const COMPARED_MS = 2
const LAST_US = 3
state[COMPARED_MS] = -Infinity

/**
 * Microseconds since 1970. Date.now has milliseconds only and performance.timeOrigin never learns that the clock was set: so the
 * microseconds are counted from a base that is taken anew whenever the two disagree. Between such steps it never goes back.
 */
export function nowUs(): number {
  const monotonicMs = performance.now()
  let timeUs = at(BASE_US) + Math.floor((monotonicMs - at(BASE_MONOTONIC_MS)) * 1000)
  if (monotonicMs - at(COMPARED_MS) >= COMPARE_MS) {
    state[COMPARED_MS] = monotonicMs
    const wallMs = Date.now()
    const driftMs = timeUs / 1000 - wallMs
    if (driftMs > STEP_MS || driftMs < -STEP_MS) {
      timeUs = wallMs * 1000
      state[BASE_US] = timeUs
      state[BASE_MONOTONIC_MS] = monotonicMs
      state[LAST_US] = timeUs
      return timeUs
    }
  }
  if (timeUs <= at(LAST_US)) return at(LAST_US)
  state[LAST_US] = timeUs
  return timeUs
}

function at(index: number): number {
  return state[index] as number
}
