/** What the outcome of jobs does to their account: credits, statistics, failure streak, cooldown. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { ProviderAccountRow, Tables } from '../database/tables.ts'
import type { CreditType } from '../database/values.ts'

/** So many failures in a row take an account out of service (status `error`). */
export const MAX_FAILURE_STREAK = 5
/** Assumed for an account that has not generated anything yet. */
export const DEFAULT_GENERATION_SEC = 300

export interface CreditChange {
  readonly account: ProviderAccountRow
  /** Sum over all purses. */
  readonly total: number
}

/**
 * Sets the amount in one purse. An active account whose last credit goes becomes `exhausted`, an exhausted one that has any
 * again becomes `active`; other statuses stay. Undefined when there is no such account.
 */
export function setCredits(
  db: Kysely<Tables>,
  accountId: number,
  creditType: CreditType,
  amount: number,
): Promise<CreditChange | undefined> {
  return db.transaction().execute(async (transaction) => {
    const account = await transaction
      .selectFrom('provider_accounts')
      .selectAll()
      .where('id', '=', accountId)
      .forUpdate()
      .executeTakeFirst()
    if (account === undefined) return undefined
    await transaction
      .insertInto('provider_credits')
      .values({ account_id: accountId, credit_type: creditType, amount })
      .onConflict((conflict) =>
        conflict.columns(['account_id', 'credit_type']).doUpdateSet({ amount, updated_at: sql<Date>`now()` }),
      )
      .execute()
    const { total } = await transaction
      .selectFrom('provider_credits')
      .select((eb) => eb.fn.sum<number>('amount').as('total'))
      .where('account_id', '=', accountId)
      .executeTakeFirstOrThrow()
    const status =
      account.status === 'active' && total === 0
        ? 'exhausted'
        : account.status === 'exhausted' && total > 0
          ? 'active'
          : account.status
    if (status === account.status) return { account, total }
    const changed = transaction
      .updateTable('provider_accounts')
      .set({ status })
      .where('id', '=', accountId)
      .returningAll()
    return { account: await changed.executeTakeFirstOrThrow(), total }
  })
}

/** Counts a finished generation and ends the failure streak; `generationSec` feeds the moving average. */
export function recordGenerated(
  db: Kysely<Tables>,
  accountId: number,
  generationSec: number,
): Promise<ProviderAccountRow | undefined> {
  return db
    .updateTable('provider_accounts')
    .set({
      total_generated: sql`total_generated + 1`,
      failure_streak: 0,
      success_rate: sql`(total_generated + 1)::float8 / (total_generated + 1 + total_failed)`,
      ema_generation_time_sec: sql<number>`
        case when ema_generation_time_sec is null then ${generationSec}::float8
        else ema_alpha * ${generationSec}::float8 + (1 - ema_alpha) * ema_generation_time_sec end`,
    })
    .where('id', '=', accountId)
    .returningAll()
    .executeTakeFirst()
}

/** Counts a failure that is the account's or the provider's doing; the fifth in a row turns an active account to `error`. */
export function recordFailed(
  db: Kysely<Tables>,
  accountId: number,
  reason: string,
): Promise<ProviderAccountRow | undefined> {
  return db
    .updateTable('provider_accounts')
    .set({
      total_failed: sql`total_failed + 1`,
      failure_streak: sql`failure_streak + 1`,
      success_rate: sql`total_generated::float8 / (total_generated + total_failed + 1)`,
      last_error: reason.slice(0, 1000),
      status: sql`case when status = 'active' and failure_streak + 1 >= ${MAX_FAILURE_STREAK} then 'error' else status end`,
    })
    .where('id', '=', accountId)
    .returningAll()
    .executeTakeFirst()
}

/** Keeps the account from being selected for a while, longer than any cooldown it has already. */
export function coolDown(
  db: Kysely<Tables>,
  accountId: number,
  cooldownMs: number,
): Promise<ProviderAccountRow | undefined> {
  return db
    .updateTable('provider_accounts')
    .set({
      cooldown_until: sql<Date>`greatest(cooldown_until, now() + make_interval(secs => ${cooldownMs / 1000}))`,
    })
    .where('id', '=', accountId)
    .returningAll()
    .executeTakeFirst()
}

/** Expected duration of a generation. */
export function estimateGenerationSec(account: Pick<ProviderAccountRow, 'ema_generation_time_sec'>): number {
  return account.ema_generation_time_sec ?? DEFAULT_GENERATION_SEC
}
