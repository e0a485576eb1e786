import { redactText } from '@pixsim7/logging'

export type AssetErrorCode =
  /** The bytes could not be fetched; trying again may help. */
  | 'ASSET_DOWNLOAD_FAILED'
  /** The provider does not have the file (any more); trying again will not help. */
  | 'FILE_NOT_FOUND'
  /** The user's storage is used up, or the file is larger than any may be. */
  | 'STORAGE_FULL'
  | 'RESOURCE_NOT_FOUND'

/**
 * An asset that could not be fetched or kept. Its message is stored by the queue and shown to the owner: signatures and logins
 * of an address that a cause repeats are taken out.
 */
export class AssetError extends Error {
  override readonly name = 'AssetError'
  readonly code: AssetErrorCode
  /** HTTP status of the answer, if there was one. */
  readonly statusCode: number | undefined

  constructor(
    code: AssetErrorCode,
    message: string,
    facts: { readonly statusCode?: number; readonly cause?: unknown } = {},
  ) {
    super(redactText(message), facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.statusCode = facts.statusCode
  }

  get isRetryable(): boolean {
    return this.code === 'ASSET_DOWNLOAD_FAILED'
  }
}
