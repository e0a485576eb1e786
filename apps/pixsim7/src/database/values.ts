/** The closed sets of words stored in the database. Each list is also what the API accepts and the check constraints allow. */

/** Life of a job: pending → processing → completed, failed or cancelled; pending may also end at once as failed or cancelled. */
export const JOB_STATUSES = ['pending', 'processing', 'completed', 'failed', 'cancelled'] as const
export type JobStatus = (typeof JOB_STATUSES)[number]

/** Statuses a job never leaves. */
export const TERMINAL_JOB_STATUSES = [
  'completed',
  'failed',
  'cancelled',
] as const satisfies readonly JobStatus[]

/** What a job asks a provider to do. */
export const OPERATION_TYPES = [
  'text_to_video',
  'image_to_video',
  'video_extend',
  'video_transition',
  'fusion',
] as const
export type OperationType = (typeof OPERATION_TYPES)[number]

/** Only `active` accounts are selected; `exhausted` has no credits left, `error` failed too often in a row. */
export const ACCOUNT_STATUSES = ['active', 'exhausted', 'error', 'disabled', 'rate_limited'] as const
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number]

/** `success` means that the provider accepted the request, not that the video is ready. */
export const SUBMISSION_STATUSES = ['pending', 'success', 'error', 'timeout'] as const
export type SubmissionStatus = (typeof SUBMISSION_STATUSES)[number]

/** Where the bytes of an asset are: only at the provider, on their way, here, or lost on their way. */
export const SYNC_STATUSES = ['remote', 'downloading', 'downloaded', 'error'] as const
export type SyncStatus = (typeof SYNC_STATUSES)[number]

export const MEDIA_TYPES = ['video', 'image', 'audio', '3d_model'] as const
/** Kind of an asset. */
export type MediaType = (typeof MEDIA_TYPES)[number]

export const USER_ROLES = ['admin', 'user', 'guest'] as const
/** What a user may see: `admin` everything, the others their own. */
export type UserRole = (typeof USER_ROLES)[number]

export const CREDIT_TYPES = ['webapi', 'openapi', 'bonus'] as const
/** Purses of an account: `webapi` is free, `openapi` is paid. */
export type CreditType = (typeof CREDIT_TYPES)[number]

/** Why a session ended before its time. */
export const REVOKE_REASONS = ['user_logout', 'logout_all', 'user_revocation', 'expired'] as const
export type RevokeReason = (typeof REVOKE_REASONS)[number]
