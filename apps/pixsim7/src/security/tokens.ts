/** Access tokens: JWT, HS256 and nothing else, with a key derived from SECRET_KEY. */
import { errors, jwtVerify, SignJWT } from 'jose'
import type { UserRole } from '../database/values.ts'
import { USER_ROLES } from '../database/values.ts'
import { deriveKey } from './secret-box.ts'

const ALGORITHM = 'HS256'
const ISSUER = 'pixsim7'
const AUDIENCE = 'pixsim7-api'
/** Difference between the clocks of two machines that is forgiven. */
const CLOCK_TOLERANCE_SEC = 5
/** Ours have about 300; a longer one is not worth the work of checking it. */
const MAX_TOKEN_LENGTH = 4096

export interface TokenClaims {
  readonly userId: number
  readonly role: UserRole
  /** `jti`, also the `token_id` of the session. */
  readonly tokenId: string
  readonly expiresAt: Date
}

/** Why a token was refused; also what is logged. */
export type TokenFault = 'malformed_token' | 'bad_signature' | 'token_expired'

export class TokenError extends Error {
  readonly code: TokenFault

  constructor(code: TokenFault, options?: ErrorOptions) {
    super('The access token is not valid.', options)
    this.name = 'TokenError'
    this.code = code
  }
}

export class Tokens {
  readonly #key: Uint8Array
  readonly #now: () => number

  /** `now` in ms since 1970. */
  constructor(secretKey: string, now: () => number = Date.now) {
    this.#key = deriveKey(secretKey, 'access tokens v1')
    this.#now = now
  }

  sign(claims: TokenClaims): Promise<string> {
    return new SignJWT({ role: claims.role })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(String(claims.userId))
      .setJti(claims.tokenId)
      .setIssuedAt(new Date(this.#now()))
      .setExpirationTime(claims.expiresAt)
      .sign(this.#key)
  }

  /** @throws TokenError */
  async verify(token: string): Promise<TokenClaims> {
    if (token.length > MAX_TOKEN_LENGTH) throw new TokenError('malformed_token')
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['sub', 'jti', 'exp'],
        clockTolerance: CLOCK_TOLERANCE_SEC,
        currentDate: new Date(this.#now()),
      })
      const userId = Number(payload.sub)
      const role = USER_ROLES.find((known) => known === payload['role'])
      if (!Number.isSafeInteger(userId) || role === undefined) throw new TokenError('malformed_token')
      return { userId, role, tokenId: payload.jti ?? '', expiresAt: new Date((payload.exp ?? 0) * 1000) }
    } catch (error) {
      if (error instanceof TokenError) throw error
      throw new TokenError(faultOf(error), { cause: error })
    }
  }
}

function faultOf(error: unknown): TokenFault {
  if (error instanceof errors.JWTExpired) return 'token_expired'
  return error instanceof errors.JWSSignatureVerificationFailed ? 'bad_signature' : 'malformed_token'
}
