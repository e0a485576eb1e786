/** SECRET_KEY: what signs tokens and seals account secrets. */
import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Shorter ones can be guessed from one token. */
export const MIN_SECRET_KEY_LENGTH = 32

/** Values that stand in examples and get copied. */
const PLACEHOLDER = /change[-_ ]?(?:me|this|it)|your[-_ ]?(?:secret|key)|placeholder|^(.)\1*$/i

/** True for a key long enough that is not copied from an example. */
export function isUsableSecretKey(key: string): boolean {
  return key.length >= MIN_SECRET_KEY_LENGTH && !PLACEHOLDER.test(key)
}

export interface GeneratedSecretKey {
  readonly key: string
  /** False when an earlier start made it. */
  readonly isNew: boolean
}

/**
 * The key in `file`, generated (mode 0600) the first time. Components starting at the same moment get the same key.
 * Throws what the file system throws, and an error naming the file when it holds no usable key.
 */
export function loadOrGenerateSecretKey(file: string): GeneratedSecretKey {
  const isNew = !existsSync(file)
  if (isNew) {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o750 })
    // Written whole beside it, then linked: link fails where another component was first, and its key counts.
    const temporary = `${file}.${process.pid}`
    writeFileSync(temporary, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flush: true })
    try {
      linkSync(temporary, file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      rmSync(temporary, { force: true })
    }
  }
  const key = readFileSync(file, 'utf8').trim()
  if (!isUsableSecretKey(key)) {
    throw new SecretKeyError(
      `${file} holds no key of at least ${MIN_SECRET_KEY_LENGTH} characters. Set SECRET_KEY, restore the file, or remove it: ` +
        'then sessions end and the secrets of provider accounts must be entered again.',
    )
  }
  return { key, isNew }
}

/** The file that should hold the key does not. */
export class SecretKeyError extends Error {
  readonly code = 'SECRET_KEY_UNUSABLE'

  constructor(message: string) {
    super(message)
    this.name = 'SecretKeyError'
  }
}
