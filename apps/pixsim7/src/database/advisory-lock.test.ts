import { waitFor } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { withDatabase, withPostgres } from '../../test/with-database.ts'
import { withAdvisoryLock } from './advisory-lock.ts'
import { openDatabase } from './open-database.ts'

const postgres = withPostgres()

/** A promise that a test settles. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open, opened }
}

describe('a lock by name', () => {
  it('lets one work and tells the others at once that it is busy; other names are free', () =>
    withDatabase(postgres, async ({ pool }) => {
      const inside = gate()
      const done = gate()
      const first = withAdvisoryLock(pool, 'job:1', async () => {
        inside.open()
        await done.opened
        return 'worked'
      })
      await inside.opened
      expect(await withAdvisoryLock(pool, 'job:1', async () => 'never')).toEqual({ isBusy: true })
      expect(await withAdvisoryLock(pool, 'job:2', async () => 2)).toEqual({ isBusy: false, value: 2 })
      done.open()
      expect(await first).toEqual({ isBusy: false, value: 'worked' })
      expect(await withAdvisoryLock(pool, 'job:1', async () => 'again')).toEqual({
        isBusy: false,
        value: 'again',
      })
    }))

  it('is given back when the work throws, and when the one who holds it disappears', () =>
    withDatabase(postgres, async ({ pool }, url) => {
      const failing = withAdvisoryLock(pool, 'job:1', () => Promise.reject(new Error('broken')))
      await expect(failing).rejects.toThrow('broken')
      const other = openDatabase({ url, applicationName: 'other' })
      const inside = gate()
      const held = withAdvisoryLock(other.pool, 'job:1', async () => {
        inside.open()
        await pool.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'other'`,
        )
      })
      await inside.opened
      await held
      // The server ends a connection a moment after it was told to.
      const taken = await waitFor(async () => {
        const answer = await withAdvisoryLock(pool, 'job:1', async () => 'mine')
        return !answer.isBusy && answer
      })
      expect(taken).toEqual({ isBusy: false, value: 'mine' })
      await other.close()
    }))
})
