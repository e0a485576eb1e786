/** The first schema: users and sessions, provider accounts and credits, jobs and submissions, assets, worker heartbeats. */
import { sql } from 'kysely'
import type { Kysely, Migration, RawBuilder } from 'kysely'
import {
  ACCOUNT_STATUSES,
  CREDIT_TYPES,
  JOB_STATUSES,
  MEDIA_TYPES,
  OPERATION_TYPES,
  REVOKE_REASONS,
  SUBMISSION_STATUSES,
  SYNC_STATUSES,
  USER_ROLES,
} from './values.ts'

/** `column in ('a', 'b')`: words as text with a check, because PostgreSQL enums cannot lose a value again. */
function oneOf(column: string, values: readonly string[]): RawBuilder<boolean> {
  return sql`${sql.ref(column)} in (${sql.join(values.map((value) => sql.lit(value)))})`
}

async function createUsers(database: Kysely<unknown>): Promise<void> {
  await sql`
    create table users (
      id bigint generated always as identity primary key,
      email text not null unique check (email = lower(email)),
      username text not null,
      password_hash text not null,
      is_active boolean not null default true,
      role text not null default 'user' check (${oneOf('role', USER_ROLES)}),
      max_concurrent_jobs integer not null default 10,
      max_daily_jobs integer not null default 100,
      jobs_today integer not null default 0,
      last_job_reset_at timestamptz not null default now(),
      max_provider_accounts integer not null default 5,
      max_assets integer not null default 1000,
      max_storage_gb double precision not null default 100,
      current_storage_bytes bigint not null default 0 check (current_storage_bytes >= 0),
      created_at timestamptz not null default now(),
      last_login_at timestamptz
    )`.execute(database)
  await sql`create unique index users_username_key on users (lower(username))`.execute(database)
  await sql`
    create table user_sessions (
      id bigint generated always as identity primary key,
      user_id bigint not null references users on delete cascade,
      token_id text not null unique,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      last_used_at timestamptz not null default now(),
      ip_address text,
      user_agent text,
      is_revoked boolean not null default false,
      revoke_reason text check (${oneOf('revoke_reason', REVOKE_REASONS)}),
      check (is_revoked = (revoke_reason is not null))
    )`.execute(database)
  await sql`create index user_sessions_user_idx on user_sessions (user_id, created_at desc)`.execute(database)
}

async function createAccounts(database: Kysely<unknown>): Promise<void> {
  await sql`
    create table provider_accounts (
      id bigint generated always as identity primary key,
      user_id bigint references users on delete cascade,
      is_private boolean not null default false,
      provider_id text not null,
      email text not null check (email = lower(email)),
      secrets bytea,
      secret_names text[] not null default '{}',
      jwt_expires_at timestamptz,
      status text not null default 'active' check (${oneOf('status', ACCOUNT_STATUSES)}),
      last_error text,
      last_used_at timestamptz,
      cooldown_until timestamptz,
      max_concurrent_jobs integer not null default 2 check (max_concurrent_jobs >= 0),
      current_processing_jobs integer not null default 0 check (current_processing_jobs >= 0),
      priority integer not null default 0,
      max_daily_videos integer check (max_daily_videos >= 0),
      videos_today integer not null default 0,
      last_video_reset_at timestamptz not null default now(),
      total_generated integer not null default 0,
      total_failed integer not null default 0,
      failure_streak integer not null default 0,
      success_rate double precision not null default 1,
      ema_generation_time_sec double precision,
      ema_alpha double precision not null default 0.3 check (ema_alpha > 0 and ema_alpha <= 1),
      created_at timestamptz not null default now(),
      check (not (is_private and user_id is null))
    )`.execute(database)
  // System accounts have no user: 0, which no user ever has, stands for them, so that they too are unique.
  await sql`
    create unique index provider_accounts_owner_key
      on provider_accounts (provider_id, email, coalesce(user_id, 0))`.execute(database)
  await sql`
    create index provider_accounts_selection_idx
      on provider_accounts (provider_id, priority desc, last_used_at) where status = 'active'`.execute(
    database,
  )
  await sql`create index provider_accounts_user_idx on provider_accounts (user_id)`.execute(database)
  await sql`
    create table provider_credits (
      account_id bigint not null references provider_accounts on delete cascade,
      credit_type text not null check (${oneOf('credit_type', CREDIT_TYPES)}),
      amount integer not null check (amount >= 0),
      updated_at timestamptz not null default now(),
      primary key (account_id, credit_type)
    )`.execute(database)
}

