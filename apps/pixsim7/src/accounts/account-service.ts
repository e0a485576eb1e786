/** What users may do with provider accounts. Logger `account_service`; never a secret, never an e-mail address. */
import { getLogger } from '@pixsim7/logging'
import type { Kysely } from 'kysely'
import { AppError, notFound } from '../app-error.ts'
import { isUniqueViolation } from '../database/connection-errors.ts'
import type { Tables, User } from '../database/tables.ts'
import type { AccountStatus, CreditType } from '../database/values.ts'
import type { ProviderRegistry } from '../provider/provider-registry.ts'
import type { SecretBox } from '../security/secret-box.ts'
import { setCredits } from './account-health.ts'
import {
  deleteAccount,
  findAccount,
  insertAccount,
  lockAccount,
  updateAccount,
} from './account-repository.ts'
import type { AccountWithCredits } from './account-repository.ts'
import { openSecrets, sealSecrets, SECRET_NAMES } from './account-secrets.ts'
import type { AccountSecrets, SecretName } from './account-secrets.ts'

/** Jobs at once on an account: a paid key allows more. */
const SLOTS = { free: 2, paid: 5 } as const

const logger = getLogger('account_service')

export interface AccountContext {
  readonly db: Kysely<Tables>
  readonly registry: ProviderRegistry
  readonly secretBox: SecretBox
}

/** Fields of an account its owner sets; a secret set to null is removed. */
export interface AccountFields {
  readonly email?: string
  readonly is_private?: boolean
  readonly status?: Extract<AccountStatus, 'active' | 'disabled' | 'rate_limited'>
  readonly priority?: number
  readonly max_concurrent_jobs?: number
  readonly max_daily_videos?: number | null
  readonly secrets: { readonly [name in SecretName]?: string | null }
}

const DUPLICATE = 'You have an account with this e-mail address at this provider already.'

function setSecrets(secrets: AccountFields['secrets'], present: AccountSecrets): AccountSecrets {
  const merged = SECRET_NAMES.map(
    (name) => [name, secrets[name] === undefined ? present[name] : secrets[name]] as const,
  )
  return Object.fromEntries(merged.filter(([, value]) => value != null)) as AccountSecrets
}

/** @throws AppError `provider_not_found`, `resource_already_exists`, `account_limit_reached` */
export async function createAccount(
  { db, registry, secretBox }: AccountContext,
  user: User,
  fields: AccountFields & { readonly provider_id: string; readonly email: string },
): Promise<AccountWithCredits> {
  if (registry.find(fields.provider_id) === undefined) {
    throw new AppError('provider_not_found', 'There is no such provider.')
  }
  const { secrets, email, max_concurrent_jobs, ...columns } = fields
  const present = setSecrets(secrets, {})
  const created = await insertAccount(db, {
    ...columns,
    ...sealSecrets(secretBox, present),
    user_id: user.id,
    email: email.toLowerCase(),
    max_concurrent_jobs:
      max_concurrent_jobs ?? (present.api_key_paid === undefined ? SLOTS.free : SLOTS.paid),
  })
  if (created.outcome === 'duplicate') throw new AppError('resource_already_exists', DUPLICATE)
  if (created.outcome === 'too_many') {
    throw new AppError(
      'account_limit_reached',
      `You may have ${created.limit} provider accounts and have as many.`,
    )
  }
  const { account } = created
  logger.info('Account created', {
    user_id: user.id,
    account_id: account.id,
    provider_id: account.provider_id,
  })
  return { account, credits: {} }
}

/** An account the user may see. @throws AppError `resource_not_found`, also for what others keep private */
export async function getVisibleAccount(
  db: Kysely<Tables>,
  user: User,
  accountId: number,
): Promise<AccountWithCredits> {
  const found = await findAccount(db, accountId)
  const isVisible =
    found !== undefined &&
    (user.role === 'admin' || !found.account.is_private || found.account.user_id === user.id)
  if (!isVisible) throw notFound('account')
  return found
}

/** An account the user may change: the own one; admins any. @throws AppError `resource_not_found`, `permission_denied` */
async function getOwnAccount(db: Kysely<Tables>, user: User, accountId: number): Promise<AccountWithCredits> {
  const found = await getVisibleAccount(db, user, accountId)
  if (user.role !== 'admin' && found.account.user_id !== user.id) {
    throw new AppError('permission_denied', 'Only its owner may change an account.')
  }
  return found
}

/** @throws AppError `resource_not_found`, `permission_denied`, `resource_already_exists` */
export async function changeAccount(
  { db, secretBox }: AccountContext,
  user: User,
  accountId: number,
  fields: AccountFields,
): Promise<AccountWithCredits> {
  const { credits } = await getOwnAccount(db, user, accountId)
  const { secrets, email, ...columns } = fields
  const updated_fields = [
    ...Object.keys(columns),
    ...(email === undefined ? [] : ['email']),
    ...Object.keys(secrets),
  ]
  try {
    const account = await db.transaction().execute(async (transaction) => {
      // Locked, so that two changes at once do not undo each other's secrets.
      const present = await lockAccount(transaction, accountId)
      if (present === undefined) throw notFound('account')
      if (updated_fields.length === 0) return present
      const merged = setSecrets(
        secrets,
        Object.keys(secrets).length === 0 ? {} : openSecrets(secretBox, present),
      )
      return updateAccount(transaction, accountId, {
        ...columns,
        ...(email === undefined ? {} : { email: email.toLowerCase() }),
        // Put back into service by hand: it begins with a clean slate.
        ...(fields.status === 'active' ? { failure_streak: 0, last_error: null, cooldown_until: null } : {}),
        ...(Object.keys(secrets).length === 0 ? {} : sealSecrets(secretBox, merged)),
      })
    })
    logger.info('Account updated', {
      user_id: user.id,
      account_id: accountId,
      provider_id: account.provider_id,
      updated_fields,
    })
    return { account, credits }
  } catch (error) {
    if (isUniqueViolation(error)) throw new AppError('resource_already_exists', DUPLICATE)
    throw error
  }
}

/** @throws AppError `resource_not_found`, `permission_denied` (system accounts too), `account_in_use` */
export async function removeAccount({ db }: AccountContext, user: User, accountId: number): Promise<void> {
  const { account } = await getOwnAccount(db, user, accountId)
  if (account.user_id === null) throw new AppError('permission_denied', 'System accounts cannot be deleted.')
  const outcome = await deleteAccount(db, accountId)
  if (outcome === 'missing') throw notFound('account')
  if (outcome === 'in_use') {
    throw new AppError(
      'account_in_use',
      'Jobs are running on this account; disable it, and delete it when they have ended.',
    )
  }
  logger.info('Account deleted', {
    user_id: user.id,
    account_id: accountId,
    provider_id: account.provider_id,
  })
}

/** @throws AppError `resource_not_found`, `permission_denied` */
export async function changeCredits(
  { db }: AccountContext,
  user: User,
  accountId: number,
  purse: { readonly credit_type: CreditType; readonly amount: number },
): Promise<AccountWithCredits> {
  await getOwnAccount(db, user, accountId)
  const change = await setCredits(db, accountId, purse.credit_type, purse.amount)
  if (change === undefined) throw notFound('account')
  const fields = { account_id: accountId, provider_id: change.account.provider_id, ...purse }
  logger.info('Credits set', { user_id: user.id, ...fields })
  if (change.total === 0) logger.warning('Account exhausted', fields)
  return getOwnAccount(db, user, accountId)
}
