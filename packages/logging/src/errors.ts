/** What a LoggingError can be about; docs/errors.md says for each what to do. */
export const LOGGING_ERROR_CODES = [
  'LOGGING_SETTINGS_INVALID',
  'LOGGING_ALREADY_SET_UP',
  'LOGGING_FLUSH_FAILED',
  'LOGGING_ALREADY_COLLECTING',
  'LOGGING_LEVEL_UNKNOWN',
  'LOGGING_OPTION_REFUSED',
] as const

export type LoggingErrorCode = (typeof LOGGING_ERROR_CODES)[number]

/** One setting that cannot be used. `value` is never a secret: those are replaced before they get here. */
export interface SettingProblem {
  /** The variable, `LOG_LEVEL`, or the option of setupLogging. */
  readonly name: string
  /** As it was given, shortened; undefined when it was not given at all. */
  readonly value: string | undefined
  /** `environment`, the path of the `.env` file, `option of setupLogging`, or `default`. */
  readonly source: string
  /** What would have been right, and for files what the system said. */
  readonly expected: string
}

/** The one error class of this package. Logger methods never throw it; setting up, reading settings and flushing do. */
export class LoggingError extends Error {
  readonly code: LoggingErrorCode
  /** Every setting that cannot be used, for LOGGING_SETTINGS_INVALID; else empty. */
  readonly problems: readonly SettingProblem[]

  constructor(
    code: LoggingErrorCode,
    message: string,
    details: { cause?: unknown; problems?: readonly SettingProblem[] } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'LoggingError'
    this.code = code
    this.problems = details.problems ?? []
  }
}

/** One error for all settings that cannot be used: whoever starts a program wants to correct them in one go. */
export function settingsError(problems: readonly SettingProblem[]): LoggingError {
  const lines = problems.map(({ name, value, source, expected }) =>
    value === undefined
      ? `  ${name} is not set; expected ${expected}`
      : `  ${name}=${JSON.stringify(value)} (from ${source}); expected ${expected}`,
  )
  const count = problems.length === 1 ? 'One setting' : `${problems.length} settings`
  return new LoggingError(
    'LOGGING_SETTINGS_INVALID',
    `${count} cannot be used, so nothing was started. Correct and start again:\n${lines.join('\n')}`,
    { problems },
  )
}
