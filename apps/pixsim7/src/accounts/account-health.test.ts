import { describe, expect, it } from 'vitest'
import { withDatabase, withPostgres } from '../../test/with-database.ts'
import type { Database } from '../database/open-database.ts'
import {
  coolDown,
  estimateGenerationSec,
  recordFailed,
  recordGenerated,
  setCredits,
} from './account-health.ts'

const postgres = withPostgres()

async function addAccount(
  { db }: Database,
  traits: { readonly status?: 'active' | 'disabled' } = {},
): Promise<number> {
  const values = { provider_id: 'pixverse', email: 'a@example.com', ...traits }
  return (await db.insertInto('provider_accounts').values(values).returning('id').executeTakeFirstOrThrow())
    .id
}

describe('the health of an account', () => {
  it('follows the generation time by a moving average, the first sample whole', async () => {
    await withDatabase(postgres, async (database) => {
      const id = await addAccount(database)
      expect(estimateGenerationSec({ ema_generation_time_sec: null })).toBe(300)
      expect((await recordGenerated(database.db, id, 100))?.ema_generation_time_sec).toBe(100)
      const account = await recordGenerated(database.db, id, 200)
      expect(account?.ema_generation_time_sec).toBeCloseTo(0.3 * 200 + 0.7 * 100)
      expect(account && estimateGenerationSec(account)).toBeCloseTo(130)
    })
  })

  it('ends in status error at the fifth failure in a row; a success in between begins anew', async () => {
    await withDatabase(postgres, async (database) => {
      const id = await addAccount(database)
      for (let n = 0; n < 4; n++) await recordFailed(database.db, id, 'refused')
      expect(await recordGenerated(database.db, id, 10)).toMatchObject({
        failure_streak: 0,
        status: 'active',
        success_rate: 0.2,
      })
      for (let n = 0; n < 4; n++)
        expect((await recordFailed(database.db, id, 'refused'))?.status).toBe('active')
      expect(await recordFailed(database.db, id, 'x'.repeat(5000))).toMatchObject({
        status: 'error',
        failure_streak: 5,
        total_failed: 9,
        last_error: 'x'.repeat(1000),
      })
    })
  })

  it('leaves an account alone that its owner has disabled', async () => {
    await withDatabase(postgres, async (database) => {
      const id = await addAccount(database, { status: 'disabled' })
      for (let n = 0; n < 6; n++) await recordFailed(database.db, id, 'refused')
      await setCredits(database.db, id, 'bonus', 0)
      expect((await setCredits(database.db, id, 'bonus', 1))?.account.status).toBe('disabled')
    })
  })

  it('cools down for the longest time anybody asked for', async () => {
    await withDatabase(postgres, async ({ db, ...database }) => {
      const id = await addAccount({ db, ...database })
      const long = await coolDown(db, id, 600_000)
      expect((await coolDown(db, id, 1000))?.cooldown_until).toEqual(long?.cooldown_until)
      expect((long?.cooldown_until?.getTime() ?? 0) - Date.now()).toBeGreaterThan(500_000)
    })
  })

  it("of an account that does not exist is nobody's", async () => {
    await withDatabase(postgres, async ({ db }) => {
      expect(await setCredits(db, 999, 'bonus', 1)).toBeUndefined()
      expect(await recordFailed(db, 999, 'x')).toBeUndefined()
    })
  })
})
