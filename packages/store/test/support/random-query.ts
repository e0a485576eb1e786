import fc from 'fast-check'
import { LEVELS } from '@pixsim7/record'
import type { QueryBound, QueryTest, QueryTree } from '@pixsim7/store'

/** What random queries are made of: `texts` and `fields` of the data, so that they find something. */
export interface QueryVocabulary {
  readonly texts: readonly string[]
  readonly fields: readonly string[]
  readonly regexes: readonly string[]
}

const SIGNS = ['>', '>=', '<', '<='] as const

/** Expressions out of the pieces that both JavaScript and the query language know. */
export const arbitraryRegex: fc.Arbitrary<string> = fc
  .array(
    fc
      .tuple(
        fc.constantFrom(
          'a',
          'b',
          'A',
          '1',
          '.',
          '[ab]',
          '[^a]',
          '(a|b)',
          '(ab|)',
          '\\n',
          '\\d',
          '\\b',
          '^',
          '$',
          'o',
          'é',
          '[^\\x20-\\x7e]',
        ),
        fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}', '{0,1}'),
      )
      .map(([part, times]) => (/^(\^|\$|\\b)$/.test(part) ? part : part + times)),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(''))

/** Any tree the parser can make. */
export function arbitraryTree({ texts, fields, regexes }: QueryVocabulary): fc.Arbitrary<QueryTree> {
  const isWhole = (made: string) => !/\p{Surrogate}/u.test(made)
  const anyText = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...texts) },
    fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
  )
  // The parser makes U+FFFD of half characters.
  const text = anyText.filter(isWhole)
  // A piece of a text, so that patterns match.
  const piece = fc
    .tuple(text, fc.nat(8), fc.integer({ min: 1, max: 8 }))
    .map(([whole, start, length]) => whole.slice(start, start + length))
    .filter(isWhole)
  const some = piece.filter((part) => part !== '')
  const like = fc
    .tuple(piece, fc.array(some, { maxLength: 2 }), piece)
    .filter(([first, inner, last]) => first + inner.join('') + last !== '')
    .map(([first, inner, last]): QueryTest => ({ kind: 'like', parts: [first, ...inner, last] }))
  const regex = fc
    .tuple(fc.oneof(fc.constantFrom(...regexes), arbitraryRegex), fc.boolean())
    .map(([source, ignoresCase]): QueryTest => ({ kind: 'regex', source, ignoresCase }))
  const ordered = (bound: fc.Arbitrary<QueryBound>) =>
    fc.oneof(
      fc
        .tuple(fc.constantFrom(...SIGNS), bound)
        .map(([sign, value]): QueryTest => ({ kind: 'compare', sign, value })),
      fc
        .tuple(fc.option(bound), fc.option(bound))
        .filter(([from, to]) => from !== null || to !== null)
        .map(([from, to]): QueryTest => ({ kind: 'range', from, to })),
    )
  const number = fc.oneof(
    fc.integer({ min: -10, max: 700 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  )
  const is = text.map((value): QueryTest => ({ kind: 'is', text: value }))
  const present = fc.constant<QueryTest>({ kind: 'present' })
  const level = fc.constantFrom(...LEVELS)
  const time = fc
    .integer({ min: 0, max: 400 })
    .map((second) => new Date(1_762_900_245_000 + second * 1000).toISOString().replace('Z', '000Z'))
  const match = (field: string | null, test: fc.Arbitrary<QueryTest>) =>
    test.map((made): QueryTree => ({ kind: 'match', field, test: made }))
  const leaf = fc.oneof(
    { weight: 8, arbitrary: match(null, fc.oneof(is, like, regex)) },
    {
      weight: 14,
      arbitrary: fc
        .constantFrom(...fields)
        .chain((field) => match(field, fc.oneof(is, is, like, present, regex, ordered(number)))),
    },
    {
      weight: 3,
      arbitrary: match(
        'level',
        fc.oneof(
          level.map((value): QueryTest => ({ kind: 'is', text: value })),
          like,
          regex,
          present,
          ordered(level),
        ),
      ),
    },
    {
      weight: 2,
      arbitrary: match(
        'timestamp',
        fc.oneof(
          time.map((value): QueryTest => ({ kind: 'is', text: value })),
          ordered(time),
          present,
        ),
      ),
    },
    { weight: 1, arbitrary: fc.constant<QueryTree>({ kind: 'all' }) },
  )
  return fc.letrec<{ tree: QueryTree }>((tie) => {
    const parts = fc.array(tie('tree'), { minLength: 2, maxLength: 4 })
    return {
      tree: fc.oneof(
        { maxDepth: 4, depthIdentifier: 'query' },
        leaf,
        parts.map((made): QueryTree => ({ kind: 'and', parts: made })),
        parts.map((made): QueryTree => ({ kind: 'or', parts: made })),
        tie('tree').map((part): QueryTree => ({ kind: 'not', part })),
      ),
    }
  }).tree
}
