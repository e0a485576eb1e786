import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { markPattern } from '../state/query-text.ts'
import { CELL_LIMIT, oneLine, splitMatches, visibleParts, visibleText } from './visible-text.ts'

describe('making log text visible', () => {
  it.each([
    ['a right-to-left override', 'admin\u202egpj.exe', 'adminU+202Egpj.exe'],
    ['a bidirectional isolate', 'a\u2066b\u2069', 'aU+2066bU+2069'],
    ['an escape sequence for red', '\u001b[31mred', 'ESC[31mred'],
    ['NUL and DEL', 'a\u0000b\u007f', 'aNULbDEL'],
    ['a carriage return that would hide what came before', 'real\rfake', 'realCRfake'],
    ['a C1 control', '\u009bm', 'U+009Bm'],
    ['a zero-width space', 'pass\u200bword', 'passU+200Bword'],
    ['a line separator', 'a\u2028b', 'aU+2028b'],
    ['a byte order mark', '\ufeffa', 'U+FEFFa'],
    ['a tag character', 'a\u{e0041}b', 'aU+E0041b'],
    ['a lone surrogate', 'a\ud800b', 'aU+D800b'],
    ['a joiner that joins nothing', 'ad\u200dmin', 'adU+200Dmin'],
  ])('shows %s', (_name, text, shown) => {
    expect(visibleText(text)).toBe(shown)
  })

  it.each([
    ['tab and line feed', 'a\tb\nc'],
    ['emoji joined to one', '👩‍👩‍👧 ❤️‍🔥'],
    ['Persian with a non-joiner', 'می‌خواهم'],
    ['Devanagari with a joiner', 'क्‍ष'],
    ['Chinese, accents and symbols', '作业 café → ✅'],
    ['markup', '<script>alert(1)</script>&amp;'],
  ])('leaves %s as it is', (_name, text) => {
    expect(visibleParts(text)).toEqual([{ text }])
  })

  it('names the character a sign stands for', () => {
    expect(visibleParts('a\u202eb')).toEqual([
      { text: 'a' },
      { text: 'U+202E', codePoint: 'U+202E' },
      { text: 'b' },
    ])
    expect(visibleParts('\u001b')).toEqual([{ text: 'ESC', codePoint: 'U+001B' }])
  })

  it('gives the same answer each time it is asked', () => {
    const first = visibleText('\u202ea\u202eb')
    expect([visibleText('\u202ea\u202eb'), visibleText('\u202ea\u202eb')]).toEqual([first, first])
  })

  it('never leaves a control or directional character in what is shown', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(visibleText(text)).not.toMatch(
          /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]/,
        )
      }),
    )
  })

  it('leaves nothing out: signs put back give the text again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const back = visibleParts(text)
          .map((part) =>
            part.codePoint === undefined
              ? part.text
              : String.fromCodePoint(Number.parseInt(part.codePoint.slice(2), 16)),
          )
          .join('')
        expect(back).toBe(text)
      }),
    )
  })
})

describe('one line of a message', () => {
  it('marks line ends and keeps one line', () => {
    expect(oneLine('two\nlines\r\nthree\tcolumns')).toBe('two ⏎ lines ⏎ three columns')
  })

  it('cuts what is longer than a cell may be, between characters', () => {
    const long = oneLine('x'.repeat(CELL_LIMIT - 1) + '👩' + 'y'.repeat(10))
    expect(long).toBe('x'.repeat(CELL_LIMIT - 1) + '…')
    expect(oneLine('x'.repeat(CELL_LIMIT))).toHaveLength(CELL_LIMIT)
  })
})

describe('marking what a search found', () => {
  it.each([
    ['whatever the case', 'Job failed, JOB lost', /job/gi, ['Job', 'JOB']],
    ['nowhere', 'abc', /x/g, []],
    ['nothing, and goes on', 'abc', /x*/g, []],
    ['without a pattern', 'abc', null, []],
  ])('finds it %s', (_name, text, pattern, found) => {
    expect(
      splitMatches(text, pattern)
        .filter((piece) => piece.isMatch)
        .map((piece) => piece.text),
    ).toEqual(found)
  })

  it('loses no character, whatever is searched', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.string({ maxLength: 4 }), (text, search) => {
        const pieces = splitMatches(text, markPattern('', search))
        expect(pieces.map((piece) => piece.text).join('')).toBe(text)
        expect(pieces.every((piece) => piece.text !== '')).toBe(true)
      }),
    )
  })
})
