import { effect, untracked } from '@preact/signals'
import type { HealthAnswer } from '@pixsim7/protocol/client'
import { client } from '../api/client.ts'
import { Loader } from './loader.ts'
import { isTabHidden } from './reading.ts'
import { session } from './session.ts'

const INTERVAL_MS = 10_000
/** While the store starts, its progress is what the reader waits for. */
const STARTING_INTERVAL_MS = 1500

/** The log server's own state. */
export const healthLoader = new Loader<HealthAnswer>()

/** Bytes of all files, and how many of them the store has. */
export interface Progress {
  readonly totalBytes: number
  readonly lagBytes: number
}

/** How far the store has read its files. */
export function progressOf(health: HealthAnswer): Progress {
  let totalBytes = 0
  let lagBytes = 0
  for (const file of health.files) {
    totalBytes += file.offset_bytes + file.lag_bytes
    lagBytes += file.lag_bytes
  }
  return { totalBytes, lagBytes }
}

/** Asks again and again while somebody is signed in and looks. Call once; returns what undoes it. */
export function followHealth(): () => void {
  const ask = (): void => void healthLoader.load('health', (signal) => client.health({ signal }))
  return effect(() => {
    if (session.value.state !== 'in' || isTabHidden.value) return
    if (untracked(() => healthLoader.loaded.value) === null) ask()
    const isStarting = healthLoader.loaded.value?.value.status === 'starting'
    const timer = setInterval(ask, isStarting ? STARTING_INTERVAL_MS : INTERVAL_MS)
    return () => clearInterval(timer)
  })
}
