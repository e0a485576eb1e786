import { afterEach, expect, test } from 'vitest'
import { commonStepMs, intervalStart, nextInterval } from './local-intervals.ts'

const zone = process.env['TZ']
afterEach(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

test.each([
  ['UTC', 'day', '2026-11-26T23:59:59.999Z', '2026-11-26T00:00:00.000Z'],
  ['Asia/Kolkata', 'hour', '2026-11-26T10:20:30.500Z', '2026-11-26T09:30:00.000Z'],
  ['Asia/Kolkata', 'day', '2026-11-26T10:20:30.000Z', '2026-11-25T18:30:00.000Z'],
  ['Asia/Kolkata', 'minute', '2026-11-26T10:20:30.000Z', '2026-11-26T10:20:00.000Z'],
  // The hour that comes twice, its second time.
  ['Europe/Berlin', 'hour', '2026-10-25T01:15:00.000Z', '2026-10-25T01:00:00.000Z'],
] as const)('in %s the %s of %s begins at %s', (timeZone, interval, time, start) => {
  process.env['TZ'] = timeZone
  expect(iso(intervalStart(Date.parse(time), interval))).toBe(start)
})

test('days of a clock change have 23 and 25 hours', () => {
  process.env['TZ'] = 'Europe/Berlin'
  const hours = (start: string) => (nextInterval(Date.parse(start), 'day') - Date.parse(start)) / 3_600_000
  expect([hours('2026-03-28T23:00:00Z'), hours('2026-10-24T22:00:00Z')]).toEqual([23, 25])
})

test.each([
  ['UTC', 'day', 1440],
  ['Europe/Berlin', 'day', 60],
  ['Asia/Kolkata', 'day', 30],
  ['Asia/Kathmandu', 'hour', 15],
  ['Europe/Berlin', 'hour', 60],
  ['Asia/Kolkata', 'minute', 1],
] as const)('in %s every %s begins at a multiple of %i minutes', (timeZone, interval, minutes) => {
  process.env['TZ'] = timeZone
  const fromMs = Date.parse('2026-03-01T00:00:00Z')
  const toMs = Date.parse('2026-04-10T00:00:00Z')
  const stepMs = commonStepMs(fromMs, toMs, interval)
  expect(stepMs).toBe(minutes * 60_000)
  for (let startMs = intervalStart(fromMs, interval), left = 1000; startMs < toMs && left > 0; left--) {
    expect([iso(startMs), startMs % stepMs]).toEqual([iso(startMs), 0])
    startMs = nextInterval(startMs, interval)
  }
})
