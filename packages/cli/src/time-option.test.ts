import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseDurationOption, parseTimeOption } from './time-option.ts'

const NOW = new Date('2026-11-26T10:20:30.000Z')
const zone = process.env['TZ']

beforeEach(() => void (process.env['TZ'] = 'Asia/Tokyo'))
afterEach(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

test.each([
  ['now', '2026-11-26T10:20:30.000Z'],
  ['15m', '2026-11-26T10:05:30.000Z'],
  ['-2h', '2026-11-26T08:20:30.000Z'],
  ['7d', '2026-11-19T10:20:30.000Z'],
  ['today', '2026-11-25T15:00:00.000Z'],
  ['yesterday', '2026-11-24T15:00:00.000Z'],
  ['22:30', '2026-11-26T13:30:00.000Z'],
  ['9:05:07', '2026-11-26T00:05:07.000Z'],
  ['2026-11-25', '2026-11-24T15:00:00.000000Z'],
  ['2026-11-25 22:30', '2026-11-25T13:30:00.000000Z'],
  ['2026-11-25T22:30:45', '2026-11-25T13:30:45.000000Z'],
  ['2026-11-25T22:30:45.123456Z', '2026-11-25T22:30:45.123456Z'],
  ['2026-11-25 22:30:45+01:00', '2026-11-25T21:30:45.000000Z'],
])('the time %s is taken by the local clock', (text, expected) => {
  expect(parseTimeOption(text, NOW)).toBe(expected)
})

test.each([
  '',
  'soon',
  '15',
  '1764152430',
  '15 m',
  '2026-13-01',
  '25:00',
  '10:61',
  '2026-02-30',
  '1e3s',
  '--1h',
])('%j is no time', (text) => {
  expect(parseTimeOption(text, NOW)).toBeUndefined()
})

test.each([
  ['500', 500],
  ['500ms', 500],
  ['1.5s', 1500],
  ['2m', 120_000],
  ['0', 0],
])('%s is a duration', (text, ms) => {
  expect(parseDurationOption(text)).toBe(ms)
})

test.each(['', 'ms', '-1s', '1 s', '1d', '0x10', 'Infinity'])('%j is no duration', (text) => {
  expect(parseDurationOption(text)).toBeUndefined()
})
