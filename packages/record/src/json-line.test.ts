import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { untimedRecord } from '../test/arbitraries.ts'
import {
  encodeFields,
  formatJsonLine,
  formatJsonRecord,
  joinJsonLine,
  jsonLineHead,
  jsonLineSite,
  jsonLineStart,
  parseJsonLine,
} from './json-line.ts'
import { jsonText } from './json-string.ts'
import { RESERVED_KEYS, type LogRecord } from './record.ts'
import { formatTimestamp, parseTimestamp } from './timestamp.ts'

const SPECIFIED =
  '{"timestamp":"2025-11-11T22:30:45.123456Z","level":"INFO","logger":"job_processor","message":"Processing job #123",' +
  '"module":"job_processor","function":"process_job","line":45,"user_id":1,"job_id":123}'
const RECORD: LogRecord = {
  timestamp: '2025-11-11T22:30:45.123456Z',
  level: 'INFO',
  logger: 'job_processor',
  message: 'Processing job #123',
  module: 'job_processor',
  function: 'process_job',
  line: 45,
  fields: { user_id: 1, job_id: 123 },
}

const TIME = '"timestamp":"2025-11-11T22:30:45.123456Z"'
const parse = (members: string) =>
  parseJsonLine(`{${TIME},"message":"m"${members === '' ? '' : `,${members}`}}`)

