/** What can go wrong with a provider, in words that do not depend on which provider it is. */
import { redactText } from '@pixsim7/logging'

export type ProviderErrorCode =
  /** The account's key was refused, or lacks a permission. Another account may do. */
  | 'PROVIDER_AUTH_FAILED'
  /** The account has no credits left. Another account may do. */
  | 'PROVIDER_QUOTA_EXCEEDED'
  /** Too many requests, of this account or of everybody; `retryAfterMs` says when to come back. */
  | 'PROVIDER_RATE_LIMIT'
  /** Prompt or result were refused by moderation. */
  | 'PROVIDER_CONTENT_FILTERED'
  /** The parameters of the job are wrong; the message names the first one. */
  | 'PROVIDER_INVALID_REQUEST'
  /** The provider does not know this job, or no longer. */
  | 'PROVIDER_JOB_NOT_FOUND'
  /** No connection, no answer in time, or the provider's own failure. */
  | 'PROVIDER_UNAVAILABLE'
  /** An answer that is none: not JSON, too long, without what was asked for, or a status nobody has heard of. */
  | 'PROVIDER_BAD_ANSWER'
  /** No provider is registered under this name. */
  | 'PROVIDER_NOT_FOUND'

/** Codes after which the same request may succeed later, or with another account. */
const RETRYABLE: ReadonlySet<ProviderErrorCode> = new Set([
  'PROVIDER_AUTH_FAILED',
  'PROVIDER_QUOTA_EXCEEDED',
  'PROVIDER_RATE_LIMIT',
  'PROVIDER_UNAVAILABLE',
  'PROVIDER_BAD_ANSWER',
])

export interface ProviderErrorFacts {
  readonly providerId: string
  /** Overrides what the code says; moderation of a result may pass at the next try, that of a prompt will not. */
  readonly isRetryable?: boolean | undefined
  /** HTTP status of the answer, if there was one. */
  readonly statusCode?: number | undefined
  /** The provider's own number for what happened. */
  readonly providerCode?: number | undefined
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

/**
 * A provider that did not do what it was asked. Its message is stored with the job and shown to its owner, so that what the
 * provider said in it is without secrets.
 */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
  readonly code: ProviderErrorCode
  readonly providerId: string
  readonly isRetryable: boolean
  readonly statusCode: number | undefined
  readonly providerCode: number | undefined
  readonly retryAfterMs: number | undefined

  constructor(code: ProviderErrorCode, message: string, facts: ProviderErrorFacts) {
    super(redactText(message), facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.providerId = facts.providerId
    this.isRetryable = facts.isRetryable ?? RETRYABLE.has(code)
    this.statusCode = facts.statusCode
    this.providerCode = facts.providerCode
    this.retryAfterMs = facts.retryAfterMs
  }

  /** Nobody knows whether the provider has taken the request: it must be repeated as the same request, or not at all. */
  get isAnswerUnknown(): boolean {
    return this.code === 'PROVIDER_UNAVAILABLE' || this.code === 'PROVIDER_BAD_ANSWER'
  }

  /** The account is to blame rather than the job. */
  get isAccountFault(): boolean {
    return this.code === 'PROVIDER_AUTH_FAILED' || this.code === 'PROVIDER_QUOTA_EXCEEDED'
  }
}
