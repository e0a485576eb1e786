import { hash, verify } from '@node-rs/argon2'
import { randomInt } from 'node:crypto'

/** OWASP's figures for argon2id: 19 MiB, two passes, one lane; some 20 ms on a small machine. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Without letters and digits that look alike, in lower case: to be typed from a terminal. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'
const GROUPS = 5
const GROUP_LENGTH = 5

/** A new password of some 124 random bits, `k3fhq-…`. */
export function generatePassword(): string {
  const group = () =>
    Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return Array.from({ length: GROUPS }, group).join('-')
}

/** The argon2id hash of a password as a PHC string, salt included. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, ARGON2ID)
}

/** Whether the password belongs to the hash. A text that is no hash belongs to no password. */
export async function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  try {
    return await verify(passwordHash, password)
  } catch {
    // The library throws on a malformed hash; which one it is has been checked when the file was read.
    return false
  }
}
