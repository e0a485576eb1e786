/**
 * Encryption at rest for the secrets of provider accounts: AES-256-GCM with a key derived from SECRET_KEY.
 * Layout: version (1 byte), nonce (12), tag (16), ciphertext. A new layout takes the next version number, and `open` keeps
 * reading the old one.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEADER_BYTES = 1 + NONCE_BYTES + TAG_BYTES

/** Thrown by {@link SecretBox.open}: the data was sealed with another SECRET_KEY, or altered. */
export class SecretBoxError extends Error {
  readonly code = 'SECRETS_UNREADABLE'

  constructor() {
    super(
      'Stored secrets cannot be decrypted: they were stored under another SECRET_KEY, or were altered. Store them again.',
    )
    this.name = 'SecretBoxError'
  }
}

/** A 32-byte key for one purpose, so that no two uses of SECRET_KEY share a key. */
export function deriveKey(secretKey: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secretKey, '', `pixsim7 ${purpose}`, 32))
}

export class SecretBox {
  readonly #key: Buffer

  constructor(secretKey: string) {
    this.#key = deriveKey(secretKey, 'account secrets v1')
  }

  /** Encrypts a JSON value; twice the same value gives different bytes. */
  seal(value: unknown): Buffer {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce)
    const ciphertext = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()])
    return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), ciphertext])
  }

  /** @throws SecretBoxError */
  open(sealed: Buffer): unknown {
    if (sealed.length < HEADER_BYTES || sealed[0] !== VERSION) throw new SecretBoxError()
    const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(1, 1 + NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEADER_BYTES))
    try {
      const plain = Buffer.concat([decipher.update(sealed.subarray(HEADER_BYTES)), decipher.final()])
      return JSON.parse(plain.toString('utf8'))
    } catch {
      throw new SecretBoxError() // The cause names neither key nor reason, only "unable to authenticate data".
    }
  }
}
