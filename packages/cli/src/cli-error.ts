/** What a CliError can be about; docs/errors.md says for each what to do. */
export const CLI_ERROR_CODES = [
  'CLI_BAD_ARGUMENT',
  'CLI_SERVER_NOT_STARTED',
  'CLI_SERVER_NOT_REACHED',
  'CLI_NO_PROJECT',
] as const
export type CliErrorCode = (typeof CLI_ERROR_CODES)[number]

/** The one error class of this package: its message is what the user reads on stderr, and says what to do next. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: CliErrorCode

  constructor(code: CliErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

export function badArgument(message: string): CliError {
  return new CliError('CLI_BAD_ARGUMENT', message)
}
