/** Pixverse's own error numbers in our words. */
import { redactText } from '@pixsim7/logging'
import { ProviderError, type ProviderErrorCode } from '../provider-error.ts'
import { PIXVERSE_ID } from './parameters.ts'

/** Busy for one account: as long as a slot usually takes to come free. */
const CONCURRENCY_RETRY_MS = 15_000
/** Busy as a whole. */
const BUSY_RETRY_MS = 30_000
const MAX_MESSAGE_CHARACTERS = 200
/** So much of a text is looked at; what is shown of it is far less. */
const MAX_READ_CHARACTERS = 4096
/** Shorter keys would take letters out of ordinary words. */
const MIN_KEY_CHARACTERS = 8

interface Meaning {
  readonly code: ProviderErrorCode
  readonly isRetryable?: boolean
  readonly retryAfterMs?: number
}

const MEANINGS: Readonly<Record<number, Meaning>> = {
  10002: { code: 'PROVIDER_AUTH_FAILED' },
  10003: { code: 'PROVIDER_AUTH_FAILED' },
  10005: { code: 'PROVIDER_AUTH_FAILED' },
  400017: { code: 'PROVIDER_INVALID_REQUEST' },
  400018: { code: 'PROVIDER_INVALID_REQUEST' },
  400019: { code: 'PROVIDER_INVALID_REQUEST' },
  500020: { code: 'PROVIDER_AUTH_FAILED' },
  500070: { code: 'PROVIDER_AUTH_FAILED' },
  500071: { code: 'PROVIDER_AUTH_FAILED' },
  500043: { code: 'PROVIDER_QUOTA_EXCEEDED' },
  500090: { code: 'PROVIDER_QUOTA_EXCEEDED' },
  500044: { code: 'PROVIDER_RATE_LIMIT', retryAfterMs: CONCURRENCY_RETRY_MS },
  500069: { code: 'PROVIDER_RATE_LIMIT', retryAfterMs: BUSY_RETRY_MS },
  // The result was refused; another seed may pass. A refused prompt stays refused.
  500054: { code: 'PROVIDER_CONTENT_FILTERED', isRetryable: true },
  500063: { code: 'PROVIDER_CONTENT_FILTERED' },
}

/**
 * What Pixverse said, without secrets and cut to `maxCharacters`. The key it was asked with has no shape to know it by and is
 * taken out by itself: refusals like to repeat it.
 */
export function quotePixverse(text: string, apiKey: string, maxCharacters: number): string {
  const read = text.slice(0, MAX_READ_CHARACTERS)
  const withoutKey = apiKey.length < MIN_KEY_CHARACTERS ? read : read.replaceAll(apiKey, '[redacted]')
  return redactText(withoutKey).slice(0, maxCharacters)
}

/** The error for an `ErrCode` other than 0; numbers nobody has documented count as a bad answer. */
export function errorForCode(
  providerCode: number,
  message: unknown,
  statusCode: number,
  apiKey: string,
): ProviderError {
  const meaning = MEANINGS[providerCode] ?? { code: 'PROVIDER_BAD_ANSWER' }
  const said =
    typeof message === 'string' ? quotePixverse(message, apiKey, MAX_MESSAGE_CHARACTERS) : 'no reason given'
  return new ProviderError(meaning.code, `Pixverse refused with code ${providerCode}: ${said}`, {
    providerId: PIXVERSE_ID,
    isRetryable: meaning.isRetryable,
    retryAfterMs: meaning.retryAfterMs,
    statusCode,
    providerCode,
  })
}

/** The error for an HTTP status other than 2xx. */
export function errorForStatus(statusCode: number, retryAfter: string | null): ProviderError {
  const facts = { providerId: PIXVERSE_ID, statusCode }
  const message = `Pixverse answered with HTTP status ${statusCode}`
  if (statusCode === 401 || statusCode === 403)
    return new ProviderError('PROVIDER_AUTH_FAILED', message, facts)
  if (statusCode === 404) return new ProviderError('PROVIDER_JOB_NOT_FOUND', message, facts)
  if (statusCode === 429) {
    const seconds = Number(retryAfter)
    const retryAfterMs = seconds > 0 && seconds < 3600 ? seconds * 1000 : BUSY_RETRY_MS
    return new ProviderError('PROVIDER_RATE_LIMIT', message, { ...facts, retryAfterMs })
  }
  if (statusCode >= 500) return new ProviderError('PROVIDER_UNAVAILABLE', message, facts)
  return new ProviderError('PROVIDER_BAD_ANSWER', message, facts)
}
