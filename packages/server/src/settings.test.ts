import { findSettings, LoggingError, readSettings } from '@pixsim7/logging'
import { tempDir } from '@pixsim7/testkit'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { assertSafeSecrets, SERVER_SETTINGS, type ServerSettings } from './settings.ts'

/** The settings of a project folder with an empty `.env` and this environment. */
async function read(env: Record<string, string> = {}): Promise<{ folder: string; settings: ServerSettings }> {
  const folder = await tempDir()
  writeFileSync(path.join(folder, '.env'), '')
  return { folder, settings: readSettings(SERVER_SETTINGS, findSettings({ env, cwd: folder })) }
}

test('without any setting the log server listens at this machine alone and follows data/logs', async () => {
  const { folder, settings } = await read()
  expect(settings).toEqual({
    host: '127.0.0.1',
    port: 5173,
    dataDir: path.join(folder, 'data/store'),
    files: [path.join(folder, 'data/logs/*.log*')],
    components: undefined,
    adminPassword: undefined,
    apiToken: undefined,
    engine: 'auto',
    memoryBytes: undefined,
    allowedHosts: undefined,
    trustedProxies: undefined,
  })
})

test('lists are taken apart, relative patterns belong to the folder of .env', async () => {
  const { folder, settings } = await read({
    LOGS_FILES: 'logs/*.log , /var/log/nginx/*.log,',
    LOGS_COMPONENTS: 'logs/a.log=api, /var/log/nginx/*.log=nginx',
    LOGS_ALLOWED_HOSTS: 'Logs.Example.org,[::2]',
    LOGS_TRUSTED_PROXIES: '10.0.0.0/8, ::1, 127.0.0.1',
    LOGS_MEMORY: '512MB',
  })
  expect(settings.files).toEqual([path.join(folder, 'logs/*.log'), '/var/log/nginx/*.log'])
  expect(settings.components).toEqual({
    [path.join(folder, 'logs/a.log')]: 'api',
    '/var/log/nginx/*.log': 'nginx',
  })
  expect(settings.allowedHosts).toEqual(['logs.example.org', '[::2]'])
  expect(settings.trustedProxies).toEqual(['10.0.0.0/8', '::1', '127.0.0.1'])
  expect(settings.memoryBytes).toBe(512 * 1024 ** 2)
})

test.each([
  ['LOGS_HOST', 'http://localhost'],
  ['LOGS_HOST', 'a b'],
  ['LOGS_PORT', '65536'],
  ['LOGS_PORT', 'http'],
  ['LOGS_FILES', ','],
  ['LOGS_COMPONENTS', 'a.log'],
  ['LOGS_COMPONENTS', 'a.log=two words'],
  ['LOGS_ENGINE', 'sqlite'],
  ['LOGS_MEMORY', '64MB'],
  ['LOGS_MEMORY', '512'],
  ['LOG_ENV', 'prod'],
  ['LOGS_RETENTION', '7'],
  ['LOGS_RETENTION', '12h'],
  ['LOGS_ERROR_RETENTION', '200000d'],
  ['LOGS_ALLOWED_HOSTS', 'example.org:80'],
  ['LOGS_ALLOWED_HOSTS', '*'],
  ['LOGS_TRUSTED_PROXIES', 'proxy'],
  ['LOGS_TRUSTED_PROXIES', '10.0.0.0/33'],
  ['LOGS_TRUSTED_PROXIES', '::1/129'],
  ['LOGS_TRUSTED_PROXIES', '10.0.0.0/8/8'],
])('%s=%s is refused by name', async (name, value) => {
  const error: unknown = await read({ [name]: value }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(LoggingError)
  expect((error as LoggingError).problems.map((problem) => problem.name)).toEqual([name])
})

test.each([
  ['127.0.0.1', 'x', 'y', true],
  ['localhost', 'x', 'y', true],
  ['0.0.0.0', 'longer than eight', 'longer than sixteen', true],
  ['0.0.0.0', 'short', 'longer than sixteen', false],
  ['::', 'longer than eight', 'short', false],
])('at %s the password %j with the token %j may do: %s', async (host, password, token, isSafe) => {
  const { settings } = await read({ LOGS_HOST: host, LOGS_ADMIN_PASSWORD: password, LOGS_API_TOKEN: token })
  if (isSafe) expect(() => assertSafeSecrets(settings)).not.toThrow()
  else {
    expect(() => assertSafeSecrets(settings)).toThrow(expect.objectContaining({ code: 'SERVER_WEAK_SECRET' }))
    expect(() => assertSafeSecrets(settings)).not.toThrow(/short|longer than/)
  }
})
