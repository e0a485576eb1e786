import { expect, it } from 'vitest'
import { formatBytes, formatCount, formatPlural, formatShortCount } from './number.ts'

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
  expect([0, 1023, 1536, 5 * 1024 ** 3].map(formatBytes)).toEqual(['0 B', '1,023 B', '1.5 KB', '5.0 GB'])
})
