import { jsonString } from '@pixsim7/record'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isHarmlessText } from './harmless-text.ts'
import { findSecrets } from './redact-text.ts'
import { Spans } from './spans.ts'

/** All that prescan may say. */
const EVERY_SHAPE = 127

describe('isHarmlessText', () => {
  it.each([
    'Processing job #123',
    'Request completed',
    'GET /api/v1/jobs/17 200 in 12.5 ms (3 rows), cached; ok?',
    'job_processor',
    'basic',
    '123456789012',
    'abcdefghijklmno abcdefghijklmno',
    "it's 5 o'clock",
    '',
  ])('is true of usual text: %s', (text) => {
    expect(isHarmlessText(text)).toBe(true)
  })

  it.each([
    'a@b.co',
    'pw=x',
    'key: value',
    '50%',
    'run --password x',
    'say "hi"',
    'back\\slash',
    'two\nlines',
    'tab\there',
    'Größe',
    'basic abcdef',
    'sent BEARER abcdef',
    'xx GB82 WEST 1234 5698 7654 32',
    'abcdefghijklmnop',
    'x abcdefghijklmnop',
    'the end is abcdefghijklmno-',
    '4111 1111 1111 1',
    'x 4111111111111',
  ])('is false of text that may hold a secret or needs escaping: %s', (text) => {
    expect(isHarmlessText(text)).toBe(false)
  })

  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ unit: 'grapheme-ascii', maxLength: 20 }),
    fc.stringMatching(/^[a-z0-9 -]{0,20}$/),
    fc.stringMatching(/^[\w-]{0,24}$/),
    fc.stringMatching(/^[\d -]{0,24}$/),
    fc.constantFrom('Bearer ', 'basic\t', 'DE89', ' gb82 ', '--', ' ', 'eyJ', '%40', 'er ', 'ic '),
  )

  it('is never true where a finder finds something, or where the text would be escaped', () => {
    let harmless = 0
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const text = pieces.join('')
        if (!isHarmlessText(text)) return
        harmless++
        const spans = new Spans()
        findSecrets(text, EVERY_SHAPE, spans)
        expect({ text, secrets: spans.count, json: jsonString(text) }).toEqual({
          text,
          secrets: 0,
          json: `"${text}"`,
        })
      }),
      { numRuns: 20_000 },
    )
    expect(harmless).toBeGreaterThan(1000)
  })
})
