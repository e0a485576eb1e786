import type { RegexAssertion, RegexNode, RegexSet } from './regex.ts'

/** In which dialect a regular expression is written out. */
export type RegexDialect = 're2' | 'javascript'

const ASSERTIONS: Readonly<Record<RegexAssertion, string>> = {
  lineStart: '^',
  lineEnd: '$',
  wordEdge: '\\b',
  noWordEdge: '\\B',
}

/** The expression for the engine (RE2), with its flags: lines are known, `.` is no newline. */
export function re2Text(node: RegexNode, ignoresCase: boolean): string {
  return `(?m${ignoresCase ? 'i' : ''}-s)${nodeText(node)}`
}

function nodeText(node: RegexNode): string {
  switch (node.kind) {
    case 'set':
      return setText(node, 're2')
    case 'assert':
      return ASSERTIONS[node.what]
    case 'sequence':
      return `(?:${node.parts.map(nodeText).join('')})`
    case 'choice':
      return `(?:${node.parts.map(nodeText).join('|')})`
    case 'repeat': {
      const { min, max } = node
      const times =
        max === null
          ? min === 0
            ? '*'
            : min === 1
              ? '+'
              : `{${min},}`
          : min === 0 && max === 1
            ? '?'
            : `{${min},${max}}`
      return `(?:${nodeText(node.part)})${times}`
    }
  }
}

/** A set of characters in either dialect; one character without brackets. */
export function setText(set: RegexSet, dialect: RegexDialect): string {
  const [range] = set.ranges
  if (!set.isNegated && set.categories.length === 0 && set.ranges.length === 1 && range?.[0] === range?.[1]) {
    return characterText(range?.[0] ?? 0, dialect)
  }
  const ranges = set.ranges.map(([first, last]) =>
    first === last
      ? characterText(first, dialect)
      : `${characterText(first, dialect)}-${characterText(last, dialect)}`,
  )
  const categories = set.categories.map((name) =>
    name.startsWith('^') ? `\\P{${name.slice(1)}}` : `\\p{${name}}`,
  )
  return `[${set.isNegated ? '^' : ''}${ranges.join('')}${categories.join('')}]`
}

/**
 * Letters and digits as they are, ASCII punctuation after a backslash, anything else by its number: the engine looks for
 * the literal parts of an expression with a reader of its own, which knows these forms.
 */
function characterText(point: number, dialect: RegexDialect): string {
  const character = String.fromCodePoint(point)
  if (/^[0-9A-Za-z]$/.test(character)) return character
  if (point > 0x20 && point < 0x7f) {
    // JavaScript's strict mode knows escapes of syntax characters only.
    return dialect === 're2' || /[\^$\\.*+?()[\]{}|/-]/.test(character) ? `\\${character}` : character
  }
  const hex = point.toString(16)
  return dialect === 're2' ? `\\x{${hex}}` : `\\u{${hex}}`
}
