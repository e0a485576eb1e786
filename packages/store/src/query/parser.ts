import { PLAIN_FIELD, isDelimiter, isQuote } from './characters.ts'
import { readBound, readEqual, type ReadValue } from './field-value.ts'
import { Lexer, type WordLexeme } from './lexer.ts'
import {
  MAX_FIELD_LENGTH,
  MAX_QUERY_DEPTH,
  MAX_QUERY_LENGTH,
  MAX_QUERY_TERMS,
  MAX_WILDCARDS,
} from './query-limits.ts'
import { wellFormed } from '../sql/well-formed.ts'
import { QueryParseError } from './query-problem.ts'
import { parseRegex } from './regex.ts'
import type { QueryBound, QuerySign, QueryTest, QueryTree } from './tree.ts'

/**
 * The tree of a query; the grammar is told in docs/query-language.md.
 *
 * @throws QueryParseError
 */
export function parseQuery(text: string): QueryTree {
  if (text.length > MAX_QUERY_LENGTH) {
    throw new QueryParseError(
      `The query has ${text.length} characters; at most ${MAX_QUERY_LENGTH} are taken.`,
      MAX_QUERY_LENGTH,
      true,
    )
  }
  return new Parser(wellFormed(text)).parse()
}

/** `undefined`: outside of any field; else the field whose values are read. */
type FieldContext = string | undefined

class Parser {
  readonly #lexer: Lexer
  #depth = 0
  #terms = 0

  constructor(text: string) {
    this.#lexer = new Lexer(text)
  }

  parse(): QueryTree {
    const lexer = this.#lexer
    lexer.skipSpace()
    if (lexer.isAtEnd) return { kind: 'all' }
    const tree = this.#or(undefined)
    if (!lexer.isAtEnd)
      throw this.#problem('This parenthesis closes nothing: remove it, or put it in quotes.')
    return tree
  }

