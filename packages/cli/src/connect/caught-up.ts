import type { HealthAnswer, LogClient } from '@pixsim7/protocol/client'
import { setTimeout as delay } from 'node:timers/promises'
import { formatBytes } from '../output/numbers.ts'
import { Progress } from '../output/progress.ts'

const PAUSE_MS = 100
/** A server that runs longer than this has read what it can; what it has not it tells with its answers. */
const YOUNG_SECONDS = 60
/** What is left and does not get less in this time is a line without its end, or a file that cannot be read. */
const STALLED_MS = 3000
/** Between two reports of the engine, and a little more. */
const REPORT_MS = 1200
/** More than a line can hold: there the disk or the processor is slow, and is given more time. */
const MUCH_BYTES = 1024 * 1024
const MUCH_STALLED_MS = 20_000

/**
 * Waits until a log server that was started just now has read what the log files held when it started, or gets no further.
 * Resolves with the bytes that are left.
 *
 * @param isOwn started for this command: it is waited for as long as it takes
 */
export async function waitUntilCaughtUp(client: LogClient, isOwn: boolean): Promise<number> {
  const progress = new Progress('Reading the log files …')
  /** File → its size when it was seen first. */
  const goals = new Map<string, number>()
  let leastLeftBytes = Infinity
  let changedAtMs = performance.now()
  let archiveBytes: number | undefined
  let archivesGrewAtMs = -Infinity
  try {
    for (;;) {
      const health = await reportedHealth(client)
      if (!isOwn && health.uptime_seconds > YOUNG_SECONDS) return 0
      const leftBytes = bytesLeft(health, goals)
      const archiveBytesNow = archiveBytesRead(health)
      if (archiveBytes !== undefined && archiveBytesNow !== archiveBytes) archivesGrewAtMs = performance.now()
      archiveBytes = archiveBytesNow
      if (leftBytes === 0 && performance.now() - archivesGrewAtMs > REPORT_MS) return 0
      if (leftBytes < leastLeftBytes || archivesGrewAtMs > changedAtMs) {
        leastLeftBytes = leftBytes
        changedAtMs = performance.now()
      } else if (performance.now() - changedAtMs > (leftBytes > MUCH_BYTES ? MUCH_STALLED_MS : STALLED_MS)) {
        return leftBytes
      }
      progress.update('Reading the log files …', ` ${formatBytes(leftBytes)} left`)
      await delay(PAUSE_MS)
    }
  } finally {
    progress.end()
  }
}

/** Health once the engine has reported: until then nobody knows which files there are. That takes it about a second. */
export async function reportedHealth(client: LogClient): Promise<HealthAnswer> {
  for (;;) {
    const health = await client.health()
    if (health.engine.resident_bytes !== null || health.status === 'down') return health
    if (health.uptime_seconds > YOUNG_SECONDS) return health
    await delay(PAUSE_MS)
  }
}

function bytesLeft({ files }: HealthAnswer, goals: Map<string, number>): number {
  let left = 0
  for (const { path, size_bytes: size, offset_bytes: offset, lag_bytes: lag } of files) {
    const goal = goals.get(path) ?? size
    goals.set(path, goal)
    left += isArchive(path) ? lag : Math.max(0, Math.min(goal, size) - offset)
  }
  return left
}

/** How much there is in an archive is known when it has been read: until then only whether it still gets more. */
function archiveBytesRead({ files }: HealthAnswer): number {
  return files.reduce((sum, { path, offset_bytes: offset }) => sum + (isArchive(path) ? offset : 0), 0)
}

function isArchive(path: string): boolean {
  return path.endsWith('.gz')
}