describe('formatJsonLine', () => {
  it('writes the line of the specification', () => {
    expect(formatJsonRecord(RECORD)).toBe(SPECIFIED)
    expect(formatJsonLine(RECORD, '"user_id":1,"job_id":123')).toBe(SPECIFIED)
  })

  it('writes all seven first keys always, and the exception last', () => {
    const line = formatJsonLine(
      { ...RECORD, module: null, function: null, line: null },
      '"a":1',
      'Error: x\n    at y',
    )
    expect(Object.keys(JSON.parse(line) as object)).toStrictEqual([
      ...RESERVED_KEYS.slice(0, 7),
      'a',
      'exception',
    ])
    expect(line).toContain(
      '"module":null,"function":null,"line":null,"a":1,"exception":"Error: x\\n    at y"}',
    )
    expect(formatJsonLine(RECORD, '', '')).not.toContain('exception')
  })

  it('is the same line when its parts are encoded beforehand', () => {
    const { timestamp, level, logger, message } = RECORD
    const timeUs = parseTimestamp(timestamp) ?? Number.NaN
    const parts = [
      jsonLineStart(timeUs),
      jsonLineHead(level, logger),
      jsonText(message),
      jsonLineSite(RECORD),
      `,${encodeFields(RECORD.fields)}`,
    ] as const
    expect(joinJsonLine(...parts, '')).toBe(`${SPECIFIED}\n`)
    expect(joinJsonLine(...parts, '"E"')).toBe(`${SPECIFIED.slice(0, -1)},"exception":"E"}\n`)
  })

  it('begins with the time as formatTimestamp writes it, whatever came before and whatever the time', () => {
    const near = fc.integer({ min: 0, max: 5000 }).map((us) => 1_762_900_245_123_000 + us)
    fc.assert(
      fc.property(fc.oneof(near, near, fc.maxSafeInteger(), fc.double()), (timeUs) => {
        expect(jsonLineStart(timeUs)).toBe(`{"timestamp":"${formatTimestamp(timeUs)}`)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('parseJsonLine', () => {
  it('reads the line of the specification', () => {
    expect(parseJsonLine(SPECIFIED)).toStrictEqual(RECORD)
  })

  it('reads back every record that is written', () => {
    const timeUs = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER })
    fc.assert(
      fc.property(untimedRecord, timeUs, (rest, time) => {
        const record = { timestamp: formatTimestamp(time), ...rest }
        const line = formatJsonRecord(record)
        expect(line).not.toMatch(/[\n\r\u2028\u2029\u0085]/)
        const back = parseJsonLine(Buffer.from(line).toString())
        // Not toStrictEqual, which takes a field `constructor` for the object's class.
        deepStrictEqual(back, record)
        expect(Object.keys(back?.fields ?? {})).toStrictEqual(Object.keys(record.fields))
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['', 'INFO'], ['"level":"warn"', 'WARNING'], ['"level":" Error "', 'ERROR'], ['"level":"fatal"', 'CRITICAL'], ['"level":"trace"', 'DEBUG'],
    ['"level":10', 'DEBUG'], ['"level":20', 'DEBUG'], ['"level":30', 'INFO'], ['"level":40', 'WARNING'], ['"level":50', 'ERROR'], ['"level":60', 'CRITICAL'],
  ])('takes the level of {%s} for %s', (members, level) => {
    expect(parse(members)).toMatchObject({ level, fields: {} })
  }) // prettier-ignore

  it('keeps what it cannot use as a field with an underscore', () => {
    expect(parse('"level":"loud","logger":["a"],"module":{"b":1},"function":[],"line":"x"')).toStrictEqual({
      timestamp: '2025-11-11T22:30:45.123456Z',
      level: 'INFO',
      logger: '',
      message: 'm',
      module: null,
      function: null,
      line: null,
      fields: { level_: 'loud', logger_: ['a'], module_: { b: 1 }, function_: [], line_: 'x' },
    })
    expect(parse('"level":7')?.fields).toStrictEqual({ level_: 7 })
    expect(
      parse('"level":null,"logger":null,"module":null,"line":null,"exception":null')?.fields,
    ).toStrictEqual({})
  })

  it('reads numbers and booleans where text is meant, and a line number given as text', () => {
    expect(parseJsonLine(`{${TIME},"message":404,"logger":true,"line":"45"}`)).toMatchObject({
      message: '404',
      logger: 'true',
      line: 45,
    })
  })

  it('reads the stack of an exception written as lines or as an object', () => {
    expect(parse('"exception":["Error: x","  at y"]')?.exception).toBe('Error: x\n  at y')
    expect(parse('"exception":{"name":"TypeError","stack":"TypeError: x\\n at y"}')).toMatchObject({
      exception: 'TypeError: x\n at y',
      fields: { exception_: { name: 'TypeError' } },
    })
    expect(parse('"exception":{"name":"TypeError"}')?.exception).toBe('{"name":"TypeError"}')
    expect(parse('"exception":""')).not.toHaveProperty('exception')
  })

  it('keeps unknown keys in order, zero, and digits beyond 2^53', () => {
    const fields = parse('"user_id":0,"z":null,"a":{"b":[1]},"big":12345678901234567890')?.fields
    expect(Object.entries(fields ?? {})).toStrictEqual([['user_id', 0], ['z', null], ['a', { b: [1] }], ['big', '12345678901234567890']]) // prettier-ignore
  })

  it('takes __proto__ for a key like any other', () => {
    const fields = parse('"__proto__":{"polluted":true},"constructor":1')?.fields
    expect(Object.keys(fields ?? {})).toStrictEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype)
    expect((fields as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(parseJsonLine('{"__proto__":{"timestamp":"2025-11-11T22:30:45Z","message":"m"}}')).toBeUndefined()
  })

  it.each([
    '', 'null', '[]', '"x"', '12', '{}', `{${TIME}}`, '{"message":"m"}', '{"timestamp":"yesterday","message":"m"}', '{"timestamp":5,"message":"m"}',
    `{${TIME},"message":null}`, `{${TIME},"message":{"a":1}}`, '{"timestamp":["2025-11-11T22:30:45Z"],"message":"m"}', `{${TIME},"message":"m"`,
    `{${TIME},"message":"m","deep":${'['.repeat(1000)}${']'.repeat(1000)}}`,
  ])('takes %s for no record', (line) => {
    expect(parseJsonLine(line)).toBeUndefined()
  }) // prettier-ignore
})
