/** Credits and running generations of each API key; a key is known from its first use on. */
import { seededRandom } from './random.ts'
import type { SimulatorSettings } from './settings.ts'

/** More keys than this are a mistake or an attack; further ones share the fate of an invalid key. */
const MAX_KEYS = 10_000
const HOUR_MS = 3_600_000

/** A poor key starts with so much less than the others. */
const POOR_FACTOR = 1 / 20

interface Purse {
  /** What it started with, and regains no more than. */
  readonly start: number
  credits: number
  refilledAtMs: number
}

/** What every API key has left. Keys that begin with `invalid` are refused, all others are customers. */
export class Purses {
  readonly #settings: SimulatorSettings
  readonly #now: () => number
  readonly #byKey = new Map<string, Purse>()

  constructor(settings: SimulatorSettings, now: () => number) {
    this.#settings = settings
    this.#now = now
  }

  isKnown(key: string | undefined): key is string {
    return key !== undefined && key !== '' && !key.startsWith('invalid') && this.#find(key) !== undefined
  }

  /** Whole credits the key has now. */
  credits(key: string): number {
    return Math.floor(this.#find(key)?.credits ?? 0)
  }

  /** Sets what the key has; for tests and demonstrations. */
  setCredits(key: string, credits: number): void {
    const purse = this.#find(key)
    if (purse !== undefined) purse.credits = credits
  }

  /** Takes one credit; false when there is none. */
  take(key: string): boolean {
    const purse = this.#find(key)
    if (purse === undefined || purse.credits < 1) return false
    purse.credits--
    return true
  }

  giveBack(key: string): void {
    const purse = this.#find(key)
    if (purse !== undefined) purse.credits++
  }

  #find(key: string): Purse | undefined {
    const nowMs = this.#now()
    const purse = this.#byKey.get(key)
    if (purse === undefined) {
      if (this.#byKey.size >= MAX_KEYS) return undefined
      const isPoor = seededRandom(`${this.#settings.seed} purse ${key}`)() < this.#settings.poorShare
      const start = Math.ceil(this.#settings.credits * (isPoor ? POOR_FACTOR : 1))
      const fresh = { start, credits: start, refilledAtMs: nowMs }
      this.#byKey.set(key, fresh)
      return fresh
    }
    const refill = ((nowMs - purse.refilledAtMs) / HOUR_MS) * this.#settings.creditsPerHour
    // Never takes away what setCredits gave beyond the start.
    if (purse.credits < purse.start) purse.credits = Math.min(purse.start, purse.credits + refill)
    purse.refilledAtMs = nowMs
    return purse
  }
}
