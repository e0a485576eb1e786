import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openCredentials, resetCredentials } from './credentials.ts'
import { generatePassword, verifyPassword } from './password.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pixsim7-credentials-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('the first start generates a password, keeps only its argon2id hash, and later starts keep to it', async () => {
  const first = await openCredentials(folder, undefined)
  expect(first.origin).toBe('generated')
  const password = first.generatedPassword ?? ''
  expect(await verifyPassword(first.passwordHash, password)).toBe(true)
  const content = await readFile(path.join(folder, 'auth.json'), 'utf8')
  expect(content).toContain('$argon2id$')
  expect(content).not.toContain(password)
  expect((await stat(path.join(folder, 'auth.json'))).mode & 0o777).toBe(0o600)
  expect(await openCredentials(folder, undefined)).toEqual({
    passwordHash: first.passwordHash,
    origin: 'kept',
    generatedPassword: null,
  })
  expect(await readdir(folder)).toEqual(['auth.json'])
})

test('LOGS_ADMIN_PASSWORD replaces what holds, and the same one again changes nothing', async () => {
  await openCredentials(folder, undefined)
  const set = await openCredentials(folder, 'chosen by hand')
  expect(set).toMatchObject({ origin: 'setting', generatedPassword: null })
  expect(await verifyPassword(set.passwordHash, 'chosen by hand')).toBe(true)
  expect((await openCredentials(folder, 'chosen by hand')).passwordHash).toBe(set.passwordHash)
  expect((await openCredentials(folder, undefined)).passwordHash).toBe(set.passwordHash)
  expect((await openCredentials(folder, 'another')).passwordHash).not.toBe(set.passwordHash)
})

test('a reset makes a new password and the old one is wrong', async () => {
  const first = await openCredentials(folder, undefined)
  const second = await resetCredentials(folder)
  expect(await verifyPassword(second.passwordHash, first.generatedPassword ?? '')).toBe(false)
  expect(await verifyPassword(second.passwordHash, second.generatedPassword ?? '')).toBe(true)
})

test.each([
  '',
  '{',
  '{"version":2,"user":"admin","password_hash":"$argon2id$x"}',
  '{"version":1,"user":"admin","password_hash":"plain"}',
])('an auth.json that holds %j stops the start and is not overwritten', async (content) => {
  const file = path.join(folder, 'auth.json')
  await writeFile(file, content)
  await expect(openCredentials(folder, 'x')).rejects.toMatchObject({
    code: 'SERVER_AUTH_FILE_UNUSABLE',
    message: expect.stringContaining(file),
  })
  expect(await readFile(file, 'utf8')).toBe(content)
})

test('generated passwords are long, typeable and all different', () => {
  const passwords = Array.from({ length: 200 }, generatePassword)
  expect(new Set(passwords).size).toBe(200)
  for (const password of passwords) expect(password).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){4}$/)
})
