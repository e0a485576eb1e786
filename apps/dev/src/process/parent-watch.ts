/** Notices that whoever started us is gone, which no signal tells. */

const POLL_MS = 300

/** Calls `onGone` once when the parent process has ended. Returns the function that ends the watch. */
export function watchParent(onGone: () => void): () => void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    onGone()
  }, POLL_MS)
  timer.unref()
  return () => clearInterval(timer)
}
