/**
 * Whether a provider can be reached, told by its changes only, however many calls fail in between.
 *
 * - unknown: nothing was asked yet. An answer → up, in silence.
 * - up: an answer, whatever it says, begins anew. Nobody listening, or failures in a row → down, told at ERROR.
 * - down: an answer → up, told at INFO.
 */
import { getLogger, LogContext } from '@pixsim7/logging'
import { errorFields } from '../error-fields.ts'
import { systemCodeOf } from '../system-code.ts'
import type { ProviderError } from './provider-error.ts'

/** A single answer that is lost or late is part of every day; so many calls in a row without one are not. */
const DOWN_AFTER_FAILURES = 3
/** The system's words for: there is nobody, waiting would not help. */
const NOBODY_THERE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH'])

export class Reachability {
  readonly #providerId: string
  /** Bound to the context of the start: the job whose call notices the change is not what it is about. */
  readonly #tell: (work: () => void) => void
  #state: 'unknown' | 'up' | 'down' = 'unknown'
  #failuresInARow = 0
  #downSinceMs = 0

  /** `providerId` is the name of the dependency, and of the logger that tells. */
  constructor(providerId: string) {
    this.#providerId = providerId
    this.#tell = LogContext.bind((work: () => void) => work())
  }

  /** Undefined while nothing was asked. */
  get isReachable(): boolean | undefined {
    return this.#state === 'unknown' ? undefined : this.#state === 'up'
  }

  /** To be called after each call that got an answer, good or bad. */
  answered(): void {
    this.#failuresInARow = 0
    const wasDown = this.#state === 'down'
    this.#state = 'up'
    if (!wasDown) return
    const duration_ms = Math.round(performance.now() - this.#downSinceMs)
    const dependency = this.#providerId
    this.#tell(() =>
      getLogger(`provider.${dependency}`).info('Provider reachable again', {
        event: 'dependency_up',
        dependency,
        duration_ms,
      }),
    )
  }

  /** To be called after each call that got none, or only that the provider is broken. */
  failed(error: ProviderError): void {
    this.#failuresInARow++
    const failures = this.#failuresInARow
    if (this.#state === 'down' || (failures < DOWN_AFTER_FAILURES && !isNobodyThere(error))) return
    this.#state = 'down'
    this.#downSinceMs = performance.now()
    const dependency = this.#providerId
    this.#tell(() =>
      getLogger(`provider.${dependency}`).error('Provider unreachable', {
        event: 'dependency_down',
        dependency,
        pid: process.pid,
        failures,
        ...errorFields(error),
      }),
    )
  }
}

function isNobodyThere(error: ProviderError): boolean {
  return NOBODY_THERE.has(systemCodeOf(error.cause) ?? '')
}
