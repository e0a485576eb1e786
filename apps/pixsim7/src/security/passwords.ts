/** Password hashing with argon2id, bounded in how much of it happens at once. */
import { hash, verify } from '@node-rs/argon2'
import { randomBytes } from 'node:crypto'

/** 19 MiB, two passes, one lane: OWASP's recommended least; about 30 ms of one core. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
/** More at once would take the threads that file and DNS work needs, and 19 MiB each. */
const MAX_CONCURRENT = 2
/** Past this the caller is told to come back: with 30 ms each, the last in the queue waits about a second. */
const MAX_WAITING = 64

/** So many passwords are being hashed that this one was not begun. */
export class PasswordsBusyError extends Error {
  readonly code = 'PASSWORDS_BUSY'

  constructor() {
    super(`More than ${MAX_WAITING} password checks are waiting; try again in a moment.`)
    this.name = 'PasswordsBusyError'
  }
}

export class Passwords {
  #running = 0
  readonly #waiting: (() => void)[] = []
  /** Hash of a password nobody has, compared where there is no user, so that both answers take the same time. */
  #decoy: Promise<string> | undefined

  /** argon2id in PHC form. @throws PasswordsBusyError */
  hash(password: string): Promise<string> {
    return this.#limited(() => hash(password, COST))
  }

  /** Compares; without a stored hash does the same work and returns false. @throws PasswordsBusyError */
  verify(storedHash: string | undefined, password: string): Promise<boolean> {
    return this.#limited(async () => {
      if (storedHash !== undefined) return verify(storedHash, password)
      this.#decoy ??= hash(randomBytes(32), COST)
      await verify(await this.#decoy, password)
      return false
    })
  }

  /** Prepares the decoy, so that the first unknown user does not take twice as long as the others. */
  async prepare(): Promise<void> {
    this.#decoy ??= hash(randomBytes(32), COST)
    await this.#decoy
  }

  async #limited<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_CONCURRENT) {
      if (this.#waiting.length >= MAX_WAITING) throw new PasswordsBusyError()
      // Whoever ends hands its place over: #running stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.#running++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}
