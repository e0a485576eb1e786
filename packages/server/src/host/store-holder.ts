import type { LogStore, StoreHealth } from '@pixsim7/store'
import { ServerError } from '../server-error.ts'

/** Pause after which a client may ask again while the store opens. */
const STARTING_RETRY_SECONDS = 1

/** The store as the routes see it: the log server answers before its store has opened. */
export class StoreHolder {
  #store: LogStore | undefined
  #isClosed = false

  /** Takes over the store: `close` closes it. */
  ready(store: LogStore): void {
    this.#store = store
  }

  /**
   * The store to ask.
   *
   * @throws ServerError store_starting or shutting_down.
   */
  get(): LogStore {
    if (this.#isClosed) throw shuttingDown()
    if (this.#store === undefined) {
      throw new ServerError('store_starting', 'The log store is still opening. Ask again in a moment.', {
        retryAfterSeconds: STARTING_RETRY_SECONDS,
      })
    }
    return this.#store
  }

  /** The store's own health; undefined while there is no store to ask. */
  health(): StoreHealth | undefined {
    return this.#isClosed ? undefined : this.#store?.health()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#store?.close()
  }
}

export function shuttingDown(): ServerError {
  return new ServerError('shutting_down', 'The log server is stopping. Ask again when it is back.', {
    retryAfterSeconds: 5,
  })
}
