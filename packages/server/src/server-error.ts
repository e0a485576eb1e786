import { PROBLEM_STATUS, type ProblemCode } from '@pixsim7/protocol'

/** Why the log server did not start or could not be used from the terminal; docs/errors.md says what to do. */
export const START_ERROR_CODES = [
  'SERVER_PORT_TAKEN',
  'SERVER_CANNOT_LISTEN',
  'SERVER_AUTH_FILE_UNUSABLE',
  'SERVER_DATA_DIR_UNUSABLE',
  'SERVER_WEAK_SECRET',
  'SERVER_BAD_ARGUMENT',
  'SERVER_NO_LOCAL_SOCKET',
] as const
export type StartErrorCode = (typeof START_ERROR_CODES)[number]

interface ServerErrorDetails {
  readonly cause?: unknown
  /** For codes that waiting mends: sent as `Retry-After`. */
  readonly retryAfterSeconds?: number
}

/**
 * The one error class of this package. With a code of the HTTP contract its message is sent to the client as it is, so
 * it names no path and no secret; with a `SERVER_…` code it is for the terminal.
 */
export class ServerError extends Error {
  override readonly name = 'ServerError'
  readonly code: ProblemCode | StartErrorCode
  readonly retryAfterSeconds: number | undefined

  constructor(code: ProblemCode | StartErrorCode, message: string, details: ServerErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.retryAfterSeconds = details.retryAfterSeconds
  }

  /** The code when it belongs to the HTTP contract. */
  get problemCode(): ProblemCode | undefined {
    return Object.hasOwn(PROBLEM_STATUS, this.code) ? (this.code as ProblemCode) : undefined
  }
}
