// Ends the set-up cleanly when the user or the system asks for it, or when whoever started it is gone.
import { readFileSync } from 'node:fs'

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }
const PARENT_POLL_MS = 500

let stopRunning

/**
 * Names the function that ends the program now running (undefined: none). It gets called at most once, and the set-up
 * ends when its promise settles.
 */
export function setStopRunning(stop) {
  stopRunning = stop
}

/**
 * The pids whose end means that nobody waits for us any more: the parent, and below `npm` its parent too, because npm
 * puts a shell between itself and us that outlives it. Where /proc is missing only the parent is watched.
 */
function ancestors() {
  const pids = [process.ppid]
  if (process.env.npm_lifecycle_event !== undefined) {
    try {
      const stat = readFileSync(`/proc/${process.ppid}/stat`, 'latin1')
      pids.push(Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {
      // No /proc (macOS), or the parent is gone already: the next comparison sees it.
    }
  }
  return pids.join(' ')
}

/**
 * From now on SIGINT, SIGTERM, SIGHUP and the parent's end stop the running program and end this process with
 * 128 + the signal's number. What was half done has no stamp, so the next start does it again.
 */
export function endCleanly() {
  let isEnding = false
  const end = async (signal) => {
    if (isEnding) return
    isEnding = true
    try {
      process.stderr.write('\nSet-up interrupted; the next start does what is missing.\n')
      await stopRunning?.()
    } finally {
      process.exit(128 + SIGNALS[signal])
    }
  }
  for (const signal of Object.keys(SIGNALS)) process.on(signal, () => void end(signal))
  // A closed terminal must not end us before the program we started is ended.
  process.stderr.on('error', () => {})
  const atStart = ancestors()
  setInterval(() => {
    if (ancestors() !== atStart) void end('SIGTERM')
  }, PARENT_POLL_MS).unref()
}
