import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Job, Tables } from '../database/tables.ts'

/** Why no account could be selected: how many there are for the job, and how many of them lack what. One may lack several things. */
export interface Candidates {
  readonly accounts: number
  readonly not_active: number
  readonly in_cooldown: number
  readonly without_slot: number
  readonly without_credits: number
  readonly day_used_up: number
}

/** Counts the accounts of the job's provider that its user may use, by what keeps them from being selected. */
export async function countCandidates(
  db: Kysely<Tables>,
  job: Pick<Job, 'provider_id' | 'user_id'>,
): Promise<Candidates> {
  const { rows } = await sql<Candidates>`
    select count(*) as accounts,
      count(*) filter (where status <> 'active') as not_active,
      count(*) filter (where cooldown_until > now()) as in_cooldown,
      count(*) filter (where current_processing_jobs >= max_concurrent_jobs) as without_slot,
      count(*) filter (where not exists (
        select from provider_credits where account_id = provider_accounts.id and amount > 0)) as without_credits,
      count(*) filter (where max_daily_videos <= videos_today
        and date_trunc('day', last_video_reset_at, 'UTC') = date_trunc('day', now(), 'UTC')) as day_used_up
    from provider_accounts
    where provider_id = ${job.provider_id} and (not is_private or user_id = ${job.user_id})`.execute(db)
  const [counted] = rows
  if (counted === undefined) throw new Error('BUG: counting gave no row')
  return counted
}
