/** What can go wrong with the local PostgreSQL; the message says what to do about it. */
export type PostgresErrorCode =
  | 'POSTGRES_UNSUPPORTED_PLATFORM'
  | 'POSTGRES_ROOT_REFUSED'
  | 'POSTGRES_PORT_TAKEN'
  | 'POSTGRES_ALREADY_RUNS'
  | 'POSTGRES_COMMAND_FAILED'
  | 'POSTGRES_DATA_UNUSABLE'

export class PostgresError extends Error {
  readonly code: PostgresErrorCode

  constructor(code: PostgresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'PostgresError'
    this.code = code
  }
}
