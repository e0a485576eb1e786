import type { Database } from '../database/open-database.ts'
import type { ProviderRegistry } from '../provider/provider-registry.ts'
import type { RateLimiter } from '../security/rate-limiter.ts'
import type { SecretBox } from '../security/secret-box.ts'
import type { AuthService } from '../users/auth-service.ts'

/** The limiters of the API. */
export interface RateLimiters {
  /** By address and e-mail address: guessing one user's password. */
  readonly login: RateLimiter
  /** By address alone: trying one password on many users. */
  readonly loginAddress: RateLimiter
  readonly register: RateLimiter
  readonly createJob: RateLimiter
}

/** What the routes work with. */
export interface Dependencies {
  readonly database: Database
  readonly auth: AuthService
  readonly tokenLifetimeSec: number
  readonly registry: ProviderRegistry
  readonly secretBox: SecretBox
  /** Holds the files of the assets. */
  readonly storageFolder: string
  readonly limiters: RateLimiters
}
