/** The ways in which the launcher is asked to stop. */
import { watchParent } from './process/parent-watch.ts'

/** npm and the terminal both hand on one Ctrl-C; a person's second one comes later. */
const SAME_REQUEST_MS = 700

export interface StopHandlers {
  /** Called once: the first SIGINT, SIGTERM, SIGHUP, or the end of the parent process. */
  readonly onStop: (reason: string) => void
  /** Called once: for a SIGINT or SIGTERM that comes later than that. Somebody has lost patience. */
  readonly onKill: () => void
}

/** Listens from now on. The process then no longer ends by these signals by itself. */
export function listenForStopRequests({ onStop, onKill }: StopHandlers): void {
  let firstAt: number | undefined
  let isKilling = false
  const request = (reason: string, isRepeatable: boolean) => {
    const now = performance.now()
    if (firstAt === undefined) {
      firstAt = now
      onStop(reason)
    } else if (isRepeatable && !isKilling && now - firstAt > SAME_REQUEST_MS) {
      isKilling = true
      onKill()
    }
  }
  process.on('SIGINT', () => request('Ctrl-C', true))
  process.on('SIGTERM', () => request('SIGTERM', true))
  process.on('SIGHUP', () => request('the terminal was closed', false))
  watchParent(() => request('the program that started it has ended', false))
}
