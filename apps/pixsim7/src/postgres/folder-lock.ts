/** Only one process at a time initialises, starts or stops the server of a data folder. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { PostgresError } from './postgres-error.ts'
import { processIdentity } from './process-identity.ts'

const RETRY_MS = 50
/** Longer than initialising and starting take on a slow disk. */
const PATIENCE_MS = 120_000
/** A lock file created this long ago without a pid in it was left by a process killed between the two. */
const EMPTY_IS_STALE_MS = 2000

function isStale(file: string): boolean {
  try {
    const [pid, identity] = readFileSync(file, 'utf8').split(/ (.*)/)
    if (identity === undefined) return Date.now() - statSync(file).mtimeMs > EMPTY_IS_STALE_MS
    return processIdentity(Number(pid)) !== identity
  } catch {
    return false // Released in the meantime: the next attempt takes it.
  }
}

/** Runs `work` while holding the lock file; takes over the lock of a process that has died. */
export async function withFolderLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  const own = `${process.pid} ${processIdentity(process.pid) ?? ''}`
  for (;;) {
    try {
      writeFileSync(file, own, { flag: 'wx', mode: 0o600 })
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (isStale(file)) rmSync(file, { force: true })
    else if (Date.now() > deadline) {
      throw new PostgresError(
        'POSTGRES_DATA_UNUSABLE',
        `Another process has been starting or stopping PostgreSQL for ${PATIENCE_MS / 1000} s; its lock is ${file}. ` +
          'End that process, or remove the file if it has gone.',
      )
    } else await sleep(RETRY_MS)
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}
