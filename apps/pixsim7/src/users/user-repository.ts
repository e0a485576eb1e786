import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Tables, User } from '../database/tables.ts'

/** Jobs counted today: the stored count, or none yet when it is from another UTC day. */
export const JOBS_TODAY = sql<number>`
  case when date_trunc('day', last_job_reset_at, 'UTC') = date_trunc('day', now(), 'UTC') then jobs_today else 0 end`

/** Adds a user. Throws a unique violation of `users_email_key` or `users_username_key` when one of them is taken. */
export function insertUser(
  db: Kysely<Tables>,
  user: { readonly email: string; readonly username: string; readonly password_hash: string },
): Promise<User> {
  return db
    .insertInto('users')
    .values({ ...user, last_login_at: sql<Date>`now()` })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** `email` in lower case. */
export function findUserByEmail(db: Kysely<Tables>, email: string): Promise<User | undefined> {
  return db.selectFrom('users').selectAll().where('email', '=', email).executeTakeFirst()
}

export async function recordLogin(db: Kysely<Tables>, userId: number): Promise<void> {
  await db
    .updateTable('users')
    .set({ last_login_at: sql<Date>`now()` })
    .where('id', '=', userId)
    .execute()
}

export interface Usage {
  readonly jobs_today: number
  readonly max_daily_jobs: number
  readonly max_concurrent_jobs: number
  readonly accounts: number
  readonly max_provider_accounts: number
  readonly assets: number
  readonly max_assets: number
  readonly current_storage_bytes: number
  readonly max_storage_gb: number
}

/** What a user has used of each quota. */
export function findUsage(db: Kysely<Tables>, userId: number): Promise<Usage | undefined> {
  return db
    .selectFrom('users')
    .select((eb) => [
      JOBS_TODAY.as('jobs_today'),
      'max_daily_jobs',
      'max_concurrent_jobs',
      'max_provider_accounts',
      'max_assets',
      'current_storage_bytes',
      'max_storage_gb',
      eb
        .selectFrom('provider_accounts')
        .whereRef('user_id', '=', 'users.id')
        .select(eb.fn.countAll<number>().as('n'))
        .$asScalar()
        .$notNull()
        .as('accounts'),
      eb
        .selectFrom('assets')
        .whereRef('user_id', '=', 'users.id')
        .select(eb.fn.countAll<number>().as('n'))
        .$asScalar()
        .$notNull()
        .as('assets'),
    ])
    .where('id', '=', userId)
    .executeTakeFirst()
}
