import { redactText } from '@pixsim7/logging'
import { randomUUID } from 'node:crypto'

/** Safe in a header, a log line and a URL; long enough for the ids of other systems. */
const USABLE = /^[A-Za-z0-9._:+/=-]{1,200}$/

/** The id the caller gave in X-Request-ID when it is harmless, else a new one. */
export function requestIdOf(header: string | string[] | undefined): string {
  // A token sent by mistake would come back in answers, and be no id in the log, where it is taken out.
  const isUsable = typeof header === 'string' && USABLE.test(header) && redactText(header) === header
  return isUsable ? header : randomUUID()
}
