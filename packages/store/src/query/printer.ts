import { KEYWORDS, PLAIN_FIELD, isDelimiter, isEscapable, isQuote } from './characters.ts'
import type { QueryBound, QueryMatch, QueryTest, QueryTree } from './tree.ts'

/** A text that is safe without quotes, in any place. */
const PLAIN_TEXT = /^[\p{L}\p{N}_#@$%+][\p{L}\p{N}_.#@$%+;,=-]*$/u

/** The query a tree is the tree of: `parseQuery(printQuery(tree))` is `tree` again. Never throws. */
export function printQuery(tree: QueryTree): string {
  switch (tree.kind) {
    case 'all':
      return '*'
    case 'and':
      return tree.parts.map((part) => inner(part)).join(' ')
    case 'or':
      return tree.parts.map((part) => inner(part)).join(' OR ')
    case 'not':
      return `-${inner(tree.part)}`
    case 'match':
      return printMatch(tree)
  }
}

function inner(tree: QueryTree): string {
  const text = printQuery(tree)
  return tree.kind === 'and' || tree.kind === 'or' ? `(${text})` : text
}

function printMatch({ field, test }: QueryMatch): string {
  return field === null ? printTest(test) : `${printField(field)}:${printTest(test)}`
}

export function printField(field: string): string {
  return PLAIN_FIELD.test(field) ? field : quoted(field)
}

/** What stands behind the colon, or alone. */
export function printTest(test: QueryTest): string {
  switch (test.kind) {
    case 'is':
      return PLAIN_TEXT.test(test.text) && !KEYWORDS.has(test.text) ? test.text : quoted(test.text)
    case 'like':
      return test.parts.map((part, index) => escaped(part, index === 0)).join('*')
    case 'present':
      return '*'
    case 'compare':
      return `${test.sign}${printBound(test.value)}`
    case 'range':
      return `[${printBound(test.from)} TO ${printBound(test.to)}]`
    case 'regex':
      return `/${test.source.replace(/\\[^]|\//g, (found) => (found === '/' ? '\\/' : found))}/${test.ignoresCase ? 'i' : ''}`
  }
}

function printBound(bound: QueryBound | null): string {
  return bound === null ? '*' : String(bound)
}

function quoted(text: string): string {
  let result = '"'
  for (const character of text)
    result += character === '\\' || isQuote(character) ? `\\${character}` : character
  return `${result}"`
}

/** Part of a word with wildcards: what could mean something is escaped, and more than that at the beginning of the word. */
function escaped(text: string, isFirst: boolean): string {
  let result = ''
  for (const character of text) {
    const isSafe =
      /^[_.#@$%+;,=]$/.test(character) ||
      (/^[-/]$/.test(character) && !(isFirst && result === '')) ||
      !(isEscapable(character) || isDelimiter(character))
    result += isSafe ? character : `\\${character}`
  }
  return result
}
