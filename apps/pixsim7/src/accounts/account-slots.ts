/**
 * Selecting a provider account for a job and counting its slots.
 *
 * Invariant: `provider_accounts.current_processing_jobs` equals the number of jobs whose `reserved_account_id` names the
 * account. Both change in one transaction, under the locks of the job row and then the account row, so that concurrent
 * workers never pass `max_concurrent_jobs` and a slot is never given back twice.
 */
import { sql } from 'kysely'
import type { Kysely, RawBuilder, Transaction } from 'kysely'
import type { Job, ProviderAccountRow, Tables } from '../database/tables.ts'

/** Videos counted today: the stored count, or none yet when it is from another UTC day. */
const VIDEOS_TODAY: RawBuilder<number> = sql`
  case when date_trunc('day', last_video_reset_at, 'UTC') = date_trunc('day', now(), 'UTC') then videos_today else 0 end`

export interface ReserveOptions {
  /** Credits the job needs, in one purse of the account. Default 1. */
  readonly minCredits?: number
}

/**
 * Reserves a slot for a pending job on the best account: same provider, active, the user's own or not private, no cooldown,
 * a free slot, below its daily limit, with credits; highest priority first, then the longest unused. Asked again for a job
 * that has a slot already (its worker died in between), returns that account.
 * Undefined: no account can take the job now, or the job is not pending.
 */
export function reserveAccount(
  db: Kysely<Tables>,
  jobId: number,
  options: ReserveOptions = {},
): Promise<ProviderAccountRow | undefined> {
  return db.transaction().execute(async (transaction) => {
    const job = await transaction
      .selectFrom('jobs')
      .selectAll()
      .where('id', '=', jobId)
      .where('status', '=', 'pending')
      .forUpdate()
      .executeTakeFirst()
    if (job === undefined) return undefined
    if (job.reserved_account_id !== null) {
      const reserved = transaction
        .selectFrom('provider_accounts')
        .selectAll()
        .where('id', '=', job.reserved_account_id)
      return reserved.executeTakeFirst()
    }
    await lockSelection(transaction, job.provider_id)
    const account = await lockBestAccount(transaction, job, options.minCredits ?? 1)
    if (account === undefined) return undefined
    await transaction
      .updateTable('jobs')
      .set({ reserved_account_id: account.id })
      .where('id', '=', job.id)
      .execute()
    return transaction
      .updateTable('provider_accounts')
      .set({
        current_processing_jobs: sql`current_processing_jobs + 1`,
        last_used_at: sql<Date>`now()`,
        videos_today: sql`${VIDEOS_TODAY} + 1`,
        last_video_reset_at: sql<Date>`now()`,
      })
      .where('id', '=', account.id)
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

/**
 * One selection at a time for each provider, until the transaction ends. Row locks alone deadlock: a selection that had to
 * wait for an account and then finds it full keeps that lock while it waits for the next account, and which one is next
 * changes with every reservation.
 */
async function lockSelection(transaction: Transaction<Tables>, providerId: string): Promise<void> {
  const name = `select account of ${providerId}`
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(transaction)
}

function lockBestAccount(
  transaction: Transaction<Tables>,
  job: Job,
  minCredits: number,
): Promise<{ id: number } | undefined> {
  // FOR UPDATE, not SKIP LOCKED: somebody giving a slot back or setting credits must be waited for, rather than the account
  // be passed over. PostgreSQL checks the conditions again on the row as they left it.
  return transaction
    .selectFrom('provider_accounts')
    .select('id')
    .where('provider_id', '=', job.provider_id)
    .where('status', '=', 'active')
    .where((eb) => eb.or([eb('is_private', '=', false), eb('user_id', '=', job.user_id)]))
    .where((eb) => eb.or([eb('cooldown_until', 'is', null), eb('cooldown_until', '<=', sql<Date>`now()`)]))
    .whereRef('current_processing_jobs', '<', 'max_concurrent_jobs')
    .where((eb) => eb.or([eb('max_daily_videos', 'is', null), eb('max_daily_videos', '>', VIDEOS_TODAY)]))
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('provider_credits')
          .whereRef('provider_credits.account_id', '=', 'provider_accounts.id')
          .where('provider_credits.amount', '>=', Math.max(1, minCredits))
          .select('provider_credits.account_id'),
      ),
    )
    .orderBy('priority', 'desc')
    .orderBy('last_used_at', (order) => order.asc().nullsFirst())
    .orderBy('id', 'asc')
    .limit(1)
    .forUpdate()
    .executeTakeFirst()
}

/**
 * Gives the slot of a job back; returns the account's id, or undefined when the job held none (any more). `isUnused`: nothing
 * was submitted, so the account's daily count goes down again too. May be called inside a transaction.
 */
export function releaseAccount(
  db: Kysely<Tables>,
  jobId: number,
  options: { readonly isUnused?: boolean } = {},
): Promise<number | undefined> {
  const release = async (transaction: Kysely<Tables>) => {
    const job = await transaction
      .selectFrom('jobs')
      .select('reserved_account_id')
      .where('id', '=', jobId)
      .forUpdate()
      .executeTakeFirst()
    const accountId = job?.reserved_account_id ?? undefined
    if (accountId === undefined) return undefined
    await transaction.updateTable('jobs').set({ reserved_account_id: null }).where('id', '=', jobId).execute()
    await transaction
      .updateTable('provider_accounts')
      .set({
        current_processing_jobs: sql`greatest(current_processing_jobs - 1, 0)`,
        ...(options.isUnused === true ? { videos_today: sql<number>`greatest(${VIDEOS_TODAY} - 1, 0)` } : {}),
      })
      .where('id', '=', accountId)
      .execute()
    return accountId
  }
  return db.isTransaction ? release(db) : db.transaction().execute(release)
}
