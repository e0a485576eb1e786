import type { ProblemCode } from './contract.ts'

/** `network` and `bad_answer` are the client's own: no answer came, or one that no log server gives. */
export type ProtocolErrorCode = ProblemCode | 'network' | 'bad_answer'

/** What the client throws for every request that was not answered as asked. An abort by the caller is not one. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ProtocolErrorCode
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  /** Names the request in the log server's own log; null when no answer came. */
  readonly request_id: string | null
  /** Seconds to wait before asking again, when the server said so. */
  readonly retryAfterSeconds: number | null

  constructor(
    code: ProtocolErrorCode,
    message: string,
    facts: {
      status?: number
      request_id?: string | null
      retryAfterSeconds?: number | null
      cause?: unknown
    } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.status = facts.status ?? 0
    this.request_id = facts.request_id ?? null
    this.retryAfterSeconds = facts.retryAfterSeconds ?? null
  }
}
