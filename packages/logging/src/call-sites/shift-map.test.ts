import { SourceMap } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mapOfInsertions, shiftMap } from './shift-map.ts'
import type { SourceMapPayload } from './source-lookup.ts'
import type { Insertion } from './transform.ts'

const word = fc.stringMatching(/^[a-z]{1,6}$/)
const code = fc
  .array(fc.array(word, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 })
  .map((lines) => lines.map((words) => words.join(' ')).join('\n'))

/** Texts put in before some of the words. */
const cases = fc
  .tuple(code, fc.array(fc.tuple(fc.nat(30), fc.stringMatching(/^[A-Z]{1,40}$/)), { maxLength: 6 }))
  .map(([text, chosen]) => {
    const words = [...text.matchAll(/[a-z]+/g)].map((match) => match.index)
    const places = new Map(chosen.map(([index, put]) => [words[index % words.length] as number, put]))
    const insertions: Insertion[] = [...places].map(([offset, put]) => ({ offset, text: put }))
    insertions.sort((a, b) => a.offset - b.offset)
    return { text, insertions }
  })

function insert(text: string, insertions: readonly Insertion[]): string {
  return insertions.reduceRight(
    (result, { offset, text: put }) => result.slice(0, offset) + put + result.slice(offset),
    text,
  )
}

/** For each word of the code after the insertions: the word at the place in `text` that the map leads to. */
function wordsByMap(after: string, payload: SourceMapPayload, text: string): [string, string][] {
  const map = new SourceMap(payload as unknown as ConstructorParameters<typeof SourceMap>[0])
  const lines = text.split('\n')
  return after.split('\n').flatMap((line, index) =>
    [...line.matchAll(/[a-z]+/g)].map((match): [string, string] => {
      const entry = map.findEntry(index, match.index)
      if (!('originalLine' in entry)) return [match[0], 'nothing']
      return [
        match[0],
        /^[a-z]+/.exec((lines[entry.originalLine] ?? '').slice(entry.originalColumn))?.[0] ?? 'no word',
      ]
    }),
  )
}

describe('maps and insertions', () => {
  it('lead from each word after the insertions to the same word before', () => {
    fc.assert(
      fc.property(cases, ({ text, insertions }) => {
        const map = mapOfInsertions(text, 'a.js', insertions)
        for (const [after, before] of wordsByMap(insert(text, insertions), map, text))
          expect(before).toBe(after)
      }),
      { numRuns: 500 },
    )
  })

  it('still lead to the source after its map was shifted', () => {
    fc.assert(
      fc.property(cases, ({ text, insertions }) => {
        // The source has each line indented: far columns take more than one digit.
        const source = text.replace(/^/gm, ' '.repeat(100))
        const made = mapOfInsertions(source, 'a.ts', [])
        const toSource = shiftMap(
          made,
          source,
          text.split('\n').map((_, line) => unindent(source, line)),
        )
        const shifted = shiftMap(toSource, text, insertions)
        for (const [after, before] of wordsByMap(insert(text, insertions), shifted, source))
          expect(before).toBe(after)
      }),
      { numRuns: 500 },
    )
  })

  /** What takes the indentation away again: a text of negative length. */
  function unindent(source: string, line: number): Insertion {
    const offset = source.split('\n').slice(0, line).join('\n').length + (line === 0 ? 0 : 1)
    return { offset, text: { length: -100 } as string }
  }
})
