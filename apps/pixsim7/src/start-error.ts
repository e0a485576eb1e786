/** A component cannot start for a reason its operator can mend; the message says which and how. */
export class StartError extends Error {
  readonly code:
    'PORT_TAKEN' | 'ADDRESS_UNUSABLE' | 'DATABASE_UNREACHABLE' | 'DATABASE_REFUSED' | 'SECRET_KEY_MISSING'

  constructor(code: StartError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StartError'
    this.code = code
  }
}
