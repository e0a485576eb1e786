import type { SecretBox } from '../security/secret-box.ts'

/** The secrets an account may have. */
export const SECRET_NAMES = ['password', 'jwt_token', 'api_key', 'api_key_paid', 'cookies'] as const
export type SecretName = (typeof SECRET_NAMES)[number]
export type AccountSecrets = Partial<Record<SecretName, string>>

/** The columns of an account that hold its secrets. */
export interface SecretColumns {
  secrets: Buffer | null
  secret_names: string[]
  jwt_expires_at: Date | null
}

/** Expiry that a JWT claims for itself; null when it is none or claims none. Not verified: it is the provider's token. */
export function jwtExpiry(token: string): Date | null {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const seconds = (payload as { exp?: unknown } | null)?.exp
    const expiry = typeof seconds === 'number' ? new Date(seconds * 1000) : undefined
    return expiry === undefined || Number.isNaN(expiry.getTime()) ? null : expiry
  } catch {
    return null // Not a JWT: some providers use opaque tokens.
  }
}

/** The columns for these secrets. */
export function sealSecrets(box: SecretBox, secrets: AccountSecrets): SecretColumns {
  const names = SECRET_NAMES.filter((name) => secrets[name] !== undefined)
  return {
    secrets:
      names.length === 0 ? null : box.seal(Object.fromEntries(names.map((name) => [name, secrets[name]]))),
    secret_names: names,
    jwt_expires_at: secrets.jwt_token === undefined ? null : jwtExpiry(secrets.jwt_token),
  }
}

/** The secrets in these columns. @throws SecretBoxError when they were stored under another SECRET_KEY */
export function openSecrets(box: SecretBox, columns: Pick<SecretColumns, 'secrets'>): AccountSecrets {
  return columns.secrets === null ? {} : (box.open(columns.secrets) as AccountSecrets)
}
