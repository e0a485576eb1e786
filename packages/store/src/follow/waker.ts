/** Lets a loop sleep until a time or until somebody has news for it. News that come while it is awake are not lost. */
export class Waker {
  #hasNews = false
  #wake: (() => void) | undefined

  wake(): void {
    this.#hasNews = true
    this.#wake?.()
  }

  /** Resolves after `ms`, or at once when there is news since the last sleep. */
  async sleep(ms: number): Promise<void> {
    if (!this.#hasNews) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      this.#wake = undefined
    }
    this.#hasNews = false
  }
}
