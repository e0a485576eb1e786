import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { formatTimestamp } from '@pixsim7/record'
import type { LogStore, ServiceState } from '@pixsim7/store'
import { tempDir } from '@pixsim7/testkit'
import { beforeAll, expect, it } from 'vitest'
import { BASE_US, jsonLine } from './support/lines.ts'
import { openTestStore, waitUntilStored } from './support/test-store.ts'

const SECOND_US = 1_000_000
const HOUR_US = 3600 * SECOND_US
const NOW_US = BASE_US
const ago = (seconds: number) => NOW_US - seconds * SECOND_US

const record = (event: unknown, seconds: number, fields: Readonly<Record<string, unknown>> = {}) =>
  jsonLine({
    timeUs: ago(seconds),
    message: `${String(event)} message`,
    fields: { event, pid: 7, ...fields },
  })
const heartbeat = (seconds: number, fields: Readonly<Record<string, unknown>> = {}) =>
  record('heartbeat', seconds, { interval_sec: 60, ...fields })

const FILES: Readonly<Record<string, string>> = {
  backend:
    record('service_started', 7200) +
    record('dependency_down', 500, { dependency: 'database' }) +
    record('dependency_up', 300, { dependency: 'database' }) +
    heartbeat(30, { dependencies: { database: 'up', pixverse: 'up' } }),
  worker:
    record('service_started', 3600) +
    heartbeat(90, { dependencies: { database: 'up', pixverse: 'up' } }) +
    record('dependency_down', 60, { dependency: 'pixverse', pid: undefined }) +
    heartbeat(40, { dependencies: { database: 'up', pixverse: 'down' } }),
  // Ended in good order a week ago, and not looked for among heartbeats.
  importer: record('service_started', 8 * 86_400) + record('service_stopped', 7 * 86_400),
  crashed: record('service_started', 5000) + heartbeat(200),
  nginx: jsonLine({ timeUs: ago(5), message: 'GET / 200', fields: {} }),
  // Tomorrow's heartbeat would keep it alive until then.
  forged: heartbeat(400) + heartbeat(-86_400),
  hostile:
    heartbeat(50, { pid: { $gt: 1 }, interval_sec: '60', dependencies: { x: { y: 1 }, "'); DROP": 'up' } }) +
    heartbeat(49, { pid: 'p'.repeat(5000), dependencies: ['up'], interval_sec: -1 }) +
    heartbeat(48, { dependencies: Object.fromEntries(numbered(2000, (index) => [`d${index}`, 'up'])) }) +
    heartbeat(47, {
      pid: 8,
      dependencies: Object.fromEntries(numbered(60, (index) => [`e${index}`, 'down'])),
    }) +
    record('dependency_down', 46, { dependency: { name: 'nobody' } }) +
    record(['service_stopped'], 45) +
    record('service_stopped '.repeat(20), 44) +
    record('SERVICE_STOPPED', 43),
  // More processes than anybody has.
  crowd: numbered(5000, (index) => heartbeat(20 + index / 1000, { pid: index })).join(''),
}

function numbered<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

let store: LogStore
let services: readonly ServiceState[]

beforeAll(async () => {
  const dir = await tempDir('file')
  await mkdir(path.join(dir, 'logs'))
  const files = await Promise.all(
    Object.entries(FILES).map(async ([component, text]) => {
      const file = path.join(dir, 'logs', `${component}.log`)
      await writeFile(file, text)
      return file
    }),
  )
  ;({ store } = await openTestStore(dir, {}, 'file'))
  await waitUntilStored(store, files)
  services = await store.services(NOW_US)
})

const component = (name: string) => services.find((one) => one.name === name && one.kind === 'component')
const dependency = (name: string) => services.find((one) => one.name === name && one.kind === 'dependency')
const time = (seconds: number) => formatTimestamp(ago(seconds))

it('tells each component by its own records', async () => {
  expect(
    services.flatMap(({ name, kind, status }) => (kind === 'component' ? [`${name} ${status}`] : [])),
  ).toEqual([
    'backend up',
    'crashed silent',
    'crowd up',
    'forged silent',
    'hostile up',
    'importer down',
    'nginx unknown',
    'worker up',
  ])
  expect(component('backend')).toMatchObject({ since: time(7200), lastSeen: time(30), instances: 1 })
  expect(component('crashed')).toMatchObject({ since: time(200), instances: 0 })
  expect(component('importer')).toMatchObject({ since: time(7 * 86_400), detail: 'service_stopped message' })
  expect(component('nginx')).toMatchObject({ since: null, lastSeen: time(5), entryId: null })
  const entry = await store.entry(component('importer')?.entryId ?? '')
  expect(entry).toMatchObject({ component: 'importer', fields: { event: 'service_stopped' } })
})

it('tells what they depend on by who runs', () => {
  expect(dependency('database')).toMatchObject({
    status: 'up',
    since: time(300),
    toldBy: ['backend', 'worker'],
  })
  expect(dependency('pixverse')).toMatchObject({ status: 'down', since: time(60), toldBy: ['worker'] })
})

it('bounds what hostile records can make of it', () => {
  expect(component('crowd')?.instances).toBe(200)
  expect(services.length).toBeLessThanOrEqual(500)
  const names = services.filter(({ kind }) => kind === 'dependency').map(({ name }) => name)
  expect(names).toContain("'); DROP")
  expect(names).not.toContain('x')
  // The list of 2,000 is longer than is read, of the 60 only 50 are taken.
  expect(names.filter((name) => /^d\d/.test(name))).toEqual([])
  expect(names.filter((name) => /^e\d/.test(name))).toHaveLength(50)
  for (const { name, detail } of services) {
    expect(name.length).toBeLessThanOrEqual(64)
    expect(detail?.length ?? 0).toBeLessThanOrEqual(300)
  }
})

it('judges by the time it is asked for', async () => {
  const later = await store.services(NOW_US + HOUR_US)
  expect(later.filter(({ status }) => status === 'up')).toEqual([])
  const muchLater = await store.services(NOW_US + 31 * 24 * HOUR_US)
  expect(muchLater).toEqual([])
  await expect(store.services(Number.NaN)).rejects.toMatchObject({ code: 'STORE_BAD_QUESTION' })
})
