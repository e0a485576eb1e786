import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { numberValue, parseJson } from './json-parse.ts'

describe('parseJson', () => {
  it.each([
    ['{"a":9007199254740993}', { a: '9007199254740993' }],
    ['{"a":[-12345678901234567890, 1]}', { a: ['-12345678901234567890', 1] }],
    ['{"a":9007199254740991,"b":-9007199254740991}', { a: 9007199254740991, b: -9007199254740991 }],
    [
      '{"a":"9007199254740993 \\" 9007199254740993","b":9007199254740993}',
      { a: '9007199254740993 " 9007199254740993', b: '9007199254740993' },
    ],
    ['{"9007199254740993":1}', { '9007199254740993': 1 }],
    ['{"a":1e999,"b":1e100,"c":0.12345678901234567}', { a: '1e999', b: 1e100, c: 0.12345678901234567 }],
    ['{"a":"\\\\","b":9007199254740993}', { a: '\\', b: '9007199254740993' }],
  ])('keeps the digits of %s', (text, expected) => {
    expect(parseJson(text)).toStrictEqual(expected)
  })

  it.each([
    '',
    '{',
    '{"a":}',
    '{"a":00000000000000000001}',
    "{'a':1}",
    '{"a":9007199254740993,}',
    '\u2028',
    '{"a":"\n"}',
  ])('says undefined to %j', (text) => {
    expect(parseJson(text)).toBeUndefined()
  })

  it('agrees with JSON.parse wherever numbers fit', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text)
        if (JSON.stringify(value).search(/\d{16}|e\+/) !== -1) return
        expect(parseJson(text)).toStrictEqual(value)
      }),
    )
  })

  it('does not take apart what is nested a million deep', () => {
    expect(parseJson('['.repeat(1_000_000) + ']'.repeat(1_000_000))).toBeUndefined()
    expect(parseJson('['.repeat(101) + ']'.repeat(101))).toBeUndefined()
    expect(parseJson('['.repeat(100) + ']'.repeat(100))).toBeDefined()
  })
})

describe('numberValue', () => {
  it('keeps what JavaScript cannot hold as text', () => {
    expect(numberValue('9007199254740991')).toBe(9007199254740991)
    expect(numberValue('9007199254740992')).toBe('9007199254740992')
    expect(numberValue('1e400')).toBe('1e400')
    expect(numberValue('-1.5')).toBe(-1.5)
  })
})
