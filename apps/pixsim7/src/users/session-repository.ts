import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Tables, User, UserSession } from '../database/tables.ts'
import type { RevokeReason } from '../database/values.ts'

/** `last_used_at` is written when it is older than this: enough to see which sessions live, without a write per request. */
const LAST_USED_RESOLUTION_SEC = 60
/** Ended sessions are kept this long, so that their owner can still see them. */
const KEEP_ENDED_DAYS = 7
/** Of what a browser calls itself. */
const MAX_USER_AGENT_LENGTH = 300

export interface NewSession {
  readonly user_id: number
  readonly token_id: string
  readonly expires_at: Date
  readonly ip_address: string
  readonly user_agent: string | undefined
}

export async function insertSession(db: Kysely<Tables>, session: NewSession): Promise<void> {
  const user_agent = session.user_agent?.slice(0, MAX_USER_AGENT_LENGTH) ?? null
  await db
    .insertInto('user_sessions')
    .values({ ...session, user_agent })
    .execute()
}

/** The session of a token and its user; undefined when there is none. */
export async function findSession(
  db: Kysely<Tables>,
  tokenId: string,
): Promise<{ readonly session: UserSession; readonly user: User } | undefined> {
  const session = await db
    .selectFrom('user_sessions')
    .selectAll()
    .where('token_id', '=', tokenId)
    .executeTakeFirst()
  if (session === undefined) return undefined
  const user = await db.selectFrom('users').selectAll().where('id', '=', session.user_id).executeTakeFirst()
  return user === undefined ? undefined : { session, user }
}

/** Notes that the session was used now, at most once a minute. */
export async function touchSession(db: Kysely<Tables>, session: UserSession): Promise<void> {
  if (Date.now() - session.last_used_at.getTime() < LAST_USED_RESOLUTION_SEC * 1000) return
  await db
    .updateTable('user_sessions')
    .set({ last_used_at: sql<Date>`now()` })
    .where('id', '=', session.id)
    .execute()
}

/** Sessions of a user that still work, newest first. */
export function listSessions(db: Kysely<Tables>, userId: number): Promise<UserSession[]> {
  return db
    .selectFrom('user_sessions')
    .selectAll()
    .where('user_id', '=', userId)
    .where('is_revoked', '=', false)
    .where('expires_at', '>', sql<Date>`now()`)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1000)
    .execute()
}

export function findSessionById(db: Kysely<Tables>, sessionId: number): Promise<UserSession | undefined> {
  return db.selectFrom('user_sessions').selectAll().where('id', '=', sessionId).executeTakeFirst()
}

/** Ends one session of a user, or all; returns how many were still working. */
export async function revokeSessions(
  db: Kysely<Tables>,
  which: { readonly userId: number; readonly sessionId?: number },
  reason: RevokeReason,
): Promise<number> {
  let query = db
    .updateTable('user_sessions')
    .set({ is_revoked: true, revoke_reason: reason })
    .where('user_id', '=', which.userId)
    .where('is_revoked', '=', false)
    .where('expires_at', '>', sql<Date>`now()`)
  if (which.sessionId !== undefined) query = query.where('id', '=', which.sessionId)
  const { numUpdatedRows } = await query.executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}

/** Deletes sessions that ended long ago; returns how many. */
export async function deleteEndedSessions(db: Kysely<Tables>): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('user_sessions')
    .where('expires_at', '<', sql<Date>`now() - make_interval(days => ${KEEP_ENDED_DAYS})`)
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}
