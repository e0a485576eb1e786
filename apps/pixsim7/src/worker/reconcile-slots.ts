import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { TERMINAL_JOB_STATUSES } from '../database/values.ts'

/** An account whose count was wrong. */
export interface SlotCorrection {
  readonly account_id: number
  readonly before: number
  readonly after: number
}

/**
 * Makes `current_processing_jobs` what the jobs say, and takes slots away from jobs that have ended. Transactions keep both
 * right; this mends what a restored backup or a change by hand has left.
 */
export async function reconcileSlots(db: Kysely<Tables>): Promise<SlotCorrection[]> {
  const suspects = await db
    .selectFrom('provider_accounts as account')
    .select('account.id')
    .where((eb) =>
      eb.or([
        eb('account.current_processing_jobs', '<>', holders(eb.ref('account.id'))),
        eb.exists(
          eb
            .selectFrom('jobs')
            .select('jobs.id')
            .whereRef('jobs.reserved_account_id', '=', 'account.id')
            .where('jobs.status', 'in', TERMINAL_JOB_STATUSES),
        ),
      ]),
    )
    .execute()
  const corrections: SlotCorrection[] = []
  for (const { id } of suspects) {
    const correction = await reconcileAccount(db, id)
    if (correction !== undefined) corrections.push(correction)
  }
  return corrections
}

function holders(accountId: unknown) {
  return sql<number>`(select count(*) from jobs where jobs.reserved_account_id = ${accountId})`
}

function reconcileAccount(db: Kysely<Tables>, accountId: number): Promise<SlotCorrection | undefined> {
  return db.transaction().execute(async (transaction) => {
    // Job rows first, then the account's, as everybody else locks them.
    await transaction
      .updateTable('jobs')
      .set({ reserved_account_id: null })
      .where('reserved_account_id', '=', accountId)
      .where('status', 'in', TERMINAL_JOB_STATUSES)
      .execute()
    const account = await transaction
      .selectFrom('provider_accounts')
      .select('current_processing_jobs')
      .where('id', '=', accountId)
      .forUpdate()
      .executeTakeFirst()
    if (account === undefined) return undefined
    // Counted under the lock: whoever reserves or releases waits for it, so the count holds when it is written.
    const { count } = await transaction
      .selectFrom('jobs')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('reserved_account_id', '=', accountId)
      .executeTakeFirstOrThrow()
    if (count === account.current_processing_jobs) return undefined
    await transaction
      .updateTable('provider_accounts')
      .set({ current_processing_jobs: count })
      .where('id', '=', accountId)
      .execute()
    return { account_id: accountId, before: account.current_processing_jobs, after: count }
  })
}
