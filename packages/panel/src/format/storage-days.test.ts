import type { StorageAnswer } from '@pixsim7/protocol'
import { describe, expect, it } from 'vitest'
import { componentsOf, projectionRows, storageDays, totalOf } from './storage-days.ts'

const day = (name: string, component: string, rows: number, bytes: number) => ({
  day: name,
  component,
  rows,
  line_bytes: bytes,
  error_rows: 0,
  error_line_bytes: 0,
})
const project = (component: string, environment: 'development' | 'production', days: number) => ({
  component,
  environment,
  bytes_per_day: 1000,
  retention_days: days,
  bytes: 1000 * days,
  estimate_low_bytes_per_day: component === 'backend' ? 50 : null,
  estimate_high_bytes_per_day: component === 'backend' ? 200 : null,
})
const answer: StorageAnswer = {
  retention: { environment: 'development', days: 7, error_days: 90 },
  store: { bytes: 10, rows: 31, line_bytes: 100, disk_free_bytes: null, expired_rows: 0 },
  components: [],
  days: [
    day('2026-11-26', 'worker', 20, 300),
    day('2026-11-26', 'backend', 10, 900),
    day('2026-11-24', 'worker', 1, 50),
    day('nonsense', 'worker', 1, 50),
  ],
  projection: [
    project('backend', 'development', 7),
    project('backend', 'production', 90),
    project('other', 'development', 7),
  ],
}

describe('the days of the store', () => {
  const days = storageDays(answer)

  it('are ascending and without gaps', () => {
    expect(days).toHaveLength(14)
    expect(days.slice(-3).map((each) => [each.day, totalOf(each, 'lines'), totalOf(each, 'bytes')])).toEqual([
      ['2026-11-24', 1, 50],
      ['2026-11-25', 0, 0],
      ['2026-11-26', 30, 1200],
    ])
    expect(storageDays({ ...answer, days: [] })).toEqual([])
  })

  it('do not fill the page because one line is from 1970', () => {
    const odd = storageDays({ ...answer, days: [...answer.days, day('1970-01-01', 'worker', 1, 1)] })
    expect(odd).toHaveLength(400)
    expect(odd.at(-1)?.day).toBe('2026-11-26')
  })

  it('name their components, the largest by the measure first', () => {
    expect(componentsOf(days, 'bytes')).toEqual(['backend', 'worker'])
    expect(componentsOf(days, 'lines')).toEqual(['worker', 'backend'])
  })
})

it('puts the environments of a projection side by side', () => {
  const rows = projectionRows(answer)
  expect(rows.map((row) => [row.component, row.estimate, row.environments.get('production')?.bytes])).toEqual(
    [
      ['backend', { low: 50, high: 200 }, 90_000],
      ['other', null, undefined],
    ],
  )
})
