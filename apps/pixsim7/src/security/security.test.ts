import { tempDir } from '@pixsim7/testkit'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { jwtExpiry, openSecrets, sealSecrets } from '../accounts/account-secrets.ts'
import { Passwords, PasswordsBusyError } from './passwords.ts'
import { RateLimiter } from './rate-limiter.ts'
import { SecretBox, SecretBoxError } from './secret-box.ts'
import { isUsableSecretKey, loadOrGenerateSecretKey, SecretKeyError } from './secret-key.ts'
import { Tokens } from './tokens.ts'

const KEY = 'a-key-for-tests-that-is-long-enough-1234'

describe('the secret box', () => {
  it('opens what it sealed, each time into other bytes', () => {
    const box = new SecretBox(KEY)
    const value = { api_key: 'näive-☃', nested: [1, null] }
    const [first, second] = [box.seal(value), box.seal(value)]
    expect(first.equals(second)).toBe(false)
    expect(first.toString('latin1')).not.toContain('api_key')
    expect(box.open(first)).toEqual(value)
    expect(new SecretBox(KEY).open(second)).toEqual(value)
  })

  it('refuses another key, and any changed byte', () => {
    const box = new SecretBox(KEY)
    const sealed = box.seal({ a: 1 })
    expect(() => new SecretBox(`${KEY}!`).open(sealed)).toThrow(SecretBoxError)
    for (let index = 0; index < sealed.length; index++) {
      const changed = Buffer.from(sealed)
      changed[index] = (changed[index] ?? 0) ^ 1
      expect(() => box.open(changed), `byte ${index}`).toThrow(SecretBoxError)
    }
    for (const length of [0, 1, 28, sealed.length - 1])
      expect(() => box.open(sealed.subarray(0, length))).toThrow(SecretBoxError)
  })
})

describe('account secrets', () => {
  it('are listed by name, with the expiry their token claims', () => {
    const box = new SecretBox(KEY)
    const token = `x.${Buffer.from('{"exp":2000000000}').toString('base64url')}.y`
    const columns = sealSecrets(box, { jwt_token: token, password: 'p' })
    expect(columns).toMatchObject({
      secret_names: ['password', 'jwt_token'],
      jwt_expires_at: new Date(2_000_000_000_000),
    })
    expect(openSecrets(box, columns)).toEqual({ jwt_token: token, password: 'p' })
    expect(sealSecrets(box, {})).toEqual({ secrets: null, secret_names: [], jwt_expires_at: null })
  })

  it.each([
    '',
    'opaque',
    'a.b.c',
    `x.${Buffer.from('null').toString('base64url')}.y`,
    `x.${Buffer.from('{"exp":1e300}').toString('base64url')}.y`,
  ])('a token without a usable expiry has none: %s', (token) => {
    expect(jwtExpiry(token)).toBeNull()
  })
})

describe('the secret key', () => {
  it('is generated once, for this user only, and found again', async () => {
    const file = path.join(await tempDir(), 'data', 'secret.key')
    const first = loadOrGenerateSecretKey(file)
    expect(first.isNew).toBe(true)
    expect(isUsableSecretKey(first.key)).toBe(true)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(loadOrGenerateSecretKey(file)).toEqual({ key: first.key, isNew: false })
    expect(readFileSync(file, 'utf8')).toBe(`${first.key}\n`)
  })

  it('is refused in a file that holds none', async () => {
    const file = path.join(await tempDir(), 'secret.key')
    writeFileSync(file, '')
    chmodSync(file, 0o600)
    expect(() => loadOrGenerateSecretKey(file)).toThrow(SecretKeyError)
  })

  it.each([
    'short',
    'change-me-change-me-change-me-change-me',
    'your-secret-key-here-0123456789abcdef',
    'this-is-a-placeholder-0123456789abcd',
    'x'.repeat(64),
  ])('is refused when it is %s', (key) => {
    expect(isUsableSecretKey(key)).toBe(false)
  })
})

describe('tokens', () => {
  const claims = {
    userId: 7,
    role: 'user',
    tokenId: 'token-1',
    expiresAt: new Date(2_000_000_000_000),
  } as const

  it('come back as they were signed', async () => {
    const tokens = new Tokens(KEY, () => 1_900_000_000_000)
    expect(await tokens.verify(await tokens.sign(claims))).toEqual(claims)
  })

  it('expire, forgiving a few seconds between clocks', async () => {
    let now = 1_900_000_000_000
    const tokens = new Tokens(KEY, () => now)
    const token = await tokens.sign(claims)
    now = 2_000_000_004_000
    await expect(tokens.verify(token)).resolves.toBeDefined()
    now = 2_000_000_006_000
    await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'token_expired' })
  })
})

describe('the rate limiter', () => {
  it('allows so many in a window, then tells how long it lasts, for each key apart', () => {
    let now = 0
    const limiter = new RateLimiter({ name: 'test', limit: 2, windowMs: 60_000 }, () => now)
    expect([limiter.consume('a'), limiter.consume('a')]).toEqual([undefined, undefined])
    now = 500
    expect(limiter.consume('a')).toBe(60)
    expect(limiter.consume('b')).toBeUndefined()
    now = 59_999
    expect(limiter.consume('a')).toBe(1)
    now = 60_000
    expect(limiter.consume('a')).toBeUndefined()
  })

  it('forgets windows that ended and never keeps more keys than its bound', () => {
    let now = 0
    const limiter = new RateLimiter({ name: 'test', limit: 1, windowMs: 60_000 }, () => now)
    for (let n = 0; n < 30_000; n++) limiter.consume(`key ${n}`)
    expect(limiter.size).toBeLessThanOrEqual(20_000)
    now = 60_000
    limiter.consume('another')
    expect(limiter.size).toBe(1)
  })
})

describe('passwords', () => {
  it('are argon2id, salted, and compared in full', async () => {
    const passwords = new Passwords()
    const [first, second] = await Promise.all([passwords.hash('secret-1'), passwords.hash('secret-1')])
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(first).not.toBe(second)
    expect(await passwords.verify(first, 'secret-1')).toBe(true)
    expect(await passwords.verify(first, 'secret-2')).toBe(false)
    expect(await passwords.verify(undefined, 'secret-1')).toBe(false)
  })

  it('wait for each other, refuse when too many wait, and serve all the others', async () => {
    const passwords = new Passwords()
    const outcomes = await Promise.allSettled(Array.from({ length: 80 }, () => passwords.hash('x')))
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused).toHaveLength(14)
    for (const { reason } of refused) expect(reason).toBeInstanceOf(PasswordsBusyError)
    expect(await passwords.hash('x')).toContain('argon2id')
  })
})
