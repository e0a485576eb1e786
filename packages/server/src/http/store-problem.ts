import type { ServerError } from '../server-error.ts'

/** The answer an error of the store deserves; undefined when it is none. */
export function asStoreProblem(_error: Error): ServerError | undefined {
  return undefined
}
