/** What the application refuses, in words that go to the client as they are. */
export type AppErrorCode =
  | 'validation_error'
  | 'malformed_json'
  | 'invalid_operation'
  | 'invalid_parameters'
  | 'unsupported_operation'
  | 'provider_not_found'
  | 'account_limit_reached'
  | 'job_already_completed'
  | 'job_cancelled'
  | 'asset_download_failed'
  | 'file_not_found'
  | 'storage_full'
  | 'authentication_error'
  | 'permission_denied'
  | 'resource_not_found'
  | 'resource_already_exists'
  | 'account_in_use'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'rate_limited'
  | 'user_quota_exceeded'
  | 'internal_error'
  | 'service_unavailable'

/** A refusal. Its message is meant for the client: it names no other user's data, no SQL, no secret. */
export class AppError extends Error {
  readonly code: AppErrorCode
  /** Whole seconds after which trying again makes sense; sent as Retry-After. */
  readonly retryAfterSec: number | undefined

  constructor(
    code: AppErrorCode,
    message: string,
    options: ErrorOptions & { readonly retryAfterSec?: number } = {},
  ) {
    super(message, options)
    this.name = 'AppError'
    this.code = code
    this.retryAfterSec = options.retryAfterSec
  }
}

/** The error for a row that does not exist or that this user may not know of: one text for both. */
export function notFound(what: string): AppError {
  return new AppError('resource_not_found', `There is no such ${what}.`)
}
