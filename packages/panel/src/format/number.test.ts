import { expect, it } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPlural,
  formatShare,
  formatShortCount,
} from './number.ts'

it('writes counts with separators, and short ones where there is no room', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567')
  expect([0, 9999, 12_345, 1_500_000].map(formatShortCount)).toEqual(['0', '9,999', '12.3K', '1.5M'])
})

it('says one event and two events', () => {
  expect([0, 1, 1234].map((count) => formatPlural(count, 'event'))).toEqual([
    '0 events',
    '1 event',
    '1,234 events',
  ])
  expect(formatPlural(2, 'entry', 'entries')).toBe('2 entries')
})

it('writes bytes in the unit that reads best', () => {
  expect([0, 1023, 1536, 1024 ** 2 - 10, 50 * 1024 ** 2, 5.25 * 1024 ** 3].map(formatBytes)).toEqual([
    ...['0 B', '1,023 B', '1.5 KB', '1 MB', '50 MB', '5.3 GB'],
  ])
})

it('writes durations so that they can be compared at a glance', () => {
  expect([0, 0.44, 9.94, 12.4, 999, 1250, 59_990, 200_000, 7_260_000].map(formatDuration)).toEqual([
    ...['0 ms', '0.4 ms', '9.9 ms', '12 ms', '999 ms', '1.25 s', '59.99 s', '3 min 20 s', '2 h 1 min'],
  ])
})

it('writes shares, and never a zero for something', () => {
  expect([
    ...[formatShare(0, 10), formatShare(1, 0), formatShare(1, 10_000)],
    ...[formatShare(1, 300), formatShare(1, 8), formatShare(3, 3)],
  ]).toEqual(['0 %', '0 %', '< 0.1 %', '0.3 %', '13 %', '100 %'])
})
