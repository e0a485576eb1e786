import { getLogger } from '@pixsim7/logging'
import { AppError } from '../app-error.ts'
import { RateLimiter } from '../security/rate-limiter.ts'
import type { RateLimiters } from './dependencies.ts'

const WINDOW_MS = 60_000

const logger = getLogger('rate_limit')

/** The API's limiters; `now` in ms, for tests. */
export function createRateLimiters(now?: () => number): RateLimiters {
  const limiter = (name: string, limit: number) => new RateLimiter({ name, limit, windowMs: WINDOW_MS }, now)
  return {
    login: limiter('login', 5),
    loginAddress: limiter('login_address', 60),
    register: limiter('register', 60),
    createJob: limiter('create_job', 10),
  }
}

/**
 * Counts one attempt. `key` is what is counted, `identity` what is logged (a user id or an address, never an e-mail).
 * @throws AppError `rate_limited`
 */
export function assertRate(limiter: RateLimiter, key: string, identity: string | number): void {
  const retryAfterSec = limiter.consume(key)
  if (retryAfterSec === undefined) return
  const { name, limit } = limiter.rate
  logger.warning('Rate limit reached', { limiter: name, identity, retry_after: retryAfterSec })
  throw new AppError(
    'rate_limited',
    `At most ${limit} per ${WINDOW_MS / 1000} s; try again in ${retryAfterSec} s.`,
    {
      retryAfterSec,
    },
  )
}
