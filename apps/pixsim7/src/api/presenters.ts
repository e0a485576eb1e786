/** Rows as the API shows them: what is not named here does not leave the house. */
import { estimateGenerationSec } from '../accounts/account-health.ts'
import type { AccountWithCredits } from '../accounts/account-repository.ts'
import type { SecretName } from '../accounts/account-secrets.ts'
import type { Asset, Job, User, UserSession } from '../database/tables.ts'

const timeOrNull = (time: Date | null) => time?.toISOString() ?? null

export function showUser(user: User) {
  return {
    id: user.id,
    email: user.email,
    username: user.username,
    role: user.role,
    is_active: user.is_active,
    max_concurrent_jobs: user.max_concurrent_jobs,
    max_daily_jobs: user.max_daily_jobs,
    max_provider_accounts: user.max_provider_accounts,
    max_assets: user.max_assets,
    max_storage_gb: user.max_storage_gb,
    created_at: user.created_at.toISOString(),
    last_login_at: timeOrNull(user.last_login_at),
  }
}

export function showSession(session: UserSession, currentId: number) {
  return {
    id: session.id,
    created_at: session.created_at.toISOString(),
    expires_at: session.expires_at.toISOString(),
    last_used_at: session.last_used_at.toISOString(),
    ip_address: session.ip_address,
    user_agent: session.user_agent,
    is_current: session.id === currentId,
  }
}

export function showJob(job: Job) {
  return {
    id: job.id,
    user_id: job.user_id,
    operation_type: job.operation_type,
    provider_id: job.provider_id,
    params: { ...job.params },
    priority: job.priority,
    scheduled_at: timeOrNull(job.scheduled_at),
    parent_job_id: job.parent_job_id,
    status: job.status,
    error_message: job.error_message,
    retry_count: job.retry_count,
    asset_id: job.asset_id,
    created_at: job.created_at.toISOString(),
    started_at: timeOrNull(job.started_at),
    completed_at: timeOrNull(job.completed_at),
  }
}

/** The e-mail address and what went wrong are for the owner and for admins. */
export function showAccount({ account, credits }: AccountWithCredits, viewer: User) {
  const isOwn = account.user_id === viewer.id
  const has = (name: SecretName) => account.secret_names.includes(name)
  return {
    id: account.id,
    provider_id: account.provider_id,
    email: isOwn || viewer.role === 'admin' ? account.email : null,
    is_own: isOwn,
    is_system: account.user_id === null,
    is_private: account.is_private,
    status: account.status,
    priority: account.priority,
    has_password: has('password'),
    has_jwt: has('jwt_token'),
    jwt_expired: account.jwt_expires_at !== null && account.jwt_expires_at.getTime() <= Date.now(),
    has_api_key: has('api_key'),
    has_api_key_paid: has('api_key_paid'),
    has_cookies: has('cookies'),
    credits: { ...credits } as Record<string, number>,
    max_concurrent_jobs: account.max_concurrent_jobs,
    current_processing_jobs: account.current_processing_jobs,
    max_daily_videos: account.max_daily_videos,
    total_generated: account.total_generated,
    total_failed: account.total_failed,
    success_rate: account.success_rate,
    estimated_generation_sec: estimateGenerationSec(account),
    last_used: timeOrNull(account.last_used_at),
    last_error: isOwn || viewer.role === 'admin' ? account.last_error : null,
    cooldown_until: timeOrNull(account.cooldown_until),
    created_at: account.created_at.toISOString(),
  }
}

export function showAsset(asset: Asset) {
  return {
    id: asset.id,
    user_id: asset.user_id,
    media_type: asset.media_type,
    provider_id: asset.provider_id,
    provider_asset_id: asset.provider_asset_id,
    remote_url: asset.remote_url,
    thumbnail_url: asset.thumbnail_url,
    mime_type: asset.mime_type,
    width: asset.width,
    height: asset.height,
    duration_sec: asset.duration_sec,
    file_size_bytes: asset.file_size_bytes,
    sha256: asset.sha256,
    tags: asset.tags,
    sync_status: asset.sync_status,
    source_job_id: asset.source_job_id,
    created_at: asset.created_at.toISOString(),
    downloaded_at: timeOrNull(asset.downloaded_at),
  }
}