async function createJobs(database: Kysely<unknown>): Promise<void> {
  await sql`
    create table jobs (
      id bigint generated always as identity primary key,
      user_id bigint not null references users on delete cascade,
      operation_type text not null check (${oneOf('operation_type', OPERATION_TYPES)}),
      provider_id text not null,
      params jsonb not null,
      priority integer not null default 5 check (priority between 0 and 10),
      scheduled_at timestamptz,
      parent_job_id bigint references jobs on delete set null,
      status text not null default 'pending' check (${oneOf('status', JOB_STATUSES)}),
      error_message text,
      retry_count integer not null default 0,
      asset_id bigint,
      reserved_account_id bigint references provider_accounts on delete set null,
      created_at timestamptz not null default now(),
      started_at timestamptz,
      completed_at timestamptz
    )`.execute(database)
  await sql`create index jobs_user_idx on jobs (user_id, created_at desc)`.execute(database)
  await sql`create index jobs_list_idx on jobs (priority, created_at desc, id desc)`.execute(database)
  await sql`create index jobs_open_idx on jobs (status, started_at) where status in ('pending', 'processing')`.execute(
    database,
  )
  await sql`create index jobs_parent_idx on jobs (parent_job_id) where parent_job_id is not null`.execute(
    database,
  )
  await sql`
    create index jobs_reserved_account_idx on jobs (reserved_account_id)
      where reserved_account_id is not null`.execute(database)
  await sql`
    create table provider_submissions (
      id bigint generated always as identity primary key,
      job_id bigint not null references jobs on delete cascade,
      account_id bigint references provider_accounts on delete set null,
      provider_id text not null,
      payload jsonb not null,
      response jsonb,
      provider_job_id text,
      retry_attempt integer not null default 0,
      submitted_at timestamptz not null default now(),
      responded_at timestamptz,
      duration_ms double precision,
      status text not null default 'pending' check (${oneOf('status', SUBMISSION_STATUSES)}),
      error_message text
    )`.execute(database)
  await sql`create index provider_submissions_job_idx on provider_submissions (job_id, id desc)`.execute(
    database,
  )
  await sql`create index provider_submissions_account_idx on provider_submissions (account_id)`.execute(
    database,
  )
}

async function createAssets(database: Kysely<unknown>): Promise<void> {
  await sql`
    create table assets (
      id bigint generated always as identity primary key,
      user_id bigint not null references users on delete cascade,
      sha256 text,
      media_type text not null default 'video' check (${oneOf('media_type', MEDIA_TYPES)}),
      provider_id text not null,
      provider_asset_id text not null,
      provider_account_id bigint references provider_accounts on delete set null,
      provider_uploads jsonb not null default '{}',
      remote_url text not null,
      thumbnail_url text,
      local_path text,
      mime_type text,
      width integer,
      height integer,
      duration_sec double precision,
      file_size_bytes bigint,
      tags text[] not null default '{}',
      sync_status text not null default 'remote' check (${oneOf('sync_status', SYNC_STATUSES)}),
      source_job_id bigint references jobs on delete set null,
      created_at timestamptz not null default now(),
      downloaded_at timestamptz,
      -- Per user: two users may own the same provider asset, and the same bytes.
      unique (user_id, provider_id, provider_asset_id)
    )`.execute(database)
  await sql`create index assets_list_idx on assets (user_id, created_at desc, id desc)`.execute(database)
  await sql`create index assets_sha256_idx on assets (user_id, sha256) where sha256 is not null`.execute(
    database,
  )
  await sql`create index assets_source_job_idx on assets (source_job_id) where source_job_id is not null`.execute(
    database,
  )
  await sql`
    alter table jobs add constraint jobs_asset_fk
      foreign key (asset_id) references assets on delete set null`.execute(database)
  await sql`create index jobs_asset_idx on jobs (asset_id) where asset_id is not null`.execute(database)
}

async function createHeartbeats(database: Kysely<unknown>): Promise<void> {
  await sql`
    create table worker_heartbeats (
      worker_id text primary key,
      pid integer not null,
      host text not null,
      started_at timestamptz not null default now(),
      seen_at timestamptz not null default now()
    )`.execute(database)
}

export const initialMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await createUsers(database)
    await createAccounts(database)
    await createJobs(database)
    await createAssets(database)
    await createHeartbeats(database)
  },
}
