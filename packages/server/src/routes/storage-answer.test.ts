import type { StorageUse } from '@pixsim7/store'
import { describe, expect, test } from 'vitest'
import { storageAnswer } from './storage-answer.ts'

const NOON_MS = Date.parse('2025-11-11T12:00:00Z')
const NO_RETENTION = { environment: null, days: null, errorDays: null }
type Day = StorageUse['days'][number]

function use(...days: Day[]): StorageUse {
  return { storeBytes: 1, rows: 2, lineBytes: 3, diskFreeBytes: null, expiredRows: 4, days }
}
function day(name: string, component: string, lineBytes: number, errorLineBytes = 0): Day {
  return { day: name, component, rows: 1, lineBytes, errorRows: 0, errorLineBytes }
}
const perDay = (...days: Day[]) =>
  Object.fromEntries(
    storageAnswer(use(...days), [], NO_RETENTION, NOON_MS)
      .projection.filter(({ environment }) => environment === 'production')
      .map(({ component, bytes_per_day }) => [component, bytes_per_day]),
  )

describe('bytes per day', () => {
  test('are the mean of the last seven full days: not of today, nor of what lies before', () => {
    expect(
      perDay(
        day('2025-11-11', 'backend', 1e9),
        day('2025-11-10', 'backend', 700, 70),
        day('2025-11-04', 'backend', 700),
        day('2025-11-03', 'backend', 1e9),
      ),
    ).toEqual({ backend: 200, worker: 0, errors: 10 })
  })

  test('count days without a record, from the first one on that has any', () => {
    expect(perDay(day('2025-11-10', 'backend', 300), day('2025-11-08', 'worker', 600))).toEqual({
      backend: 100,
      worker: 200,
      errors: 0,
    })
  })

  test('are what today has brought so far, before a day is full', () => {
    expect(perDay(day('2025-11-11', 'backend', 300, 30))).toEqual({ backend: 300, worker: 0, errors: 30 })
  })

  test('of the errors file are the errors of all components, not what it is itself', () => {
    expect(
      perDay(
        day('2025-11-10', 'backend', 100, 10),
        day('2025-11-10', 'worker', 100, 20),
        day('2025-11-10', 'errors', 1000, 5),
      ),
    ).toEqual({ backend: 100, worker: 100, errors: 35 })
  })

  test('of a store with nothing in it are none', () => {
    expect(perDay()).toEqual({ backend: 0, worker: 0, errors: 0 })
    expect(perDay(day('2149-01-01', 'backend', 7), day('1970-01-01', 'backend', 7))).toEqual({
      backend: 0,
      worker: 0,
      errors: 0,
    })
  })
})

/** As settings and queries read `1MB`. */
const MEGABYTE = 1024 ** 2

test('the projection is for each environment by its retention, beside the estimates of the specification', () => {
  const { projection } = storageAnswer(
    use(day('2025-11-10', 'backend', 1000, 100), day('2025-11-10', 'nginx', 10)),
    [],
    NO_RETENTION,
    NOON_MS,
  )
  const of = (component: string) =>
    projection.filter((one) => one.component === component).map((one) => [one.retention_days, one.bytes])
  expect(of('backend')).toEqual([
    [7, 7000],
    [14, 14_000],
    [30, 30_000],
  ])
  expect(of('errors')).toEqual([
    [90, 9000],
    [90, 9000],
    [90, 9000],
  ])
  const estimates = projection
    .filter(({ environment }) => environment === 'staging')
    .map((one) => [one.component, one.estimate_low_bytes_per_day, one.estimate_high_bytes_per_day])
  expect(estimates).toEqual([
    ['backend', 50 * MEGABYTE, 200 * MEGABYTE],
    ['worker', 100 * MEGABYTE, 500 * MEGABYTE],
    ['errors', 10 * MEGABYTE, 50 * MEGABYTE],
    ['nginx', null, null],
  ])
})

test('files, retention and store are told as they are', () => {
  const answer = storageAnswer(
    use(),
    [{ component: 'backend', files: 2, bytes: 16 }],
    { environment: 'production', days: 30, errorDays: 90 },
    NOON_MS,
  )
  expect(answer.components).toEqual([{ component: 'backend', files: 2, file_bytes: 16 }])
  expect(answer.retention).toEqual({ environment: 'production', days: 30, error_days: 90 })
  expect(answer.store).toEqual({
    bytes: 1,
    rows: 2,
    line_bytes: 3,
    disk_free_bytes: null,
    expired_rows: 4,
  })
})
