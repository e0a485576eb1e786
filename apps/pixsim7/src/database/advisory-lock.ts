/** Locks by name, across all processes that use the same database. */
import type { Pool } from 'pg'

export type Locked<T> = { readonly isBusy: true } | { readonly isBusy: false; readonly value: T }

/**
 * Runs `work` unless somebody else, in whatever process, is at work under the same name; then it returns `isBusy` at once.
 * The lock belongs to a connection of its own: a process that is killed gives it back by that, and one that loses the
 * database loses it too, so `work` must still guard what it writes. Throws what `work` throws.
 */
export async function withAdvisoryLock<T>(
  pool: Pool,
  name: string,
  work: () => Promise<T>,
): Promise<Locked<T>> {
  const client = await pool.connect()
  // A connection that may still hold the lock is closed instead of returned to the pool, which unlocks.
  let mayHoldLock = true
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as locked',
      [name],
    )
    if (rows[0]?.locked !== true) {
      mayHoldLock = false
      return { isBusy: true }
    }
    try {
      return { isBusy: false, value: await work() }
    } finally {
      mayHoldLock = !(await unlock(client, name))
    }
  } finally {
    client.release(mayHoldLock)
  }
}

/** False when the connection broke meanwhile: then the lock went with it, and the work is done all the same. */
async function unlock(
  client: { query(text: string, values: unknown[]): Promise<unknown> },
  name: string,
): Promise<boolean> {
  try {
    await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name])
    return true
  } catch {
    return false
  }
}
