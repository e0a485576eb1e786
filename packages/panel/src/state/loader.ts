import { batch, signal, type ReadonlySignal } from '@preact/signals'
import { asProtocolError, isSignedOut, type ProtocolError } from '../api/client.ts'
import { endSession } from './session.ts'

/** An answer with the question it belongs to. */
export interface Loaded<T> {
  readonly value: T
  /** Names the question; another key means the answer shown is not the one asked for now. */
  readonly key: string
  readonly loadedAtMs: number
}

/**
 * One question at a time: a new one ends the one before. The last good answer stays until a better one comes, and keeps
 * its key and time, so that the screen can say what it shows is old.
 */
export class Loader<T> {
  readonly #loaded = signal<Loaded<T> | null>(null)
  readonly #problem = signal<ProtocolError | null>(null)
  readonly #isLoading = signal(false)
  #running: AbortController | null = null

  get loaded(): ReadonlySignal<Loaded<T> | null> {
    return this.#loaded
  }

  /** Why the last question has no answer; null when it has, or is on its way for the first time. */
  get problem(): ReadonlySignal<ProtocolError | null> {
    return this.#problem
  }

  get isLoading(): ReadonlySignal<boolean> {
    return this.#isLoading
  }

  /** Asks; never rejects. A session that has ended is told to the session, which shows the login. */
  async load(key: string, ask: (signal: AbortSignal) => Promise<T>): Promise<void> {
    this.#running?.abort()
    const running = new AbortController()
    this.#running = running
    this.#isLoading.value = true
    try {
      const value = await ask(running.signal)
      if (this.#running !== running) return
      batch(() => {
        this.#loaded.value = { value, key, loadedAtMs: Date.now() }
        this.#problem.value = null
      })
    } catch (thrown) {
      if (this.#running !== running) return
      if (isSignedOut(thrown)) endSession()
      else this.#problem.value = asProtocolError(thrown)
    } finally {
      if (this.#running === running) {
        this.#running = null
        this.#isLoading.value = false
      }
    }
  }

  /** Ends the question under way, keeping the last answer. */
  cancel(): void {
    this.#running?.abort()
    this.#running = null
    this.#isLoading.value = false
  }

  /** Forgets everything: the next reader may be somebody else. */
  clear(): void {
    this.cancel()
    batch(() => {
      this.#loaded.value = null
      this.#problem.value = null
    })
  }
}
