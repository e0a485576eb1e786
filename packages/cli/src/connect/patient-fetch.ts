import { setTimeout as delay } from 'node:timers/promises'

/** How long a log server that is starting, stopping or restarting its engine is waited for. */
const PATIENCE_MS = 30_000
const PAUSE_MS = 200

/**
 * A fetch that asks again while the answer is 503: the log server is opening its store, or its engine is restarted. A
 * command line has nobody who presses the button again. The last answer is given to the caller as it is.
 */
export function patientFetch(send: typeof fetch): typeof fetch {
  return async (input, init) => {
    const giveUpAtMs = performance.now() + PATIENCE_MS
    for (;;) {
      const response = await send(input, init)
      if (response.status !== 503 || performance.now() > giveUpAtMs) return response
      await response.body?.cancel()
      await delay(PAUSE_MS, undefined, init?.signal ? { signal: init.signal } : {})
    }
  }
}
