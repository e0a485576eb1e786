import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readLauncherSettings } from './launcher-settings.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'launcher settings '))
  mkdirSync(path.join(root, 'apps', 'x'), { recursive: true })
  writeFileSync(path.join(root, 'package.json'), '{"workspaces":["apps/*"]}')
  writeFileSync(path.join(root, 'apps', 'x', 'package.json'), '{}')
})

afterEach(() => {
  rmSync(root, { recursive: true })
})

const writeEnv = (text: string, ...folders: string[]) =>
  writeFileSync(path.join(root, ...folders, '.env'), text)

describe('the launcher’s settings', () => {
  it('have the documented defaults, below the workspace root', () => {
    const { settings, problems } = readLauncherSettings({}, path.join(root, 'apps', 'x'))
    expect(problems).toEqual([])
    expect(settings).toMatchObject({
      baseFolder: root,
      dataFolder: path.join(root, 'data'),
      backend: { host: '0.0.0.0', port: 8001 },
      logServer: { host: '127.0.0.1', port: 5173 },
      provider: { port: 8090 },
      postgres: { port: 54_329, folder: path.join(root, 'data/postgres') },
      logFiles: {
        backend: path.join(root, 'data/logs/backend.log'),
        worker: path.join(root, 'data/logs/worker.log'),
        errors: path.join(root, 'data/logs/errors.log'),
      },
      defaults: {
        JSON_LOGS: 'true',
        LOG_ENV: 'development',
        LOG_CONSOLE: 'plain',
        PIXVERSE_BASE_URL: 'http://127.0.0.1:8090/openapi/v2',
      },
    })
  })

  it('come from the environment, then from the nearest .env, whose folder is the base', () => {
    writeEnv('PORT=1111\nLOG_FILE=logs/b.log\nLOGS_PORT=2222\nJSON_LOGS=false', 'apps', 'x')
    const { settings } = readLauncherSettings({ PORT: '3333', LOGS_PORT: '' }, path.join(root, 'apps', 'x'))
    const folder = path.join(root, 'apps', 'x')
    expect(settings.baseFolder).toBe(folder)
    expect(settings.backend.port).toBe(3333)
    expect(settings.logServer.port).toBe(2222)
    expect(settings.logFiles.backend).toBe(path.join(folder, 'logs/b.log'))
    expect(settings.defaults).not.toHaveProperty('JSON_LOGS')
  })

  it('leave out PostgreSQL when DATABASE_URL is set, and the simulator when PIXVERSE_BASE_URL is', () => {
    writeEnv('DATABASE_URL=postgres://u:p@db/x\nPIXVERSE_BASE_URL=https://provider.example/v2')
    const { settings, problems } = readLauncherSettings({}, root)
    expect(problems).toEqual([])
    expect(settings.postgres).toBeUndefined()
    expect(settings.provider).toBeUndefined()
    expect(settings.defaults).not.toHaveProperty('PIXVERSE_BASE_URL')
  })

  it('report all mistakes together, and no secret value', () => {
    writeEnv('PORT=80000\nwhat is this\nPROVIDER_PORT=5173\nDATABASE_URL=mysql://me:hunter22@h/x')
    const { problems } = readLauncherSettings({ LOGS_PORT: 'eight' }, root)
    expect(problems).toHaveLength(5)
    expect(problems[0]).toContain('.env, line 2')
    const text = problems.join('\n')
    expect(text).toContain('PORT=80000: expected a port number')
    expect(text).toContain('LOGS_PORT=eight')
    expect(text).toContain(
      'Port 5173 is set for both log server (LOGS_PORT) and provider simulator (PROVIDER_PORT)',
    )
    expect(text).toContain('DATABASE_URL: expected postgres://')
    expect(text).not.toContain('hunter22')
  })

  it('report a .env that is no file', () => {
    mkdirSync(path.join(root, '.env'))
    expect(readLauncherSettings({}, root).problems).toEqual([
      expect.stringMatching(/\.env cannot be read: .*EISDIR/),
    ])
  })

  it('do not read a huge file that somebody named .env', () => {
    writeEnv('A=1\n'.repeat(300_000))
    expect(readLauncherSettings({}, root).problems).toEqual([
      expect.stringContaining('is 1200000 bytes long'),
    ])
  })
})
