import { createClient, ProtocolError } from '@pixsim7/protocol/client'

/** The log server this page came from. */
export const client = createClient()

export { ProtocolError }

/** Whether the session is over or never began: only signing in helps. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === 'unauthorized'
}

/** Whether asking again later may help without anybody changing the question. */
export function isPassing(error: ProtocolError): boolean {
  return error.code === 'network' || error.status === 429 || error.status >= 500
}

/** Anything thrown by the client as its one error class; a bug of ours becomes one as well, so that it is seen. */
export function asProtocolError(thrown: unknown): ProtocolError {
  if (thrown instanceof ProtocolError) return thrown
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  return new ProtocolError('bad_answer', `BUG: the panel could not use the answer: ${reason}`, {
    cause: thrown,
  })
}
