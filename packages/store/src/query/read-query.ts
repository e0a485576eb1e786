import { explainQuery, explainText } from './explain.ts'
import { parseQuery } from './parser.ts'
import { QueryParseError, type QueryProblem } from './query-problem.ts'
import { textTree, type QueryTree } from './tree.ts'

/** How a query was understood. */
export interface QueryReading {
  /** What is searched for. Null when the query is too large to be asked at all: too long, too many terms, too deep. */
  readonly tree: QueryTree | null
  /** The tree in words. */
  readonly words: string
  /** Set when the query does not parse: its text is then searched in any part of message and exception, or it is refused. */
  readonly problem: QueryProblem | null
}

/** Reads a query of the query language (docs/query-language.md). Never throws, whatever the text; an empty one asks for all records. */
export function readQuery(text: string): QueryReading {
  try {
    const tree = parseQuery(text)
    return { tree, words: explainQuery(tree), problem: null }
  } catch (error) {
    if (!(error instanceof QueryParseError)) throw error
    const problem = { message: error.message, offset: error.offset }
    if (error.isTooLarge) return { tree: null, words: 'nothing: the query is too large', problem }
    return { tree: textTree(text.trim()), words: explainText(text.trim()), problem }
  }
}
