import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { text, untimedRecord } from '../test/arbitraries.ts'
import { useZone, ZONES } from '../test/zones.ts'
import {
  formatPlainLine,
  formatPlainRecord,
  isPlainContinuation,
  parsePlainContinuation,
  parsePlainLine,
  withContinuation,
} from './plain-line.ts'
import type { LogRecord } from './record.ts'
import { formatLocalTime, formatTimestamp, parseLocalTime } from './timestamp.ts'

const TIME = '2025-11-11 22:30:45'
const HEAD = { logger: 'job_processor', level: 'INFO', message: 'Processing job #123' } as const
const format = (message: string, fieldsJson?: string) =>
  formatPlainLine(TIME, { ...HEAD, message }, fieldsJson)

/** Reads a whole record, stack included, as a reader of the file does. */
function parseRecord(lines: string): LogRecord | undefined {
  const [first = '', ...rest] = lines.split('\n')
  return rest.reduce<LogRecord | undefined>((record, line) => {
    const stackLine = parsePlainContinuation(line)
    return record === undefined || stackLine === undefined ? undefined : withContinuation(record, stackLine)
  }, parsePlainLine(first))
}

beforeEach(() => useZone('UTC'))

describe('formatPlainLine', () => {
  it('writes the line of the specification', () => {
    expect(formatPlainLine(TIME, HEAD)).toBe(
      '2025-11-11 22:30:45 - job_processor - INFO - Processing job #123',
    )
  })

  it('writes fields after a bar, types kept apart', () => {
    expect(
      format(
        'Done',
        '"job_id":123,"duration_sec":4.5,"ok":true,"none":null,"code":"timeout","title":"two words"',
      ),
    ).toBe(
      '2025-11-11 22:30:45 - job_processor - INFO - Done | job_id=123 duration_sec=4.5 ok=true none=null code=timeout title="two words"',
    )
    expect(
      format(
        'x',
        '"a":"123","b":"true","c":"","d":"null","e":"{x","f":{"g":"two words"},"h":[1,"]"],"two words":1,"i":"a=b|c"',
      ),
    ).toBe(
      '2025-11-11 22:30:45 - job_processor - INFO - x | a="123" b="true" c="" d="null" e="{x" f={"g":"two words"} h=[1,"]"] "two words"=1 i=a=b|c',
    )
  })

  it('writes the stack behind four spaces', () => {
    expect(formatPlainLine(TIME, HEAD, '"a":1', 'Error: x\n    at y\n\nCaused by: z')).toBe(
      '2025-11-11 22:30:45 - job_processor - INFO - Processing job #123 | a=1\n    Error: x\n        at y\n    \n    Caused by: z',
    )
  })

  it('leaves usual messages as they are', () => {
    for (const message of [
      'C:\\temp\\logs',
      'a | b',
      'cat x | grep y',
      '100 % - INFO - "quoted"',
      'a\tb',
      '\\\\server\\share',
      'Größe 😀',
      '/\\d+/',
      'x=1 y=2',
    ]) {
      expect(format(message)).toBe(`2025-11-11 22:30:45 - job_processor - INFO - ${message}`)
    }
  })

  it('escapes only what would be read as something else', () => {
    expect(format('a\nb\rc\u001b[31m')).toMatch(/ - a\\nb\\u000dc\\u001b\[31m$/)
    expect(format('C:\\new \\u00e9')).toMatch(/ - C:\\u005cnew \\u005cu00e9$/)
    expect(format('x | job_id=5')).toMatch(/ - x \\u007c job_id=5$/)
  })

  it('is found by the greps of the specification', () => {
    const line = format('Request done', '"user_id":123,"job_id":456,"duration_ms":1250')
    for (const pattern of [/user_id.*123/, /job_id.*456/, /duration/, /[0-9]{3,}/, /2025-11-11 22:30/])
      expect(line).toMatch(pattern)
  })

  it('does not lose fields that were encoded wrongly', () => {
    expect(format('x', 'no json')).toContain('no json')
    expect(format('x', '"a":1,"b":"open')).toMatch(/a=1 .*open$/)
  })
})

describe('parsePlainLine', () => {
  it('reads the line of the specification', () => {
    expect(parsePlainLine('2025-11-11 22:30:45 - job_processor - INFO - Processing job #123')).toStrictEqual({
      timestamp: '2025-11-11T22:30:45.000000Z',
      level: 'INFO',
      logger: 'job_processor',
      message: 'Processing job #123',
      module: null,
      function: null,
      line: null,
      fields: {},
    })
  })

  it.each(ZONES)('reads back every record that is written, in %s', (zone) => {
    useZone(zone)
    const second = fc.integer({ min: 0, max: 4_102_444_800 })
    fc.assert(
      fc.property(untimedRecord, second, (rest, seconds) => {
        const localTime = formatLocalTime(seconds * 1_000_000)
        // In the hour that occurs twice a year, the first occurrence: see timestamp.test.ts.
        const timestamp = formatTimestamp(parseLocalTime(localTime) ?? Number.NaN)
        const record = { ...rest, timestamp, module: null, function: null, line: null }
        const lines = formatPlainRecord(record)
        expect(lines).not.toMatch(/[\r\u2028\u2029\u0085\u001b]/)
        const back = parseRecord(Buffer.from(lines).toString())
        // Not toStrictEqual, which takes a field `constructor` for the object's class.
        deepStrictEqual(back, record)
        expect(Object.keys(back?.fields ?? {})).toStrictEqual(Object.keys(record.fields))
      }),
      { numRuns: 1500 },
    )
  })

  it('gives the whole text to the message when what follows a bar is not fields', () => {
    for (const message of [
      'x | a=1 and more',
      'x | a="open',
      'x | a={"b":',
      'x | a=1  b=2',
      'x | "a"',
      'x | a=',
      'x | a=b"c',
    ]) {
      expect(parsePlainLine(`${TIME} - l - INFO - ${message}`)).toMatchObject({ message, fields: {} })
    }
  })

  it('keeps digits beyond 2^53, reserved names and __proto__', () => {
    const fields = parsePlainLine(
      `${TIME} - l - INFO - x | big=12345678901234567890 level=5 __proto__={"a":1}`,
    )?.fields
    expect(Object.entries(fields ?? {})).toStrictEqual([['big', '12345678901234567890'], ['level_', 5], ['__proto__', { a: 1 }]]) // prettier-ignore
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype)
  })

  it.each([' - INFO - ', ' - INFO - - ERROR', '- INFO', 'a - INFO -', '', ' - ', '-', 'INFO'])(
    'reads back the logger %j',
    (logger) => {
      expect(parsePlainLine(formatPlainLine(TIME, { ...HEAD, logger }))).toMatchObject({
        logger,
        message: HEAD.message,
      })
    },
  )

  it('reads a line whose last space an editor took away', () => {
    expect(parsePlainLine(`${TIME} - l - INFO -`)).toMatchObject({ message: '' })
  })

  it.each([
    '', 'x', TIME, `${TIME} - l - INFO`, `${TIME} - l - LOUD - x`, `${TIME} - l - info - x`, `${TIME} - INFO - x`, `${TIME},123 - l - INFO - x`,
    `2025-13-11 22:30:45 - l - INFO - x`, ` ${TIME} - l - INFO - x`, '    at Object.<anonymous> (a.ts:1:1)',
  ])('takes %j for no record', (line) => {
    expect(parsePlainLine(line)).toBeUndefined()
  }) // prettier-ignore
})

describe('continuation lines', () => {
  it('never look like a record, whatever the stack holds', () => {
    fc.assert(
      fc.property(text, (stack) => {
        const [, ...rest] = formatPlainLine(TIME, HEAD, '', `Error\n${stack}\n${TIME} - l - INFO - x`).split(
          '\n',
        )
        for (const line of rest) {
          expect(isPlainContinuation(line)).toBe(true)
          expect(parsePlainLine(line)).toBeUndefined()
        }
        expect(rest.map((line) => parsePlainContinuation(line)).join('\n')).toBe(
          `Error\n${stack}\n${TIME} - l - INFO - x`,
        )
      }),
    )
  })

  it('are not what is indented by less', () => {
    expect(isPlainContinuation('   at x')).toBe(false)
    expect(parsePlainContinuation('   at x')).toBeUndefined()
  })
})
