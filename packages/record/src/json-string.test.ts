import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { text } from '../test/arbitraries.ts'
import { escapeJsonText, jsonString, jsonText } from './json-string.ts'

const DANGEROUS = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/

describe('jsonString', () => {
  it('leaves usual text as it is', () => {
    expect(jsonString('Processing job #123')).toBe('"Processing job #123"')
    expect(jsonString('Größe 日本 😀')).toBe('"Größe 日本 😀"')
    expect(jsonString('')).toBe('""')
  })

  it('escapes what breaks lines, what terminals obey and what UTF-8 cannot express', () => {
    expect(jsonString('a\nb\u0085c\u2028d\u2029e')).toBe('"a\\nb\\u0085c\\u2028d\\u2029e"')
    expect(jsonString('\u001b[31m \u009b \u007f \u202e')).toBe('"\\u001b[31m \\u009b \\u007f \\u202e"')
    expect(jsonString('\ud83d x \ude00')).toBe('"\\ud83d x \\ude00"')
    expect(jsonString('"\\')).toBe('"\\"\\\\"')
  })

  it('is read back by JSON.parse and survives UTF-8, whatever the text', () => {
    fc.assert(
      fc.property(text, (value) => {
        const json = jsonString(value)
        expect(JSON.parse(json)).toBe(value)
        expect(`"${jsonText(value)}"`).toBe(json)
        expect(json).not.toMatch(DANGEROUS)
        expect(Buffer.from(json, 'utf8').toString('utf8')).toBe(json)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('escapeJsonText', () => {
  it('makes the text of any value safe without changing the value', () => {
    fc.assert(
      fc.property(fc.dictionary(text, fc.array(text), { noNullPrototype: true }), (value) => {
        const json = escapeJsonText(JSON.stringify(value))
        expect(JSON.stringify(JSON.parse(json))).toBe(JSON.stringify(value))
        expect(json).not.toMatch(DANGEROUS)
      }),
    )
  })
})
