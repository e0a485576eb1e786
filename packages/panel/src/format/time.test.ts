import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatAgo,
  formatClock,
  formatEntryTime,
  formatInstant,
  fromInputValue,
  timeStyleOf,
  toInputValue,
} from './time.ts'

const STAMP = '2025-11-11T22:30:45.123456Z'

describe('the time of an entry', () => {
  it.each([
    ['time', { date: '', time: '22:30:45.123' }],
    ['day', { date: '11-11', time: '22:30:45.123' }],
    ['full', { date: '2025-11-11', time: '22:30:45.123' }],
  ] as const)('in the style %s has milliseconds and as much date as asked for', (style, parts) => {
    expect(formatEntryTime(STAMP, style, 'utc')).toEqual(parts)
  })

  it('in local time agrees with the clock of the machine', () => {
    const local = new Date(STAMP)
    expect(formatEntryTime(STAMP, 'full', 'local').time.slice(0, 2)).toBe(
      String(local.getHours()).padStart(2, '0'),
    )
  })

  it('is the text itself when it is no time', () => {
    expect(formatEntryTime('yesterday', 'full', 'utc')).toEqual({ date: '', time: 'yesterday' })
  })
})

describe('the style of a list of times', () => {
  const now = Date.parse('2025-11-11T23:00:00Z')
  it.each([
    ['nothing', [], 'time'],
    ['today only', ['2025-11-11T00:00:00Z', STAMP], 'time'],
    ['another day of this year', [STAMP, '2025-03-01T00:00:00Z'], 'day'],
    ['another year', [STAMP, '2024-11-11T22:30:45Z', '2025-03-01T00:00:00Z'], 'full'],
    ['texts that are no times', ['x'], 'time'],
  ] as const)('for %s is as short as it may be', (_name, stamps, style) => {
    expect(timeStyleOf(stamps, now, 'utc')).toBe(style)
  })
})

describe('instants and ages', () => {
  it('shows milliseconds only where there are any', () => {
    expect(formatInstant(Date.parse('2025-11-11T22:30:45Z'), 'utc')).toBe('2025-11-11 22:30:45')
    expect(formatInstant(Date.parse(STAMP), 'utc')).toBe('2025-11-11 22:30:45.123')
    expect(formatClock(Date.parse(STAMP), 'utc')).toBe('22:30:45')
  })

  it.each([
    [-5000, 'just now'],
    [4999, 'just now'],
    [40_000, '40 s ago'],
    [180_000, '3 min ago'],
    [18_000_000, '5 h ago'],
    [200_000_000, '2 d ago'],
  ])('says of %d ms: %s', (ms, words) => {
    expect(formatAgo(1e12 - ms, 1e12)).toBe(words)
  })
})

describe('the values of time inputs', () => {
  it.each(['utc', 'local'] as const)('come back as they went in (%s)', (zone) => {
    // From 1970 to 2100; the hour that a clock change repeats is ambiguous in local time, so tests run in whole days.
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 47_000 }), fc.integer({ min: 0, max: 999 }), (day, ms) => {
        const instant = new Date(1970, 0, 1 + day, 12, 30, 15, ms).getTime()
        expect(fromInputValue(toInputValue(instant, zone), zone)).toBe(instant)
      }),
    )
  })

  it.each(['', 'now', '2025-13-01T00:00', '2025-11-11', '2025-11-11T22:30:45Z', '2025-11-11T22:30:45.1234'])(
    'are refused when they are no local time: "%s"',
    (value) => {
      expect(fromInputValue(value, 'utc')).toBeUndefined()
    },
  )
})
