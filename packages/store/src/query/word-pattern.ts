import { endsWithWord, startsWithWord } from './characters.ts'
import type { RegexNode } from './regex.ts'

/** What a `*` inside a word stands for in prose: anything but white space. */
const RUN: RegexNode = {
  kind: 'repeat',
  min: 0,
  max: null,
  part: {
    kind: 'set',
    isNegated: true,
    ranges: [
      [0x09, 0x0d],
      [0x20, 0x20],
    ],
    categories: [],
  },
}

/** No character of a word; see characters.ts. */
const NO_WORD: RegexNode = {
  kind: 'set',
  isNegated: true,
  ranges: [
    [0x30, 0x39],
    [0x41, 0x5a],
    [0x61, 0x7a],
    [0x80, 0x10ffff],
  ],
  categories: [],
}

// The end of a line is the end of a word, so it does not matter that these stand for lines.
const WORD_START: RegexNode = { kind: 'choice', parts: [{ kind: 'assert', what: 'lineStart' }, NO_WORD] }
const WORD_END: RegexNode = { kind: 'choice', parts: [{ kind: 'assert', what: 'lineEnd' }, NO_WORD] }

/**
 * How a text with wildcards is searched in prose: where it begins or ends with a word, that word must begin or end there
 * as well, so `time` is not found in `timeout`. Parts and prose are in lower case.
 */
export function wordPattern(parts: readonly string[]): RegexNode {
  const sequence: RegexNode[] = []
  if (startsWithWord(parts[0] ?? '')) sequence.push(WORD_START)
  for (const [index, part] of parts.entries()) {
    // A wildcard at an end has nothing to decide.
    if (index > 0 && parts[index - 1] !== '' && part !== '') sequence.push(RUN)
    for (const character of part) sequence.push(literal(character.codePointAt(0) ?? 0))
  }
  if (endsWithWord(parts.at(-1) ?? '')) sequence.push(WORD_END)
  return { kind: 'sequence', parts: sequence }
}

function literal(point: number): RegexNode {
  return { kind: 'set', isNegated: false, ranges: [[point, point]], categories: [] }
}
