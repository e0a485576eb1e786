/** What can go wrong with a log file or the levels file; explained, with the way out, in docs/errors.md. */
export const FILES_ERROR_CODES = [
  'FILES_NOT_A_FILE',
  'FILES_IS_A_LINK',
  'FILES_FOLDER_FAILED',
  'FILES_OPEN_FAILED',
  'FILES_WRITE_FAILED',
  'FILES_SYNC_FAILED',
  'FILES_CLOSED',
  'FILES_LEVELS_INVALID',
  'FILES_LEVELS_FAILED',
] as const

export type FilesErrorCode = (typeof FILES_ERROR_CODES)[number]

/** The only error this package throws. `cause` is the operating system's error, where there is one. */
export class FilesError extends Error {
  override readonly name = 'FilesError'
  readonly code: FilesErrorCode
  readonly path: string
  /** The operating system's name for the failure, `ENOSPC`; undefined when it was not the system that refused. */
  readonly systemCode: string | undefined

  constructor(code: FilesErrorCode, path: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.path = path
    this.systemCode = systemCodeOf(cause)
  }
}

/** A write that did not take all bytes; code `FILES_WRITE_FAILED`. */
export class FilesWriteError extends FilesError {
  /** How many bytes of the buffer are in the file. */
  readonly writtenBytes: number
  /**
   * How many of them belong to lines that are in the file as a whole. To go on, write the buffer again from here: the fragment
   * after it is closed by a newline, so that the line that was cut is written again and none is doubled.
   */
  readonly wholeLineBytes: number

  constructor(path: string, message: string, writtenBytes: number, wholeLineBytes: number, cause: unknown) {
    super('FILES_WRITE_FAILED', path, message, cause)
    this.writtenBytes = writtenBytes
    this.wholeLineBytes = wholeLineBytes
  }
}

/** `ENOENT` and the like of an error of `node:fs`; undefined for any other value. */
export function systemCodeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' ? code : undefined
}
