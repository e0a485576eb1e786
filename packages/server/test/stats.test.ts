import { waitFor } from '@pixsim7/testkit'
import { statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { codeOf, messageOf, send } from './http-client.ts'
import {
  API_TOKEN,
  appendLines,
  projectFolder,
  startReadyLogServer,
  waitForRows,
  type RunningLogServer,
} from './running-log-server.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** As the logging library writes times. */
const at = (ms: number) => new Date(ms).toISOString().replace('Z', '000Z')

const startedMs = Date.now()
/** The beginning of a minute that is over. */
const minuteMs = Math.floor(startedMs / MINUTE_MS) * MINUTE_MS - 10 * MINUTE_MS
const ARCHIVED = 1000
let server: RunningLogServer
let folder: string

beforeAll(async () => {
  folder = await projectFolder('file')
  const request = (offsetMs: number, status_code: number, duration_ms: number) => ({
    timestamp: at(minuteMs + offsetMs),
    level: status_code >= 500 ? 'ERROR' : 'INFO',
    logger: 'http',
    message: 'Request answered',
    method: 'GET',
    path: '/api/v1/jobs',
    status_code,
    duration_ms,
  })
  appendLines(folder, 'backend.log', [
    { timestamp: at(minuteMs - DAY_MS), logger: 'http', message: 'Yesterday' },
    {
      timestamp: at(minuteMs),
      logger: 'service',
      message: 'Backend started',
      event: 'service_started',
      pid: 41,
    },
    request(1000, 200, 10),
    request(2000, 404, 20),
    request(61_000, 500, 1500),
    {
      timestamp: at(startedMs),
      logger: 'service',
      message: 'Heartbeat',
      event: 'heartbeat',
      pid: 41,
      interval_sec: 60,
      dependencies: { database: 'up', pixverse: 'down' },
    },
  ])
  appendLines(folder, 'worker.log', [
    { timestamp: at(minuteMs), logger: 'jobs', message: 'Job completed', duration_sec: 2.5 },
    {
      timestamp: at(minuteMs + 500),
      logger: 'service',
      message: 'Worker stopped',
      event: 'service_stopped',
      pid: 42,
    },
  ])
  writeFileSync(
    path.join(folder, 'data/logs/worker.log.1.gz'),
    gzipSync(`${at(minuteMs - 60 * DAY_MS)} old line\n`.repeat(ARCHIVED)),
  )
  server = await startReadyLogServer(folder, {
    lifetime: 'file',
    env: {
      LOGS_FILES: 'data/logs/backend.log,data/logs/worker.log*',
      LOG_ENV: 'staging',
      LOGS_ERROR_RETENTION: '20d',
    },
  })
  await waitForRows(server, 8 + ARCHIVED)
})

test('requests per minute, with their errors and durations', async () => {
  const { interval_seconds, points } = await server.client.requestRate({
    component: ['backend'],
    from: at(minuteMs),
    to: at(minuteMs + 3 * MINUTE_MS),
  })
  const point = { client_errors: 0, server_errors: 0, p50_ms: null, p95_ms: null }
  expect(interval_seconds).toBe(60)
  expect(points).toEqual([
    {
      ...point,
      start: at(minuteMs),
      requests: 2,
      client_errors: 1,
      records: 3,
      p50_ms: 15,
      p95_ms: 19.5,
    },
    {
      ...point,
      start: at(minuteMs + MINUTE_MS),
      requests: 1,
      server_errors: 1,
      records: 1,
      p50_ms: 1500,
      p95_ms: 1500,
    },
    { ...point, start: at(minuteMs + 2 * MINUTE_MS), requests: 0, records: 0 },
  ])
})

test('slow operations, by the time they took in all', async () => {
  const { total, operations, logs } = await server.client.slow({ over_ms: 1500 })
  expect(total).toBe(2)
  expect(operations).toEqual([
    {
      component: 'worker',
      logger: 'jobs',
      message: 'Job completed',
      count: 1,
      p50_ms: 2500,
      p95_ms: 2500,
      max_ms: 2500,
    },
    {
      component: 'backend',
      logger: 'http',
      message: 'Request answered',
      count: 1,
      p50_ms: 1500,
      p95_ms: 1500,
      max_ms: 1500,
    },
  ])
  // The entry keeps the field as it was written.
  expect(logs.map(({ fields }) => fields)).toEqual([
    { duration_sec: 2.5 },
    { method: 'GET', path: '/api/v1/jobs', status_code: 500, duration_ms: 1500 },
  ])
  expect((await server.client.slow({ limit: 1 })).logs).toHaveLength(1)
})

test('storage: the retention in force, lines, files and what they come to', async () => {
  await waitFor(async () => (await server.client.health()).files.length === 3)
  const answer = await server.client.storage()
  expect(answer.retention).toEqual({ environment: 'staging', days: 14, error_days: 20 })
  expect(answer.store).toMatchObject({ rows: 8 + ARCHIVED, expired_rows: 0 })
  const sizeOf = (file: string) => statSync(path.join(folder, 'data/logs', file)).size
  expect(answer.components).toEqual([
    { component: 'backend', files: 1, file_bytes: sizeOf('backend.log') },
    { component: 'worker', files: 2, file_bytes: sizeOf('worker.log') + sizeOf('worker.log.1.gz') },
  ])
  expect(answer.days.filter(({ component }) => component === 'backend').map(({ rows }) => rows)).toContain(1)
  expect(answer.days.reduce((sum, { line_bytes }) => sum + line_bytes, 0)).toBe(answer.store.line_bytes)
  const development = answer.projection.filter(({ environment }) => environment === 'development')
  expect(development.map(({ component, retention_days }) => [component, retention_days])).toEqual([
    ['backend', 7],
    ['worker', 7],
    ['errors', 90],
  ])
  for (const { bytes, bytes_per_day, retention_days } of answer.projection)
    expect(bytes).toBe(bytes_per_day * retention_days)
})

test('services: who runs, who said goodbye, what they depend on', async () => {
  const { services } = await server.client.services()
  expect(services.map(({ name, kind, status }) => [name, kind, status])).toEqual([
    ['backend', 'component', 'up'],
    ['logserver', 'component', 'up'],
    ['worker', 'component', 'down'],
    ['database', 'dependency', 'up'],
    ['pixverse', 'dependency', 'down'],
  ])
  const [backend, , worker] = services
  expect(backend).toMatchObject({ since: at(minuteMs), last_seen: at(startedMs), instances: 1 })
  expect(worker).toMatchObject({ since: at(minuteMs + 500), instances: 0, detail: 'Worker stopped' })
  expect(await server.client.entry(worker?.entry_id ?? '')).toMatchObject({ message: 'Worker stopped' })
})

test.each([
  ['/stats/slow?over_ms=-1', 'over_ms'],
  ['/stats/slow?over_ms=1e999', 'over_ms'],
  ['/stats/slow?over_ms=fast', 'over_ms'],
  ['/stats/slow?limit=1001', 'limit'],
  ['/stats/slow?limit=5&limit=6', 'limit'],
  ['/stats/requests-per-minute?from=-1m&to=-2m', 'from'],
  ['/stats/requests-per-minute?buckets=5', 'buckets'],
  ['/stats/storage?from=-1d', 'from'],
  ['/stats/services?component=x', 'component'],
])('%s is refused, and the answer names the parameter', async (path, parameter) => {
  const answer = await send(server.port, `/api/v1${path}`, {
    headers: { authorization: `Bearer ${API_TOKEN}` },
  })
  expect(answer.status).toBe(400)
  expect(messageOf(answer)).toContain(`"${parameter}"`)
})

test.each(['requests-per-minute', 'slow', 'storage', 'services'])(
  'nobody gets %s without signing in',
  async (route) => {
    const answer = await send(server.port, `/api/v1/stats/${route}`)
    expect([answer.status, codeOf(answer)]).toEqual([401, 'unauthorized'])
  },
)