  #problem(message: string, offset = this.#lexer.position): QueryParseError {
    return new QueryParseError(message, offset)
  }

  #or(field: FieldContext): QueryTree {
    const parts = [this.#and(field)]
    while (this.#lexer.takesKeyword('OR')) parts.push(this.#and(field))
    return combine('or', parts)
  }

  #and(field: FieldContext): QueryTree {
    const lexer = this.#lexer
    const parts: QueryTree[] = []
    for (;;) {
      lexer.skipSpace()
      const start = lexer.position
      if (parts.length > 0 && lexer.takesKeyword('AND')) lexer.skipSpace()
      else if (lexer.isAtEnd || lexer.next === ')' || (parts.length > 0 && this.#isAtOr())) break
      parts.push(this.#unary(field, start))
    }
    if (parts.length === 0) {
      throw this.#problem(
        lexer.isAtEnd ? 'Something is missing at the end.' : 'Something is missing before this parenthesis.',
      )
    }
    return combine('and', parts)
  }

  #isAtOr(): boolean {
    const start = this.#lexer.position
    const isOr = this.#lexer.takesKeyword('OR')
    this.#lexer.position = start
    return isOr
  }

  #unary(field: FieldContext, start: number): QueryTree {
    const lexer = this.#lexer
    if (lexer.isAtEnd || lexer.next === ')') throw this.#problem('Something is missing after this.', start)
    if (lexer.takesKeyword('NOT')) {
      lexer.skipSpace()
      return this.#not(field, start)
    }
    if (lexer.next === '-' && (!isDelimiter(lexer.at(1)) || lexer.at(1) === '(' || isQuote(lexer.at(1)))) {
      lexer.position += 1
      return this.#not(field, start)
    }
    if (lexer.next === '(') return this.#group(field)
    for (const keyword of ['AND', 'OR'] as const) {
      if (lexer.takesKeyword(keyword)) {
        throw this.#problem(
          `Something is missing beside ${keyword}. To search for the word, write "${keyword}".`,
          start,
        )
      }
    }
    return field === undefined ? this.#term() : this.#value(field)
  }

  #not(field: FieldContext, start: number): QueryTree {
    return { kind: 'not', part: this.#deeper(() => this.#unary(field, start)) }
  }

  #group(field: FieldContext): QueryTree {
    const start = this.#lexer.position
    this.#lexer.position += 1
    const tree = this.#deeper(() => this.#or(field))
    if (!this.#lexer.takes(')')) throw this.#problem('The parenthesis that opens here is not closed.', start)
    return tree
  }

  #deeper<T>(read: () => T): T {
    this.#depth += 1
    if (this.#depth > MAX_QUERY_DEPTH) {
      throw new QueryParseError(
        `The query is nested more than ${MAX_QUERY_DEPTH} deep; leave out parentheses.`,
        this.#lexer.position,
        true,
      )
    }
    const result = read()
    this.#depth -= 1
    return result
  }

  /** A word, phrase or expression, or a field with what is asked of it. */
  #term(): QueryTree {
    const lexer = this.#lexer
    const field = lexer.readField()
    if (field === undefined) return this.#text()
    if (field.name === '' || field.name.length > MAX_FIELD_LENGTH) {
      throw this.#problem(
        `The name of this field has ${field.name.length} characters, expected 1 to ${MAX_FIELD_LENGTH}. To search for the text, put it all in quotes.`,
        field.offset,
      )
    }
    return field.isColon && lexer.next === '(' ? this.#group(field.name) : this.#value(field.name)
  }

  /** What is searched for in message, exception and logger. */
  #text(): QueryTree {
    const lexer = this.#lexer
    const offset = lexer.position
    if (isQuote(lexer.next)) {
      const text = lexer.readQuoted()
      if (text === '') this.#emptyQuotes(offset)
      return this.#match(null, { kind: 'is', text }, offset)
    }
    const regex = this.#regex()
    if (regex !== undefined) return this.#match(null, regex, offset)
    const { parts } = lexer.readWord()
    if (parts.every((part) => part === '')) {
      return parts.length > 1 ? this.#counted({ kind: 'all' }, offset) : this.#emptyWord(offset)
    }
    return this.#match(null, this.#pattern(parts, offset), offset)
  }

  #pattern(parts: readonly string[], offset: number): QueryTest {
    if (parts.length > MAX_WILDCARDS + 1) {
      throw this.#problem(
        `This word has ${parts.length - 1} wildcards; at most ${MAX_WILDCARDS} are taken. To search for the sign, write \\*.`,
        offset,
      )
    }
    return parts.length === 1 ? { kind: 'is', text: parts[0] ?? '' } : { kind: 'like', parts }
  }

  #emptyWord(offset: number): never {
    throw this.#problem('Something is missing here.', offset)
  }

  #emptyQuotes(offset: number): never {
    throw this.#problem('There is nothing between these quotation marks.', offset)
  }

  #value(field: string): QueryTree {
    const lexer = this.#lexer
    const offset = lexer.position
    if (isQuote(lexer.next)) return this.#equal(field, lexer.readQuoted(), true, offset)
    if (lexer.next === '[') return this.#match(field, this.#range(field), offset)
    const sign = this.#sign()
    if (sign !== undefined) return this.#match(field, this.#comparison(field, sign), offset)
    const regex = this.#regex()
    if (regex !== undefined) {
      this.#refuseForTime(field, 'an expression', offset)
      return this.#match(field, regex, offset)
    }
    const word = lexer.readWord()
    if (word.parts.length === 1) return this.#equal(field, word.parts[0] ?? '', false, offset)
    if (word.parts.every((part) => part === '')) return this.#match(field, { kind: 'present' }, offset)
    this.#refuseForTime(field, 'a pattern', offset)
    return this.#match(field, this.#pattern(word.parts, offset), offset)
  }

  #refuseForTime(field: string, what: string, offset: number): void {
    if (field !== 'timestamp') return
    throw this.#problem(
      `A timestamp is not compared with ${what}: write timestamp:>=2025-11-11, or timestamp:[2025-11-11 TO 2025-11-12].`,
      offset,
    )
  }

  #equal(field: string, text: string, isQuoted: boolean, offset: number): QueryTree {
    if (text === '' && !isQuoted) this.#emptyWord(offset)
    if (text === '' && (field === 'message' || field === 'exception')) this.#emptyQuotes(offset)
    const value = this.#read(text, readEqual(field, text, isQuoted), offset)
    return this.#match(field, { kind: 'is', text: value }, offset)
  }

  #sign(): QuerySign | undefined {
    const { next } = this.#lexer
    if (next !== '<' && next !== '>') return undefined
    this.#lexer.position += 1
    return this.#lexer.takes('=') ? `${next}=` : next
  }

  #comparison(field: string, sign: QuerySign): QueryTest {
    const { offset, text } = this.#boundWord()
    if (text === '') throw this.#problem(`There is nothing to compare with after ${sign}.`, offset)
    return { kind: 'compare', sign, value: this.#read(text, readBound(field, text), offset) }
  }

  #boundWord(): { offset: number; text: string } {
    const lexer = this.#lexer
    const offset = lexer.position
    if (isQuote(lexer.next)) return { offset, text: lexer.readQuoted() }
    return { offset, text: literal(lexer.readWord()) }
  }

  #range(field: string): QueryTest {
    const lexer = this.#lexer
    const start = lexer.position
    const match = /^\[\s*(\S+)\s+TO\s+([^\s\]]+)\s*\]/.exec(lexer.text.slice(start, start + MAX_RANGE_LENGTH))
    if (match === null) {
      throw this.#problem(
        'A range is written [500 TO 599]. To search for a bracket, put the value in quotes.',
        start,
      )
    }
    const [whole, from = '', to = ''] = match
    const bound = (text: string, offset: number): QueryBound | null =>
      text === '*' ? null : this.#read(text, readBound(field, text), offset)
    const test = {
      kind: 'range',
      from: bound(from, start + whole.indexOf(from)),
      to: bound(to, start + whole.lastIndexOf(to)),
    } as const
    if (test.from === null && test.to === null) {
      throw this.#problem(
        `This range is open at both ends: write ${printedName(field)}:* for any value.`,
        start,
      )
    }
    lexer.position += whole.length
    return test
  }

  #regex(): QueryTest | undefined {
    const lexer = this.#lexer
    if (lexer.next !== '/') return undefined
    const regex = lexer.readRegex()
    if (regex === undefined) return undefined
    try {
      parseRegex(regex.source)
    } catch (error) {
      if (!(error instanceof QueryParseError)) throw error
      throw this.#problem(
        `${error.message} To search for a path, put it in quotes.`,
        regex.offset + 1 + error.offset,
      )
    }
    return { kind: 'regex', source: regex.source, ignoresCase: regex.ignoresCase }
  }

  #read<T>(text: string, read: ReadValue<T>, offset: number): T {
    if ('value' in read) return read.value
    throw this.#problem(`${shortened(text)} ${read.problem}.`, offset)
  }

  #match(field: string | null, test: QueryTest, offset: number): QueryTree {
    return this.#counted({ kind: 'match', field, test }, offset)
  }

  #counted(tree: QueryTree, offset: number): QueryTree {
    this.#terms += 1
    if (this.#terms > MAX_QUERY_TERMS) {
      throw new QueryParseError(
        `The query has more than ${MAX_QUERY_TERMS} terms; ask for fewer, or use a pattern.`,
        offset,
        true,
      )
    }
    return tree
  }
}

/** Longest text of a range that is looked at. */
const MAX_RANGE_LENGTH = 300

function combine(kind: 'and' | 'or', parts: readonly QueryTree[]): QueryTree {
  return parts.length === 1 ? (parts[0] as QueryTree) : { kind, parts }
}

function literal(word: WordLexeme): string {
  return word.parts.join('*')
}

function shortened(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

function printedName(field: string): string {
  return PLAIN_FIELD.test(field) ? field : JSON.stringify(field)
}
