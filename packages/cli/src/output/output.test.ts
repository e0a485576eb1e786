import type { Entry } from '@pixsim7/protocol/client'
import { parsePlainLine } from '@pixsim7/record'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { bar } from './bars.ts'
import { formatEntryLine } from './entry-line.ts'
import { formatBytes, formatCount, formatDuration } from './numbers.ts'
import { printable } from './printable.ts'
import { cut, formatTable, textWidth } from './table.ts'

const OBEYED = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [1_234_567, '1,234,567'],
])('%i is counted as %s', (count, text) => expect(formatCount(count)).toBe(text))

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1000, '1 kB'],
  [1550, '1.6 kB'],
  [999_499, '999 kB'],
  [999_500, '1 MB'],
  [50_000_000, '50 MB'],
  [2e12, '2 TB'],
  [2e16, '20000 TB'],
])('%i bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

test.each([
  [0, '0 ms'],
  [0.44, '0.4 ms'],
  [850.4, '850 ms'],
  [999.5, '1 s'],
  [1250, '1.25 s'],
  [45_000, '45 s'],
  [59_990, '1 min'],
  [125_000, '2 min 5 s'],
  [12_000_000, '3 h 20 min'],
  [360_000_000, '4 d 4 h'],
])('%d ms are %s', (ms, text) => expect(formatDuration(ms)).toBe(text))

test('bars are as long as their share, and anything above nothing shows', () => {
  expect([bar(0, 10, 4), bar(10, 10, 4), bar(5, 10, 4), bar(1, 1e9, 4)]).toEqual(['', '████', '██', '▏'])
})

test('a table is aligned, and its widest flexible columns are cut to the width of the terminal', () => {
  const columns = [
    { title: 'N', align: 'right' },
    { title: 'NAME', isFlexible: true },
    { title: 'END' },
  ] as const
  const rows = [
    ['1', 'a rather long name', 'x'],
    ['1,000', '日本語', 'y'],
  ]
  expect(formatTable(columns, rows, Infinity)).toEqual([
    '    N  NAME                END',
    '    1  a rather long name  x',
    '1,000  日本語              y',
  ])
  const narrow = formatTable(columns, rows, 25)
  expect(narrow).toEqual(['    N  NAME           END', '    1  a rather lon…  x', '1,000  日本語         y'])
  expect(narrow.every((line) => textWidth(line) <= 25)).toBe(true)
})

test('a text is cut to the cells it may take, whole characters only', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, width) => {
      const short = cut(text, width)
      expect(textWidth(short)).toBeLessThanOrEqual(width)
      if (short !== text) expect(text.startsWith(short.slice(0, -1))).toBe(true)
    }),
  )
})

function entryOf(record: Partial<Entry>): Entry {
  return {
    id: 'x',
    timestamp: '2026-11-26T01:02:03.000000Z',
    level: 'INFO',
    component: 'worker',
    service: null,
    host: null,
    logger: 'job_processor',
    message: 'message',
    module: null,
    function: null,
    line: null,
    user_id: null,
    job_id: null,
    request_id: null,
    exception: null,
    fields: {},
    file: 'worker.log',
    offset: 0,
    ...record,
  }
}

test('an entry is a line of the plain format, with component and ids first among the fields', () => {
  const line = formatEntryLine(
    entryOf({ job_id: 7, fields: { note: 'two words' }, exception: 'Error: x\n    at y' }),
    false,
  )
  expect(line.split('\n')).toEqual([
    expect.stringMatching(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - job_processor - INFO - message \| component=worker job_id=7 note="two words"$/,
    ),
    '    Error: x',
    '        at y',
  ])
})

test('whatever an entry holds, its line obeys nothing and is read back as it was', () => {
  const text = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(text, text, text, text, (logger, message, key, value) => {
      const line = formatEntryLine(entryOf({ logger, message, fields: { [`k${key}`]: value } }), false)
      expect(OBEYED.exec(line.replaceAll('\t', ''))).toBeNull()
      expect(parsePlainLine(line)).toMatchObject({
        logger: logger.toWellFormed(),
        message: message.toWellFormed(),
      })
    }),
  )
})

test('words for a terminal hold nothing it obeys', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(OBEYED.exec(printable(text))).toBeNull()
    }),
  )
  expect(printable('a\u001b[31m\tb\u202e')).toBe('a\\u001b[31m\\tb\\u202e')
})
