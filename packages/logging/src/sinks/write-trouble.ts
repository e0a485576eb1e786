/** Waits between tries after a failed write: short enough that a freed disk is used within a second. */
const FIRST_PAUSE_MS = 50
const LAST_PAUSE_MS = 800
/**
 * A disk that is almost full takes a line now and then. A failure so soon after the last news of one is the same trouble: it
 * is not told again, and the pauses go on growing.
 */
const SAME_TROUBLE_MS = 5000

/** Keeps account of a file that cannot be written: since when, when to try again, and what was told about it. */
export class WriteTrouble {
  #sinceMs = 0
  #pauseMs = FIRST_PAUSE_MS
  #toldMs = -Infinity
  #isTold = false
  #isOn = false

  get isOn(): boolean {
    return this.#isOn
  }

  /** A write failed. Returns how long to wait before the next try, and whether this is news. */
  failed(nowMs: number): { readonly pauseMs: number; readonly isNews: boolean } {
    if (!this.#isOn) {
      this.#isOn = true
      this.#sinceMs = nowMs
      if (nowMs - this.#toldMs > SAME_TROUBLE_MS) this.#pauseMs = FIRST_PAUSE_MS
    }
    const pauseMs = this.#pauseMs
    this.#pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)
    const isNews = !this.#isTold && nowMs - this.#toldMs > SAME_TROUBLE_MS
    if (isNews) {
      this.#toldMs = nowMs
      this.#isTold = true
    }
    return { pauseMs, isNews }
  }

  /** A write succeeded again. Returns how long it had not, if that it failed was told. */
  recovered(nowMs: number): number | undefined {
    this.#isOn = false
    const wasTold = this.#isTold
    this.#isTold = false
    return wasTold ? nowMs - this.#sinceMs : undefined
  }
}
