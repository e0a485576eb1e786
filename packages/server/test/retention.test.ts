import { waitFor } from '@pixsim7/testkit'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { appendLines, projectFolder, startReadyLogServer, waitForRows } from './running-log-server.ts'

const DAY_MS = 86_400_000
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().replace('Z', '000Z')

test('LOG_ENV set later removes what is too old; storage counts it, and the log server says so in its own log', async () => {
  const folder = await projectFolder()
  appendLines(
    folder,
    'backend.log',
    [1, 20, 100].flatMap((days) =>
      ['INFO', 'ERROR'].map((level) => ({
        timestamp: daysAgo(days),
        level,
        message: `${level} of ${days} days`,
      })),
    ),
  )
  const env = { LOGS_FILES: 'data/logs/backend.log' }
  const forEver = await startReadyLogServer(folder, { env })
  await waitForRows(forEver, 6)
  expect((await forEver.client.storage()).retention).toEqual({
    environment: null,
    days: null,
    error_days: null,
  })
  await forEver.program.stop()

  const development = await startReadyLogServer(folder, { env: { ...env, LOG_ENV: 'development' } })
  const { logs } = await development.client.logs({ order: 'asc' })
  expect(logs.map(({ message }) => message)).toEqual([
    'ERROR of 20 days',
    'INFO of 1 days',
    'ERROR of 1 days',
  ])
  const storage = await development.client.storage()
  expect(storage.retention).toEqual({ environment: 'development', days: 7, error_days: 90 })
  expect(storage.store).toMatchObject({ rows: 3, expired_rows: 3 })
  expect((await development.client.health()).rows).toBe(3)
  expect((await development.client.logs()).notice).toBeNull()
  const ownLog = path.join(folder, 'data/logs/logserver.log')
  await waitFor(() => readFileSync(ownLog, 'utf8').includes('event=store_rows_expired'))
  const line = readFileSync(ownLog, 'utf8')
    .split('\n')
    .find((one) => one.includes('store_rows_expired'))
  expect(line).toContain('Records older than the retention were removed from the store')
  expect(line).toContain('rows=3 error_rows=1')
})
