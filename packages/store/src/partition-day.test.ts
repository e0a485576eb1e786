import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { oldestKeptDay, PartitionDays, type RetentionDays } from './partition-day.ts'

const NOW_MS = Date.parse('2025-11-11T12:00:00Z')
const DAY_MS = 86_400_000
const dayOf = (timestamp: string, days: number | null, level: 'INFO' | 'ERROR' = 'INFO') =>
  new PartitionDays({ days, errorDays: 90 }, () => NOW_MS).of(timestamp, level)

describe('the partition of a row', () => {
  it.each([
    ['of today', '2025-11-11T22:30:45.123456Z', null, '2025-11-11'],
    ['of tomorrow, by a clock ahead', '2025-11-13T00:00:00.000000Z', null, '2025-11-13'],
    ['of next year: the day it is read', '2026-11-11T00:00:00.000000Z', null, '2025-11-11'],
    ['of the last day that is kept', '2025-11-04T00:00:00.000000Z', 7, '2025-11-04'],
    ['older than what is kept: the day it is read', '2025-11-03T23:59:59.999999Z', 7, '2025-11-11'],
    ['of years ago, kept for a week from now on', '2015-05-17T10:05:03.000000Z', 7, '2025-11-11'],
    ['of 400 days ago, kept for ever', '2024-10-07T23:00:00.000000Z', null, '2024-10-07'],
    ['of long ago, kept for ever', '2024-02-17T00:00:00.000000Z', null, '2024-02-29'],
    ['of a December, kept for ever', '2023-12-01T00:00:00.000000Z', null, '2023-12-31'],
    ['of before what the column holds', '1923-05-17T00:00:00.000000Z', null, '1970-01-31'],
  ])('%s', (_, timestamp, days, day) => {
    expect(dayOf(timestamp, days)).toBe(day)
  })

  it('follows the retention of its class', () => {
    expect(dayOf('2025-10-01T00:00:00.000000Z', 7)).toBe('2025-11-11')
    expect(dayOf('2025-10-01T00:00:00.000000Z', 7, 'ERROR')).toBe('2025-10-01')
    expect(dayOf('2025-08-12T00:00:00.000000Z', 7, 'ERROR')).toBe('2025-11-11')
  })

  it('follows the clock over midnight', () => {
    let nowMs = NOW_MS
    const days = new PartitionDays({ days: 7, errorDays: 7 }, () => nowMs)
    expect(days.of('2025-11-04T12:00:00.000000Z', 'INFO')).toBe('2025-11-04')
    nowMs += DAY_MS
    expect(days.of('2025-11-04T12:00:00.000000Z', 'INFO')).toBe('2025-11-12')
  })

  it('is kept when it is read, whatever the time, and of a bounded number', () => {
    const retention = fc.option(fc.integer({ min: 1, max: 5000 }))
    fc.assert(
      fc.property(retention, fc.integer({ min: -2.2e12, max: 9e12 }), (days, timeMs) => {
        const policy: RetentionDays = { days, errorDays: null }
        const day = new PartitionDays(policy, () => NOW_MS).of(new Date(timeMs).toISOString(), 'INFO')
        if (days !== null) expect(day >= oldestKeptDay(days, NOW_MS)).toBe(true)
        // Never dropped before its own time.
        if (timeMs <= NOW_MS + 2 * DAY_MS && timeMs > 0)
          expect(day >= new Date(timeMs).toISOString().slice(0, 10)).toBe(true)
        expect(day >= '1970-01-31' && day <= '2025-11-13').toBe(true)
      }),
    )
  })
})
