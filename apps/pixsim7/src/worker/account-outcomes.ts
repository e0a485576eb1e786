/** What provider answers mean for accounts: credits, failures, pauses. Everything here is logged as `account_service`. */
import { getLogger } from '@pixsim7/logging'
import type { Kysely } from 'kysely'
import { coolDown, recordFailed, setCredits, type CreditChange } from '../accounts/account-health.ts'
import type { ProviderAccountRow, Tables } from '../database/tables.ts'
import type { Balance } from '../provider/provider.ts'
import type { ProviderError } from '../provider/provider-error.ts'

const logger = getLogger('account_service')

/** From here on an account's credits are worth a warning. */
const LOW_CREDITS = 5
/** How long an account rests when the provider does not say. */
const DEFAULT_COOLDOWN_MS = 30_000

type Account = Pick<ProviderAccountRow, 'id' | 'provider_id' | 'status'>

/** Stores the balance a provider reported; warns when it falls low, and when the account is exhausted by it. */
export async function applyBalance(db: Kysely<Tables>, account: Account, balance: Balance): Promise<void> {
  const { creditType, amount } = balance
  const before = await db
    .selectFrom('provider_credits')
    .select('amount')
    .where('account_id', '=', account.id)
    .where('credit_type', '=', creditType)
    .executeTakeFirst()
  const change = await setCredits(db, account.id, creditType, amount)
  if (change === undefined) return
  const fields = {
    account_id: account.id,
    provider_id: account.provider_id,
    credit_type: creditType,
    amount,
  }
  if (account.status === 'exhausted' && change.account.status === 'active') {
    logger.info('Account has credits again', fields)
  } else if (change.account.status === 'exhausted') {
    if (account.status !== 'exhausted') logger.warning('Account exhausted', fields)
  } else if (change.total <= LOW_CREDITS && (before === undefined || amount < before.amount)) {
    logger.warning(`Account low on credits (${change.total} remaining)`, fields)
  }
}

/** Empties all purses of an account whose provider says that it has no credits. */
export async function exhaust(db: Kysely<Tables>, account: Account): Promise<void> {
  const purses = await db
    .selectFrom('provider_credits')
    .select('credit_type')
    .where('account_id', '=', account.id)
    .where('amount', '>', 0)
    .execute()
  let change: CreditChange | undefined
  for (const purse of purses) change = await setCredits(db, account.id, purse.credit_type, 0)
  if (change?.account.status === 'exhausted') {
    logger.warning('Account exhausted', {
      account_id: account.id,
      provider_id: account.provider_id,
      credit_type: purses.map((purse) => purse.credit_type).join(','),
      amount: 0,
    })
  }
}

/** Counts a failure that is the account's doing; warns when it takes the account out of service. */
export async function blame(db: Kysely<Tables>, account: Account, reason: string): Promise<void> {
  const after = await recordFailed(db, account.id, reason)
  if (after?.status === 'error' && account.status === 'active') {
    logger.warning('Account taken out of service after failures in a row', {
      account_id: account.id,
      provider_id: account.provider_id,
      failure_streak: after.failure_streak,
      reason,
    })
  }
}

/** Does to the account of a failed submission what the failure asks for. */
export async function applyFailure(
  db: Kysely<Tables>,
  account: Account,
  error: ProviderError,
): Promise<void> {
  switch (error.code) {
    case 'PROVIDER_QUOTA_EXCEEDED':
      return exhaust(db, account)
    case 'PROVIDER_AUTH_FAILED':
      return blame(db, account, error.message)
    case 'PROVIDER_RATE_LIMIT': {
      const cooldownMs = error.retryAfterMs ?? DEFAULT_COOLDOWN_MS
      await coolDown(db, account.id, cooldownMs)
      logger.warning('Account in cooldown', {
        account_id: account.id,
        provider_id: account.provider_id,
        cooldown_sec: cooldownMs / 1000,
      })
      return
    }
    default:
      // The provider's or the job's fault: another account would not have done better.
      return
  }
}
