/** A pause that can be ended from outside. */
export class Pause {
  #end: (() => void) | undefined

  /** Resolves after `durationMs`, or as soon as {@link end} is called. One at a time. */
  wait(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, durationMs)
      this.#end = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Ends the present pause; without one nothing happens. */
  end(): void {
    this.#end?.()
  }
}
