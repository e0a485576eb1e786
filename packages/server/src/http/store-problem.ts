import { StoreError } from '@pixsim7/store'
import { shuttingDown } from '../host/store-holder.ts'
import { ServerError } from '../server-error.ts'

/** The engine is restarted within some seconds after it has died. */
const ENGINE_RETRY_SECONDS = 2

/**
 * The answer an error of the store deserves; undefined when it is none, or one that only a mistake of ours explains. The
 * store's own words may name files and queries: they go to the log, not to the client.
 */
export function asStoreProblem(error: Error): ServerError | undefined {
  if (!(error instanceof StoreError)) return undefined
  switch (error.code) {
    case 'STORE_BAD_CURSOR':
      return new ServerError(
        'bad_cursor',
        'This cursor or position is not one of this store. Begin again without it.',
      )
    case 'STORE_BAD_QUESTION':
      return new ServerError('bad_parameter', error.message)
    case 'STORE_ENGINE_LOST':
    case 'STORE_ENGINE_UNAVAILABLE':
      return new ServerError(
        'store_unavailable',
        'The store engine is not answering and is being restarted. Ask again in a moment.',
        {
          cause: error,
          retryAfterSeconds: ENGINE_RETRY_SECONDS,
        },
      )
    case 'STORE_TIMEOUT':
      return new ServerError('query_timeout', 'The question took too long. Narrow it, by time first.')
    case 'STORE_TOO_LARGE':
      return new ServerError(
        'query_too_large',
        'The question needs more memory than the store may use. Narrow it, by time first.',
      )
    case 'STORE_CLOSED':
      return shuttingDown()
    default:
      return undefined
  }
}
