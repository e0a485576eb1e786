/** Codes of the operating system and of PostgreSQL that mean: there is no working connection, the query itself may be fine. */
const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  // admin_shutdown, crash_shutdown, cannot_connect_now, too_many_connections
  '57P01',
  '57P02',
  '57P03',
  '53300',
])

/** What the driver throws without a code. */
const CONNECTION_MESSAGE =
  /^(Connection terminated|Client has encountered a connection error|timeout expired|timeout exceeded when trying to connect)/

/** True when the pool had no connection to give in time; the server may be well. */
export function isPoolTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'timeout exceeded when trying to connect'
}

/** True when the database could not be reached or hung up, as opposed to refusing the query. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = sqlStateOf(error)
  // Class 08 is connection_exception.
  return code === undefined
    ? CONNECTION_MESSAGE.test(error.message)
    : CONNECTION_CODES.has(code) || code.startsWith('08')
}

/** The SQLSTATE, or the system's code, of what the driver threw. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : undefined
}

/** True for a row that exists already (unique_violation), of this constraint or of any. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (sqlStateOf(error) !== '23505') return false
  return constraint === undefined || (error as { constraint?: unknown }).constraint === constraint
}
