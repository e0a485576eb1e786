import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryTree } from '../../test/support/random-query.ts'
import { parseQuery } from './parser.ts'
import { printQuery } from './printer.ts'
import { readQuery } from './read-query.ts'

/** Pieces a hostile or hurried writer puts together. */
const PIECES = [
  '(',
  ')',
  '"',
  '“',
  '/',
  '\\',
  '*',
  ':',
  '>',
  '>=',
  '<',
  '[',
  ']',
  ' TO ',
  ' ',
  '-',
  'NOT ',
  ' OR ',
  ' AND ',
  'level',
  'job_id:',
  'a',
  '1',
  '1.5s',
  '\0',
  '\ud800',
  '🎉',
  '/[a-',
  '{1000}',
  '(?',
  "'",
  '\n',
]

describe('a query', () => {
  it('that is printed is the same query when it is read again', () => {
    fc.assert(
      fc.property(
        arbitraryTree({
          texts: [
            'timeout',
            'AND',
            'OR',
            'NOT',
            'TO',
            '-5',
            'a:b',
            '/x/',
            '[1 TO 2]',
            '>5',
            '*',
            '\\',
            '"',
            '“x”',
            ' ',
            'C:\\temp',
            '=',
            'http://x',
          ],
          fields: [
            'job_id',
            'http.method',
            'a b',
            'x"y',
            '1st',
            '-x',
            'AND',
            'größe',
            '*',
            'message',
            'duration_ms',
          ],
          regexes: ['a|b', '^\\d+$', 'x/y', '[/]', '\\/', '\\\\', '(?:a b)"', ' '].filter(
            (source) => !source.includes('\\/'),
          ),
        }),
        (tree) => {
          expect(parseQuery(printQuery(tree))).toEqual(tree)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('is read whatever it is, and what is wrong is said with its place', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => pieces.join('')),
    )
    fc.assert(
      fc.property(anything, (text) => {
        const { tree, words, problem } = readQuery(text)
        expect(words).not.toBe('')
        if (problem === null) {
          expect(parseQuery(printQuery(tree as NonNullable<typeof tree>))).toEqual(tree)
        } else {
          expect(problem.message).not.toBe('')
          expect(problem.offset).toBeGreaterThanOrEqual(0)
          expect(problem.offset).toBeLessThanOrEqual(text.length)
        }
      }),
      { numRuns: 5000 },
    )
  })
})
