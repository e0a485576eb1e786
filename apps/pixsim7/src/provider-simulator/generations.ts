/** The generations the simulated provider has accepted. Their state follows from the clock alone: there are no timers. */
import { RESULT_STATUS } from './error-codes.ts'
import type { RunOutcome } from './outcomes.ts'

/** Finished generations kept for questions about their result; older ones are forgotten, and unknown from then on. */
const MAX_KEPT = 10_000

export interface Generation {
  readonly id: number
  readonly key: string
  readonly traceId: string
  readonly prompt: string
  readonly outcome: RunOutcome
  readonly createdAtMs: number
  /** When it ends; infinite for an endless one. */
  readonly endsAtMs: number
  readonly width: number
  readonly height: number
  /** How often its result was asked for. */
  resultRequests: number
  /** The credit of a failed generation is given back once. */
  isRefunded: boolean
}

export class Generations {
  readonly #now: () => number
  readonly #byId = new Map<number, Generation>()
  readonly #byTrace = new Map<string, Generation>()

  constructor(now: () => number) {
    this.#now = now
  }

  add(generation: Generation): void {
    this.#byId.set(generation.id, generation)
    this.#byTrace.set(traceKey(generation.key, generation.traceId), generation)
    if (this.#byId.size > MAX_KEPT) this.#forgetOldestFinished()
  }

  find(id: number): Generation | undefined {
    return this.#byId.get(id)
  }

  /** The generation a request with this trace id has already started: the provider does not start it again. */
  findByTrace(key: string, traceId: string): Generation | undefined {
    return this.#byTrace.get(traceKey(key, traceId))
  }

  isRunning(generation: Generation): boolean {
    return this.#now() < generation.endsAtMs
  }

  /** Generations of `key` that have not ended. */
  countRunning(key: string): number {
    let running = 0
    for (const generation of this.#byId.values()) {
      if (generation.key === key && this.isRunning(generation)) running++
    }
    return running
  }

  /** All generations with their prompt, oldest first; for tests that count submissions. */
  list(): readonly Generation[] {
    return [...this.#byId.values()]
  }

  /** The provider's number for the state of a generation. */
  status(generation: Generation): number {
    const elapsedMs = this.#now() - generation.createdAtMs
    if (this.isRunning(generation)) {
      // The first fifth of the time it waits in the provider's own queue.
      const isQueued = elapsedMs < (generation.endsAtMs - generation.createdAtMs) / 5
      return isQueued && Number.isFinite(generation.endsAtMs) ? RESULT_STATUS.queued : RESULT_STATUS.running
    }
    switch (generation.outcome) {
      case 'fail':
        return RESULT_STATUS.failed
      case 'filtered':
        return RESULT_STATUS.moderated
      case 'unknown-status':
        return RESULT_STATUS.unheardOf
      default:
        return RESULT_STATUS.done
    }
  }

  #forgetOldestFinished(): void {
    for (const generation of this.#byId.values()) {
      if (this.isRunning(generation) && this.#byId.size <= 2 * MAX_KEPT) continue
      this.#byId.delete(generation.id)
      this.#byTrace.delete(traceKey(generation.key, generation.traceId))
      return
    }
  }
}

function traceKey(key: string, traceId: string): string {
  return `${key}\n${traceId}`
}
