import { setTimeout as delay } from 'node:timers/promises'

export interface WaitOptions {
  /** A limit against waiting for ever, not a measurement. Default 60,000. */
  readonly timeoutMs?: number
  /** Pause between two looks. Default 20. */
  readonly intervalMs?: number
  /** What is waited for, for the error: `the file to be rotated`. */
  readonly what?: string
}

/** A limit that a noisy machine with two busy cores does not reach. */
export const DEFAULT_TIMEOUT_MS = 60_000

/**
 * Waits until `condition` returns something other than undefined, null and false, and returns that. A condition that throws
 * counts as not yet true.
 *
 * @throws Error after `timeoutMs`, with the last error of the condition as cause.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  // Not Date.now: tests put the clock to other times.
  const end = performance.now() + timeoutMs
  let lastError: unknown
  for (;;) {
    try {
      const value = await condition()
      if (value !== undefined && value !== null && value !== false)
        return value as Exclude<T, undefined | null | false>
      lastError = undefined
    } catch (error) {
      lastError = error
    }
    if (performance.now() >= end) {
      const reason = lastError === undefined ? '' : `; at last: ${String(lastError)}`
      throw new Error(`Waited ${timeoutMs} ms for ${options.what ?? 'a condition'}${reason}`, {
        cause: lastError,
      })
    }
    await delay(options.intervalMs ?? 20)
  }
}
