import { printTest } from './printer.ts'
import type { QueryMatch, QuerySign, QueryTest, QueryTree } from './tree.ts'

/** Longest text of a query that is repeated in an explanation. */
const MAX_SHOWN_LENGTH = 200

const SIGNS: Readonly<Record<QuerySign, string>> = {
  '>': 'above',
  '>=': 'at least',
  '<': 'below',
  '<=': 'at most',
}

/** The tree in words: `level is at least WARNING and has "timeout"`. */
export function explainQuery(tree: QueryTree): string {
  return explain(tree, false)
}

/** What is done with a query that does not parse. */
export function explainText(text: string): string {
  return `message or exception contains ${shown(JSON.stringify(text))}`
}

function explain(tree: QueryTree, isNegated: boolean): string {
  switch (tree.kind) {
    case 'all':
      return isNegated ? 'no record' : 'all records'
    case 'and':
    case 'or': {
      const text = tree.parts
        .map((part) =>
          part.kind === 'and' || part.kind === 'or' ? `(${explain(part, false)})` : explain(part, false),
        )
        .join(` ${tree.kind} `)
      return isNegated ? `not (${text})` : text
    }
    case 'not':
      return explain(tree.part, !isNegated)
    case 'match':
      return explainMatch(tree, isNegated)
  }
}

function explainMatch({ field, test }: QueryMatch, isNegated: boolean): string {
  if (field === null || field === 'message' || field === 'exception') {
    if (test.kind !== 'present' && test.kind !== 'compare' && test.kind !== 'range') {
      const [verb, not] = test.kind === 'regex' ? ['matches', 'does not match'] : ['has', 'does not have']
      const text = shown(test.kind === 'is' ? JSON.stringify(test.text) : patternText(test))
      return `${field === null ? '' : `${field} `}${isNegated ? not : verb} ${text}`
    }
  }
  return `${shown(field ?? '')} ${explainTest(test, isNegated)}`
}

function explainTest(test: QueryTest, isNegated: boolean): string {
  const is = isNegated ? 'is not' : 'is'
  switch (test.kind) {
    case 'is':
      return `${is} ${shown(test.text === '' ? 'empty' : test.text)}`
    case 'like':
      return `${is} like ${shown(patternText(test))}`
    case 'present':
      return isNegated ? 'is missing' : 'is present'
    case 'compare':
      return `${is} ${SIGNS[test.sign]} ${test.value}`
    case 'range':
      return test.to === null
        ? `${is} at least ${test.from}`
        : test.from === null
          ? `${is} at most ${test.to}`
          : `${is} from ${test.from} to ${test.to}`
    case 'regex':
      return `${isNegated ? 'does not match' : 'matches'} ${shown(printTest(test))}`
  }
}

/** A pattern needs no quotes here, so it is easier to read than it is printed. */
function patternText(test: QueryTest): string {
  return test.kind === 'like'
    ? test.parts.map((part) => part.replace(/[*\\]/g, '\\$&')).join('*')
    : printTest(test)
}

function shown(text: string): string {
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text
}
