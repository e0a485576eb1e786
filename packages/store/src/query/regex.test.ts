import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryRegex } from '../../test/support/random-query.ts'
import { QueryParseError } from './query-problem.ts'
import { parseRegex } from './regex.ts'
import { regexMatcher } from './regex-match.ts'

const matches = (source: string, text: string, ignoresCase = false) =>
  regexMatcher(parseRegex(source), ignoresCase)(text)

describe('regular expressions', () => {
  it.each([
    ['a|b', 'xb', true],
    ['^b$', 'a\nb\nc', true],
    ['^b$', 'ab', false],
    ['a.b', 'a\nb', false],
    ['a[^x]b', 'a\nb', true],
    ['(ab){2}', 'xabab', true],
    ['^(ab){2,3}$', 'abababab', false],
    ['^a{0}b$', 'b', true],
    ['^[a-c\\d-]+$', 'a1-c', true],
    ['[]a]', ']', true],
    ['\\bjob\\b', 'a job.', true],
    ['\\bjob\\b', 'a job_1', false],
    ['\\Bob', 'job', true],
    ['^.$', '🎉', true],
    ['\\x{1f389}', '🎉', true],
    ['\\u00e9\\x41', 'éA', true],
    ['\\p{Lu}\\P{Lu}', 'Äa', true],
    ['\\p{^L}', 'ab1', true],
    ['\\w', 'é', false],
    ['(?:a)(?<n>b)(?P<m>c)', 'abc', true],
    ['a??b+?', 'b', true],
    ['', '', true],
    ['x||y', 'z', true],
    ['\\.\\*\\/\\-', '.*/-', true],
    ['a{,3}', 'a{,3}', true],
    ['{', '{', true],
  ])('/%s/ on %j: %s', (source, text, expected) => {
    expect(matches(source, text)).toBe(expected)
  })

  it('knows letters of either case as the engine does', () => {
    expect(matches('GRÖSSE[A-C]', 'größeb', true)).toBe(false)
    expect(matches('GRÖßE[A-C]', 'größeb', true)).toBe(true)
    expect(matches('größe', 'GRÖßE', false)).toBe(false)
  })

  it('agrees with JavaScript wherever that has an answer', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'A', '1', '\n', ' '), { maxLength: 8 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(arbitraryRegex, text, fc.boolean(), (pattern, subject, ignoresCase) => {
        expect(matches(pattern, subject, ignoresCase)).toBe(
          new RegExp(pattern, ignoresCase ? 'imu' : 'mu').test(subject),
        )
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['(', 0, 'not closed'],
    ['a)', 1, 'was not opened'],
    ['[a', 0, 'not closed'],
    ['*a', 0, 'nothing before it'],
    ['a**', 0, 'two repetitions'],
    ['^*', 0, 'no length'],
    ['a{1001}', 0, 'more than 1000'],
    ['a{3,2}', 0, 'below its beginning'],
    ['[b-a]', 1, 'no range'],
    ['[a-\\d]', 1, 'no range'],
    ['[[:alpha:]]', 1, 'no set'],
    ['(?=a)', 0, 'no look-around'],
    ['(?<=a)', 0, 'no look-around'],
    ['(?i)a', 0, 'no look-around'],
    ['(a)\\1', 3, 'not known'],
    ['\\Qa', 0, 'not known'],
    ['a\\', 1, 'not known'],
    ['\\p{Greek}', 0, 'no Unicode category'],
    ['\\x{110000}', 0, 'no character'],
    ['(a{1000}){1000}', 0, 'repeats too much'],
    ['((((a{9}){9}){9}){9}){9}', 0, 'repeats too much'],
    ['\\p{L}{1000}', 0, 'repeats too much'],
    ['('.repeat(60) + ')'.repeat(60), 50, 'more than 50 deep'],
  ])('/%s/ is refused at %d: %s', (source, offset, message) => {
    const read = () => parseRegex(source)
    expect(read).toThrow(QueryParseError)
    expect(read).toThrow(expect.objectContaining({ offset, message: expect.stringContaining(message) }))
  })

  it('takes time that grows with the text alone, also where JavaScript would not end', () => {
    const text = 'a'.repeat(20_000)
    for (const source of ['(a+)+$b', '(a|a)*b', '(a|aa)+$x', '(.*)*(.*)*z', '(x+x+)+y|a{300}b']) {
      expect(matches(source, text)).toBe(false)
    }
  })
})
