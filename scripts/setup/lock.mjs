// One set-up at a time per folder: two at once would delete each other's node_modules.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describeSystemError, SetupFailure } from './failure.mjs'

const RETRY_MS = 200
/** The owner touches its lock this often … */
const TOUCH_MS = 1000
/** … so one that has not been touched for so long, by our own clock, belongs to nobody (its pid may live on in another program). */
const STALE_MS = 10_000

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** What the lock says at this moment: its owner's pid (0 while unwritten) and its last touch; null when it is free. */
function readLock(file) {
  try {
    return { owner: Number(readFileSync(file, 'utf8')) || 0, touchedMs: statSync(file).mtimeMs }
  } catch (error) {
    if (error.code === 'ENOENT') return null
    throw error
  }
}

function tryToTake(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

/** Removes a lock whose owner is gone. The move is atomic: of several that wait, one succeeds and the others see ENOENT. */
function removeStale(file) {
  const aside = `${file}.${process.pid}`
  try {
    renameSync(file, aside)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  rmSync(aside, { force: true })
}

async function take(file) {
  let isWaiting = false
  let seen = null
  let seenAtMs = 0
  while (!tryToTake(file)) {
    const lock = readLock(file)
    if (lock === null) continue
    const nowMs = performance.now()
    if (seen === null || lock.touchedMs !== seen.touchedMs || lock.owner !== seen.owner) {
      seen = lock
      seenAtMs = nowMs
    }
    const isDead = lock.owner > 0 && !isAlive(lock.owner)
    if (isDead || nowMs - seenAtMs > STALE_MS) {
      removeStale(file)
      seen = null
      continue
    }
    if (!isWaiting && lock.owner > 0) {
      isWaiting = true
      process.stderr.write(`Another set-up (process ${lock.owner}) is at work here; waiting for it.\n`)
    }
    await sleep(RETRY_MS)
  }
}

/** Runs `work` while holding `folder/lock`, waiting for whoever holds it. Fails when `folder` cannot be written. */
export async function withLock(folder, work) {
  const file = path.join(folder, 'lock')
  try {
    mkdirSync(folder, { recursive: true })
    await take(file)
  } catch (error) {
    if (error.code === undefined) throw error
    const root = path.dirname(folder)
    throw new SetupFailure(
      `${describeSystemError(`Cannot write into ${root}`, error)} PixSim7 Logs keeps its dependencies, build and data ` +
        'there: make the folder writable for you, or clone into one that is.',
    )
  }
  const release = () => {
    if (readLock(file)?.owner === process.pid) rmSync(file, { force: true })
  }
  // Also when the process is ended by a signal while the lock is held.
  process.on('exit', release)
  const timer = setInterval(() => {
    const now = new Date()
    try {
      utimesSync(file, now, now)
    } catch {
      // Somebody deleted the folder under us; the step at work will say so.
    }
  }, TOUCH_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    process.off('exit', release)
    release()
  }
}
