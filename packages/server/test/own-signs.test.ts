/** The log server tells of itself as any component does, so that the log alone says whether it ran. */
import { findSettings, readSettings } from '@pixsim7/logging'
import type { Level } from '@pixsim7/record'
import { tempDir } from '@pixsim7/testkit'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { LogServer } from '../src/log-server.ts'
import { SERVER_SETTINGS } from '../src/settings.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('its start, a heartbeat a minute, its stopping and its end are records with its process id', async () => {
  const folder = await tempDir()
  writeFileSync(path.join(folder, '.env'), '')
  const env = { LOGS_PORT: '0', LOGS_ADMIN_PASSWORD: 'not-a-secret', LOGS_MEMORY: '256MB' }
  const settings = readSettings(SERVER_SETTINGS, findSettings({ env, cwd: folder }))
  const lines: { level: Level; event: unknown; fields: Readonly<Record<string, unknown>> }[] = []
  const server = new LogServer({
    settings,
    writeLine: (level, _message, fields) => lines.push({ level, event: fields['event'], fields }),
    panelFolder: undefined,
    version: '1.2.3',
  })
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  await server.start()
  await server.storeOpened
  vi.advanceTimersByTime(60_000)
  await server.close()
  vi.advanceTimersByTime(600_000)
  const own = lines.filter(({ event }) => !String(event).startsWith('store_'))
  expect(own.map(({ level, event }) => `${level} ${String(event)}`)).toEqual([
    'INFO service_started',
    'INFO heartbeat',
    'INFO service_stopping',
    'INFO service_stopped',
  ])
  for (const { fields } of own) expect(fields['pid']).toBe(process.pid)
  expect(own[0]?.fields).toMatchObject({ version: '1.2.3' })
  expect(own[1]?.fields).toMatchObject({ interval_sec: 60, uptime_sec: expect.any(Number) as number })
})
