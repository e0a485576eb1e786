/** Sending signals to processes that may have ended meanwhile, and waiting until they have. */
import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 25

/** True unless the system says that no such process (negative: no such group) exists. */
export function exists(pid: number): boolean {
  return sendSignal(pid, 0) !== 'gone'
}

/** Sends `signal` to a process, or with a negative number to a group. Never throws. */
export function sendSignal(pid: number, signal: NodeJS.Signals | 0): 'sent' | 'gone' | 'forbidden' {
  try {
    process.kill(pid, signal)
    return 'sent'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'forbidden' : 'gone'
  }
}

/** Resolves true as soon as `isMet` says so, false after `timeoutMs`. */
export async function waitUntil(isMet: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (!isMet()) {
    if (performance.now() > deadline) return false
    await sleep(POLL_MS)
  }
  return true
}
