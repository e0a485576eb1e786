import { chmod, mkdtemp, readFile, rm, stat, writeFile, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ABSOLUTE_LIMIT_MS, IDLE_LIMIT_MS, Sessions } from './sessions.ts'

let folder = ''
let nowMs = 0
let fileErrors: Error[] = []
let opened: Sessions[] = []
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pixsim7-sessions-'))
  nowMs = Date.UTC(2025, 10, 11)
  fileErrors = []
  opened = []
})
afterEach(async () => {
  await Promise.all(opened.map((sessions) => sessions.close()))
  await rm(folder, { recursive: true })
})

async function open(passwordHash = 'hash', dataFolder = folder): Promise<Sessions> {
  const sessions = await Sessions.open({
    dataFolder,
    passwordHash,
    now: () => nowMs,
    onFileError: (error) => fileErrors.push(error),
  })
  opened.push(sessions)
  return sessions
}

test('a token opens its session, another opens none', async () => {
  const sessions = await open()
  const token = await sessions.create()
  expect(sessions.use(token)).toBeTypeOf('string')
  expect(sessions.use(`${token}x`)).toBeUndefined()
  expect(sessions.use('')).toBeUndefined()
})

test('tokens have at least 128 random bits and are all different', async () => {
  const sessions = await open()
  const tokens = await Promise.all(Array.from({ length: 50 }, () => sessions.create()))
  expect(new Set(tokens).size).toBe(50)
  for (const token of tokens) expect(Buffer.from(token, 'base64url').length).toBeGreaterThanOrEqual(16)
})

test('sessions outlive the process that opened them, killed at any moment after create has resolved', async () => {
  const token = await (await open()).create()
  // Not closed: what a killed process leaves.
  expect((await open()).use(token)).toBeTypeOf('string')
})

test('the file is its owner alone, and holds no token', async () => {
  const sessions = await open()
  const tokens = [await sessions.create(), await sessions.rememberDevice()]
  const file = path.join(folder, 'sessions.json')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const content = await readFile(file, 'utf8')
  for (const token of tokens) expect(content).not.toContain(token)
})

test('a session ends when it is not used', async () => {
  const sessions = await open()
  const token = await sessions.create()
  nowMs += IDLE_LIMIT_MS - 1
  expect(sessions.use(token)).toBeTypeOf('string')
  nowMs += IDLE_LIMIT_MS
  expect(sessions.use(token)).toBeUndefined()
})

test('a session ends at its absolute limit however often it is used', async () => {
  const sessions = await open()
  const token = await sessions.create()
  for (let passed = 0; passed < ABSOLUTE_LIMIT_MS; passed += IDLE_LIMIT_MS / 2) {
    expect(sessions.use(token)).toBeTypeOf('string')
    nowMs += IDLE_LIMIT_MS / 2
  }
  expect(sessions.use(token)).toBeUndefined()
})

test('use is kept, so that a restart does not bring the idle limit forward', async () => {
  const sessions = await open()
  const token = await sessions.create()
  nowMs += IDLE_LIMIT_MS - 1
  sessions.use(token)
  await sessions.close()
  nowMs += IDLE_LIMIT_MS - 1
  expect((await open()).use(token)).toBeTypeOf('string')
})

test('a session that was ended is gone, also after a restart, and its listeners are told once', async () => {
  const sessions = await open()
  const token = await sessions.create()
  const other = await sessions.create()
  const ended: string[] = []
  sessions.onEnd(sessions.use(token) ?? '', () => ended.push('first'))
  sessions.onEnd(sessions.use(token) ?? '', () => ended.push('stopped'))()
  sessions.onEnd(sessions.use(other) ?? '', () => ended.push('other'))
  await sessions.end(token)
  await sessions.end(token)
  expect(ended).toEqual(['first'])
  expect(sessions.use(token)).toBeUndefined()
  const later = await open()
  expect(later.use(token)).toBeUndefined()
  expect(later.use(other)).toBeTypeOf('string')
})

test('another password ends all sessions and forgets all devices', async () => {
  const sessions = await open('one')
  const token = await sessions.create()
  const device = await sessions.rememberDevice()
  const later = await open('two')
  expect(later.use(token)).toBeUndefined()
  expect(later.knownDevice(device)).toBeUndefined()
  expect((await open('one')).knownDevice(device)).toBeTypeOf('string')
})

test('with very many sessions the one longest unused makes room', async () => {
  const sessions = await open()
  const tokens: string[] = []
  for (let index = 0; index < 200; index++) {
    nowMs++
    tokens.push(await sessions.create())
  }
  nowMs++
  sessions.use(tokens[0] ?? '')
  await sessions.create()
  expect(tokens.map((token) => sessions.use(token) !== undefined)).toEqual([
    true,
    false,
    ...Array<boolean>(198).fill(true),
  ])
})

test.each([
  '',
  'no json',
  '{"version":1}',
  '{"version":1,"credential":"',
  '[]',
  '{"version":2,"sessions":7}',
])('a file that holds %j signs everybody out and stops nothing', async (content) => {
  await writeFile(path.join(folder, 'sessions.json'), content)
  const sessions = await open()
  const token = await sessions.create()
  expect((await open()).use(token)).toBeTypeOf('string')
})

test('a folder that cannot be written keeps sessions in memory and says so', async () => {
  const gone = path.join(folder, 'gone')
  await mkdir(gone)
  const sessions = await open('hash', gone)
  await rm(gone, { recursive: true })
  const token = await sessions.create()
  expect(sessions.use(token)).toBeTypeOf('string')
  expect(fileErrors).toHaveLength(1)
  await mkdir(gone)
  await chmod(gone, 0o700)
  await sessions.create()
  expect(fileErrors).toHaveLength(1)
  expect((await open('hash', gone)).use(token)).toBeTypeOf('string')
})
