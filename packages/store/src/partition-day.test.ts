import { expect, it } from 'vitest'
import { partitionDay } from './partition-day.ts'

const NOW_MS = Date.parse('2025-11-11T12:00:00Z')

it.each([
  ['today', '2025-11-11T22:30:45.123456Z', '2025-11-11'],
  ['tomorrow, by a clock ahead', '2025-11-13T00:00:00.000000Z', '2025-11-13'],
  ['next year', '2026-11-11T00:00:00.000000Z', '2149-06-06'],
  ['400 days ago', '2024-10-07T23:00:00.000000Z', '2024-10-07'],
  ['long ago', '2023-05-17T00:00:00.000000Z', '2023-05-01'],
  ['before what the column holds', '1923-05-17T00:00:00.000000Z', '1970-01-01'],
])('the partition of %s', (_, timestamp, day) => {
  expect(partitionDay(timestamp, NOW_MS)).toBe(day)
})
