/** What can stop the launcher. `ARGUMENTS_INVALID` the command line; `START_REFUSED` a check before the start;
 * `ALREADY_RUNNING` another launcher in the same folder; `SERVICE_FAILED` a program that does not come up;
 * `LEFTOVER_STUCK` a process of an earlier start that cannot be ended. */
export type LauncherErrorCode =
  'ARGUMENTS_INVALID' | 'START_REFUSED' | 'ALREADY_RUNNING' | 'SERVICE_FAILED' | 'LEFTOVER_STUCK'

/** An end of the launcher that its user can do something about; the message says what. */
export class LauncherError extends Error {
  override readonly name = 'LauncherError'
  readonly code: LauncherErrorCode

  constructor(code: LauncherErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
