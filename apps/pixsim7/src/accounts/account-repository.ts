/** Reading and changing provider accounts on behalf of users. Slots are changed by account-slots.ts alone. */
import { sql } from 'kysely'
import type { Insertable, Kysely, Transaction, Updateable } from 'kysely'
import type { ProviderAccountRow, ProviderAccountsTable, ProviderCredit, Tables } from '../database/tables.ts'
import type { AccountStatus, CreditType } from '../database/values.ts'

export type AccountCredits = Partial<Record<CreditType, number>>

export interface AccountWithCredits {
  readonly account: ProviderAccountRow
  readonly credits: AccountCredits
}

export interface AccountFilter {
  /** Accounts this user may see: the own ones, system accounts, and what others share. Undefined: all. */
  readonly visibleTo?: number | undefined
  readonly id?: number | undefined
  readonly providerId?: string | undefined
  readonly status?: AccountStatus | undefined
}

/** At most so many accounts are listed; the limit of accounts per user keeps installations far below. */
const MAX_LISTED = 1000

function creditsOf(accountId: number, rows: readonly ProviderCredit[]): AccountCredits {
  const own = rows.filter((row) => row.account_id === accountId)
  return Object.fromEntries(own.map((row) => [row.credit_type, row.amount]))
}

/** Accounts with their credits, most preferred first. */
export async function listAccounts(db: Kysely<Tables>, filter: AccountFilter): Promise<AccountWithCredits[]> {
  const { visibleTo, id, providerId, status } = filter
  let query = db.selectFrom('provider_accounts').selectAll()
  if (visibleTo !== undefined) {
    query = query.where((eb) => eb.or([eb('user_id', '=', visibleTo), eb('is_private', '=', false)]))
  }
  if (id !== undefined) query = query.where('id', '=', id)
  if (providerId !== undefined) query = query.where('provider_id', '=', providerId)
  if (status !== undefined) query = query.where('status', '=', status)
  const accounts = await query.orderBy('priority', 'desc').orderBy('id', 'asc').limit(MAX_LISTED).execute()
  if (accounts.length === 0) return []
  const ids = accounts.map((account) => account.id)
  const rows = await db.selectFrom('provider_credits').selectAll().where('account_id', 'in', ids).execute()
  return accounts.map((account) => ({ account, credits: creditsOf(account.id, rows) }))
}

/** Undefined when there is none. */
export async function findAccount(db: Kysely<Tables>, id: number): Promise<AccountWithCredits | undefined> {
  return (await listAccounts(db, { id }))[0]
}

export type AccountCreation =
  | { readonly outcome: 'created'; readonly account: ProviderAccountRow }
  | { readonly outcome: 'duplicate' }
  | { readonly outcome: 'too_many'; readonly limit: number }

/** Adds an account to a user who has fewer than allowed. */
export function insertAccount(
  db: Kysely<Tables>,
  values: Insertable<ProviderAccountsTable> & { user_id: number },
): Promise<AccountCreation> {
  return db.transaction().execute(async (transaction) => {
    // The lock makes two requests of one user count one after the other.
    const user = await transaction
      .selectFrom('users')
      .select('max_provider_accounts')
      .where('id', '=', values.user_id)
      .forNoKeyUpdate()
      .executeTakeFirstOrThrow()
    const { owned } = await transaction
      .selectFrom('provider_accounts')
      .select((eb) => eb.fn.countAll<number>().as('owned'))
      .where('user_id', '=', values.user_id)
      .executeTakeFirstOrThrow()
    if (owned >= user.max_provider_accounts)
      return { outcome: 'too_many', limit: user.max_provider_accounts } as const
    const account = await transaction
      .insertInto('provider_accounts')
      .values(values)
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    return account === undefined
      ? ({ outcome: 'duplicate' } as const)
      : ({ outcome: 'created', account } as const)
  })
}

/** The account, nobody else changing it until the transaction ends; undefined when there is none. */
export function lockAccount(
  transaction: Transaction<Tables>,
  accountId: number,
): Promise<ProviderAccountRow | undefined> {
  return transaction
    .selectFrom('provider_accounts')
    .selectAll()
    .where('id', '=', accountId)
    .forUpdate()
    .executeTakeFirst()
}

/** Changes columns of an account that exists. Throws a unique violation when the owner has one with the new e-mail. */
export function updateAccount(
  transaction: Transaction<Tables>,
  accountId: number,
  changes: Updateable<ProviderAccountsTable>,
): Promise<ProviderAccountRow> {
  return transaction
    .updateTable('provider_accounts')
    .set(changes)
    .where('id', '=', accountId)
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Deletes an account that no running job uses. */
export function deleteAccount(
  db: Kysely<Tables>,
  accountId: number,
): Promise<'deleted' | 'in_use' | 'missing'> {
  return db.transaction().execute(async (transaction) => {
    const deleted = await transaction
      .deleteFrom('provider_accounts')
      .where('id', '=', accountId)
      .where('current_processing_jobs', '=', 0)
      .returning('id')
      .executeTakeFirst()
    if (deleted !== undefined) return 'deleted'
    const { rows } = await sql`select from provider_accounts where id = ${accountId}`.execute(transaction)
    return rows.length > 0 ? 'in_use' : 'missing'
  })
}
