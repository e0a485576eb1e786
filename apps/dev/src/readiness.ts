/** Asks an address until it answers. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { HttpReadiness } from './service.ts'

const ASK_EVERY_MS = 100
/** A listening but busy program may take long for its first answer; asking again from time to time does no harm. */
const ANSWER_TIMEOUT_MS = 5000

/** Resolves when the address answers as described, or when `signal` is aborted. Never rejects. */
export async function waitForHttp(readiness: HttpReadiness, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (await answers(readiness, signal)) return
    await sleep(ASK_EVERY_MS)
  }
}

async function answers({ url, pattern = '' }: HttpReadiness, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
    })
    const body = await response.text()
    return response.status < 400 && new RegExp(pattern).test(body)
  } catch {
    return false // Nobody listens yet; that is what is being waited for.
  }
}
