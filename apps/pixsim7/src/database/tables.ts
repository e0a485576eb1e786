/**
 * Types of the tables, as Kysely needs them. Identifiers are bigint in PostgreSQL and numbers here (they stay far below
 * 2^53); times are timestamptz and Date; `Generated` columns have a default in the database.
 */
import type { ColumnType, Generated, Insertable, JSONColumnType, Selectable } from 'kysely'
import type {
  AccountStatus,
  CreditType,
  JobStatus,
  MediaType,
  OperationType,
  RevokeReason,
  SubmissionStatus,
  SyncStatus,
  UserRole,
} from './values.ts'

/** An object as stored in a jsonb column. */
export type JsonObject = { readonly [key: string]: unknown }

/** jsonb that is always set: read as an object, written as `JSON.stringify(object)`. */
type Json = JSONColumnType<JsonObject>
/** jsonb that may be null. */
type JsonOrNull = ColumnType<JsonObject | null, string | null | undefined, string | null>
/** Set by the database at insert, never changed afterwards. */
type CreatedAt = ColumnType<Date, Date | undefined, never>

export interface UsersTable {
  readonly id: Generated<number>
  /** Stored in lower case. */
  email: string
  /** Unique whatever its case. */
  username: string
  /** argon2id in PHC form; carries its own salt and cost. */
  password_hash: string
  is_active: Generated<boolean>
  role: Generated<UserRole>
  max_concurrent_jobs: Generated<number>
  max_daily_jobs: Generated<number>
  /** Jobs created on the UTC day of `last_job_reset_at`. */
  jobs_today: Generated<number>
  last_job_reset_at: Generated<Date>
  max_provider_accounts: Generated<number>
  max_assets: Generated<number>
  max_storage_gb: Generated<number>
  current_storage_bytes: Generated<number>
  created_at: CreatedAt
  last_login_at: Date | null
}

export interface UserSessionsTable {
  readonly id: Generated<number>
  user_id: number
  /** The `jti` of the token this session belongs to. */
  token_id: string
  created_at: CreatedAt
  expires_at: Date
  /** Written at most once a minute, so that polling clients do not rewrite the row on every request. */
  last_used_at: Generated<Date>
  ip_address: string | null
  user_agent: string | null
  is_revoked: Generated<boolean>
  revoke_reason: RevokeReason | null
}

export interface ProviderAccountsTable {
  readonly id: Generated<number>
  /** Null for a system account, which serves everybody. */
  user_id: number | null
  /** A private account serves only the jobs of its owner. */
  is_private: Generated<boolean>
  provider_id: string
  /** Stored in lower case. */
  email: string
  /** AES-256-GCM over the JSON of the secrets; see src/security/secret-box.ts. Null when there are none. */
  secrets: Buffer | null
  /** Names of the secrets inside `secrets`, so that lists need not decrypt. */
  secret_names: Generated<string[]>
  jwt_expires_at: Date | null
  status: Generated<AccountStatus>
  last_error: string | null
  last_used_at: Date | null
  cooldown_until: Date | null
  max_concurrent_jobs: Generated<number>
  /** Slots taken. Changed only by reserve and release, under the lock of this row; equals the jobs that name it. */
  current_processing_jobs: Generated<number>
  /** Higher wins. */
  priority: Generated<number>
  /** Null is no limit. */
  max_daily_videos: number | null
  /** Videos submitted on the UTC day of `last_video_reset_at`. */
  videos_today: Generated<number>
  last_video_reset_at: Generated<Date>
  total_generated: Generated<number>
  total_failed: Generated<number>
  failure_streak: Generated<number>
  success_rate: Generated<number>
  ema_generation_time_sec: number | null
  ema_alpha: Generated<number>
  created_at: CreatedAt
}

export interface ProviderCreditsTable {
  account_id: number
  credit_type: CreditType
  amount: number
  updated_at: Generated<Date>
}

export interface JobsTable {
  readonly id: Generated<number>
  user_id: number
  operation_type: OperationType
  provider_id: string
  params: Json
  /** 0 is the most urgent, 10 the least. */
  priority: Generated<number>
  scheduled_at: Date | null
  parent_job_id: number | null
  /** Changed only by the guarded transitions of src/jobs/job-repository.ts. */
  status: Generated<JobStatus>
  error_message: string | null
  retry_count: Generated<number>
  asset_id: number | null
  /** The account whose slot this job holds; set by reserve, cleared by release, so that no slot is given back twice. */
  reserved_account_id: number | null
  created_at: CreatedAt
  /** Set once, when the job first becomes processing. */
  started_at: Date | null
  completed_at: Date | null
}

export interface ProviderSubmissionsTable {
  readonly id: Generated<number>
  job_id: number
  /** Null once the account is deleted; the submission stays as an audit record. */
  account_id: number | null
  provider_id: string
  payload: Json
  response: JsonOrNull
  provider_job_id: string | null
  retry_attempt: Generated<number>
  submitted_at: Generated<Date>
  responded_at: Date | null
  /** Round trip of the submit call. */
  duration_ms: number | null
  status: Generated<SubmissionStatus>
  error_message: string | null
}

export interface AssetsTable {
  readonly id: Generated<number>
  user_id: number
  sha256: string | null
  media_type: Generated<MediaType>
  provider_id: string
  provider_asset_id: string
  provider_account_id: number | null
  /** Provider → id under which this asset was uploaded there. */
  provider_uploads: ColumnType<JsonObject, string | undefined, string>
  remote_url: string
  thumbnail_url: string | null
  /** Relative to STORAGE_BASE_PATH. */
  local_path: string | null
  mime_type: string | null
  width: number | null
  height: number | null
  duration_sec: number | null
  file_size_bytes: number | null
  tags: Generated<string[]>
  sync_status: Generated<SyncStatus>
  source_job_id: number | null
  created_at: CreatedAt
  downloaded_at: Date | null
}

/** One row per running worker process, renewed by it; a worker unseen for long has died and its queue locks may be taken. */
export interface WorkerHeartbeatsTable {
  worker_id: string
  pid: number
  host: string
  started_at: Generated<Date>
  seen_at: Generated<Date>
}

/** All tables by name: the type parameter of Kysely. */
export interface Tables {
  users: UsersTable
  user_sessions: UserSessionsTable
  provider_accounts: ProviderAccountsTable
  provider_credits: ProviderCreditsTable
  jobs: JobsTable
  provider_submissions: ProviderSubmissionsTable
  assets: AssetsTable
  worker_heartbeats: WorkerHeartbeatsTable
}

export type User = Selectable<UsersTable>
export type UserSession = Selectable<UserSessionsTable>
export type ProviderAccountRow = Selectable<ProviderAccountsTable>
export type ProviderCredit = Selectable<ProviderCreditsTable>
export type Job = Selectable<JobsTable>
export type NewJob = Insertable<JobsTable>
export type ProviderSubmission = Selectable<ProviderSubmissionsTable>
export type Asset = Selectable<AssetsTable>
export type NewAsset = Insertable<AssetsTable>
