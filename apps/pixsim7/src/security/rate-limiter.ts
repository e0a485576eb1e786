/**
 * Fixed-window rate limiter in memory. One API process answers all requests, so nothing is gained by a write to the
 * database for each of them; a restart forgives what was counted, at most one window.
 */

export interface RateLimit {
  /** Name of the limiter in logs. */
  readonly name: string
  readonly limit: number
  readonly windowMs: number
}

interface Window {
  count: number
  readonly endsAtMs: number
}

/** Bounds the memory an attacker with many addresses can take; beyond, the windows that end first are forgotten. */
const MAX_KEYS = 20_000

export class RateLimiter {
  readonly rate: RateLimit
  readonly #now: () => number
  readonly #windows = new Map<string, Window>()

  /** `now` in ms; any clock that does not jump. */
  constructor(rate: RateLimit, now: () => number = () => performance.now()) {
    this.rate = rate
    this.#now = now
  }

  /** Counts one attempt. Undefined: allowed. Otherwise the whole seconds (at least 1) until the window of this key ends. */
  consume(key: string): number | undefined {
    const now = this.#now()
    let window = this.#windows.get(key)
    if (window === undefined || window.endsAtMs <= now) {
      // Deleted first, so that insertion order is the order in which windows end.
      this.#windows.delete(key)
      this.#forget(now)
      window = { count: 0, endsAtMs: now + this.rate.windowMs }
      this.#windows.set(key, window)
    }
    window.count++
    if (window.count <= this.rate.limit) return undefined
    return Math.max(1, Math.ceil((window.endsAtMs - now) / 1000))
  }

  /** Keys being counted. */
  get size(): number {
    return this.#windows.size
  }

  #forget(now: number): void {
    for (const [key, window] of this.#windows) {
      if (window.endsAtMs > now && this.#windows.size < MAX_KEYS) break
      this.#windows.delete(key)
    }
  }
}
