const MAX_CAUSES = 5

/** The code of the system or of Node behind an error, `ECONNREFUSED`; that of its cause when it has none itself. */
export function systemCodeOf(error: unknown): string | undefined {
  let cause = error
  for (let depth = 0; depth < MAX_CAUSES && cause instanceof Error; depth++) {
    const { code } = cause as NodeJS.ErrnoException
    if (typeof code === 'string') return code
    cause = cause.cause
  }
  return undefined
}

/** What went wrong with a connection, for a message that users see as well: no addresses, the code in lower case. */
export function connectionFault(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const code = systemCodeOf(error)
  return code === undefined ? message : `${message} (${code.toLowerCase()})`
}
