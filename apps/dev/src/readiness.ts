/** Asks an address until it answers. */
import { setTimeout as sleep } from 'node:timers/promises'

const ASK_EVERY_MS = 100
/** A listening but busy program may take long for its first answer; asking again from time to time does no harm. */
const ANSWER_TIMEOUT_MS = 5000

/** Resolves when a GET of `url` is answered with a status below 400, or when `signal` is aborted. Never rejects. */
export async function waitForHttp(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (await answers(url, signal)) return
    await sleep(ASK_EVERY_MS)
  }
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
    })
    await response.arrayBuffer()
    return response.status < 400
  } catch {
    return false // Nobody listens yet; that is what is being waited for.
  }
}
