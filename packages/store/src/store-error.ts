/** What can go wrong with the store; explained, with the way out, in docs/errors.md. */
export const STORE_ERROR_CODES = [
  'STORE_BAD_OPTIONS',
  'STORE_BAD_QUESTION',
  'STORE_BAD_CURSOR',
  'STORE_ENGINE_UNAVAILABLE',
  'STORE_ENGINE_LOST',
  'STORE_IN_USE',
  'STORE_NEWER_SCHEMA',
  'STORE_DAMAGED',
  'STORE_TIMEOUT',
  'STORE_TOO_LARGE',
  'STORE_QUERY_FAILED',
  'STORE_ABORTED',
  'STORE_CLOSED',
] as const

export type StoreErrorCode = (typeof STORE_ERROR_CODES)[number]

/** Failures of the moment: the same question, asked again in a while, may be answered. */
const RETRYABLE: ReadonlySet<StoreErrorCode> = new Set([
  'STORE_ENGINE_LOST',
  'STORE_TIMEOUT',
  'STORE_TOO_LARGE',
])

/** The only error this package throws. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  /** Whether asking again later can help without changing the question. */
  readonly isRetryable: boolean

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.isRetryable = RETRYABLE.has(code)
  }
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
