import { expect, test } from 'vitest'
import { readFilter } from './filter-parameters.ts'
import { parseTimeParameter } from './time-parameter.ts'

const NOW_US = Date.UTC(2025, 10, 11, 22, 30, 45) * 1000

test.each([
  ['now', 0],
  ['-30s', -30],
  ['-15m', -900],
  ['-2h', -7200],
  ['-7d', -604_800],
  ['-2w', -1_209_600],
  ['now-15m', -900],
  ['2025-11-11T22:30:45Z', 0],
  ['2025-11-11T22:30:45', 0],
  ['2025-11-11 22:30:45', 0],
  ['2025-11-11T22:30', -45],
  ['2025-11-11T22:30:45.000001Z', 1e-6],
  ['2025-11-11T23:30:45+01:00', 0],
  ['2025-11-11T23:30:45 01:00', 0],
  ['2025-11-11T23:30:45.5 01:00', 0.5],
  ['2025-11-11', -(22 * 3600 + 30 * 60 + 45)],
])('%s is %d s from now', (text, seconds) => {
  expect(parseTimeParameter(text, NOW_US)).toBe(NOW_US + Math.round(seconds * 1e6))
})

test.each([
  '',
  ' ',
  'yesterday',
  '15m',
  '+15m',
  '-15',
  '-m',
  '-1.5h',
  '-15x',
  '-9999999999m',
  '2025-13-01',
  '2025-02-30',
  'NaN',
  '1e9',
  '-1h30m',
])('%j is no time', (text) => {
  expect(parseTimeParameter(text, NOW_US)).toBeUndefined()
})

test('parameters become the conditions of the filter, absent ones none', () => {
  expect(readFilter({}, NOW_US)).toEqual({})
  expect(
    readFilter(
      {
        level: ['warn', 'ERROR', 'Fatal', 'error'],
        component: ['worker'],
        logger: 'job*',
        search: 'x',
        user_id: '1',
        from: '-1h',
        to: 'now',
      },
      NOW_US,
    ),
  ).toEqual({
    levels: ['WARNING', 'ERROR', 'CRITICAL'],
    components: ['worker'],
    logger: 'job*',
    search: 'x',
    user_id: '1',
    fromUs: NOW_US - 3600e6,
    toUs: NOW_US,
  })
})

test.each([
  [
    { level: ['ERROR', 'LOUD'] },
    'Parameter "level" is "LOUD"; expected one of DEBUG, INFO, WARNING, ERROR, CRITICAL, in any case.',
  ],
  [{ level: ['ERROR,INFO'] }, 'repeat the parameter for several'],
  [{ from: 'tomorrow' }, 'Parameter "from" is "tomorrow"; expected a time such as'],
  [{ to: '-5' }, 'Parameter "to" is "-5"; expected a time such as'],
  [{ from: 'now', to: '-1h' }, 'Parameter "from" is "now" and "to" is "-1h"; expected "from" before "to".'],
  [{ from: 'now', to: 'now' }, 'expected "from" before "to"'],
])('%j is refused: %s', (query, message) => {
  expect(() => readFilter(query, NOW_US)).toThrow(
    expect.objectContaining({ code: 'bad_parameter', message: expect.stringContaining(message) }),
  )
})
