/** The provider's own error codes: it answers HTTP 200 and says in `ErrCode` what went wrong. */
export const ERROR_CODES = {
  invalidKey: { code: 10005, message: 'session is invalid' },
  badParameter: { code: 400017, message: 'invalid parameter' },
  promptTooLong: { code: 400018, message: 'prompt length exceeds 2048 characters' },
  negativePromptTooLong: { code: 400019, message: 'negative prompt length exceeds 2048 characters' },
  noCredits: { code: 500090, message: 'insufficient balance' },
  tooMany: { code: 500044, message: 'reached the limit for concurrent generations' },
  promptModerated: { code: 500063, message: 'prompt rejected by content moderation' },
  busy: { code: 500069, message: 'the system is busy, try again later' },
} as const

export type ErrorName = keyof typeof ERROR_CODES

/** Status of a generation as the provider numbers it. */
export const RESULT_STATUS = {
  done: 1,
  running: 5,
  moderated: 7,
  failed: 8,
  queued: 9,
  unheardOf: 42,
} as const
