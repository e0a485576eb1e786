import { setMaxListeners } from 'node:events'

/**
 * A signal that aborts by itself after a time, or with an outer signal. Made by hand because a signal from AbortSignal.any
 * stays referenced by its sources, and the outer one lives as long as the process. Whoever makes one calls `end()`.
 */
export class Deadline {
  readonly #controller = new AbortController()
  readonly #outer: AbortSignal | undefined
  readonly #timeoutMs: number
  readonly #what: string
  readonly #follow = () => this.#controller.abort(this.#outer?.reason)
  #timer: NodeJS.Timeout | undefined

  /** @param what says what did not happen in time: "no answer" */
  constructor(timeoutMs: number, what: string, outer?: AbortSignal) {
    this.#timeoutMs = timeoutMs
    this.#what = what
    this.#outer = outer
    // Many deadlines follow one outer signal at a time; each takes its listener away again.
    if (outer !== undefined) setMaxListeners(0, outer)
    outer?.addEventListener('abort', this.#follow)
    if (outer?.aborted === true) this.#follow()
    this.restart()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Gives the whole time again. */
  restart(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#controller.abort(new Error(`${this.#what} within ${this.#timeoutMs} ms`))
    }, this.#timeoutMs)
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#outer?.removeEventListener('abort', this.#follow)
  }
}
