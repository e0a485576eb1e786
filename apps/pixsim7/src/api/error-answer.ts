/** Which status, code and words a failure gets. Nothing of an unexpected error reaches the client. */
import type { FastifyError } from 'fastify'
import { AppError } from '../app-error.ts'
import type { AppErrorCode } from '../app-error.ts'
import { AssetError } from '../assets/asset-error.ts'
import type { AssetErrorCode } from '../assets/asset-error.ts'
import { isConnectionError } from '../database/connection-errors.ts'
import { PasswordsBusyError } from '../security/passwords.ts'
import { describeValidation } from './validation-message.ts'

const STATUS: Readonly<Record<AppErrorCode, number>> = {
  validation_error: 422,
  malformed_json: 400,
  invalid_operation: 400,
  invalid_parameters: 400,
  unsupported_operation: 400,
  provider_not_found: 400,
  account_limit_reached: 400,
  job_already_completed: 400,
  job_cancelled: 400,
  asset_download_failed: 400,
  file_not_found: 400,
  storage_full: 400,
  authentication_error: 401,
  permission_denied: 403,
  resource_not_found: 404,
  resource_already_exists: 409,
  account_in_use: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  user_quota_exceeded: 429,
  internal_error: 500,
  service_unavailable: 503,
}

const ASSET_CODE: Readonly<Record<AssetErrorCode, AppErrorCode>> = {
  ASSET_DOWNLOAD_FAILED: 'asset_download_failed',
  FILE_NOT_FOUND: 'file_not_found',
  STORAGE_FULL: 'storage_full',
  RESOURCE_NOT_FOUND: 'resource_not_found',
}

/** How long a client should wait for the database to come back. */
const DATABASE_RETRY_SEC = 5

export interface ErrorAnswer {
  readonly status: number
  readonly code: AppErrorCode
  readonly message: string
  readonly retryAfterSec: number | undefined
}

function answer(code: AppErrorCode, message: string, retryAfterSec?: number): ErrorAnswer {
  return { status: STATUS[code], code, message, retryAfterSec }
}

/** The answer for anything that was thrown while a request was handled. */
export function answerFor(error: unknown): ErrorAnswer {
  if (error instanceof AppError) return answer(error.code, error.message, error.retryAfterSec)
  if (error instanceof AssetError) return answer(ASSET_CODE[error.code], error.message)
  if (error instanceof PasswordsBusyError)
    return answer('service_unavailable', 'Too much to do; try again.', 1)
  if (isConnectionError(error)) {
    return answer('service_unavailable', 'The database cannot be reached; try again.', DATABASE_RETRY_SEC)
  }
  const { validation, validationContext, code, statusCode } = error as Partial<FastifyError>
  if (validation !== undefined)
    return answer('validation_error', describeValidation(validationContext, validation))
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return answer('payload_too_large', 'The body is too large.')
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return answer('unsupported_media_type', 'Send the body as application/json.')
  }
  // What else the framework refuses about a body: no JSON, none at all, a length that is not true.
  if (code?.startsWith('FST_ERR_CTP_') === true || (error instanceof SyntaxError && statusCode === 400)) {
    return answer('malformed_json', 'The body is not valid JSON.')
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return answer('invalid_operation', 'The request is malformed.')
  }
  return answer('internal_error', 'internal_error')
}
