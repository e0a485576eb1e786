import { QueryParseError } from './query-problem.ts'
import { PLAIN_FIELD, isDelimiter, isEscapable, isQuote, isSpace } from './characters.ts'

/** A text of a query with its place. */
export interface Lexeme {
  readonly offset: number
}

/** A word: literal texts with a wildcard between each two; one text is a word without wildcards. */
export interface WordLexeme extends Lexeme {
  readonly parts: readonly string[]
  /** As it was typed; keywords and numbers are told by it. */
  readonly raw: string
}

export interface RegexLexeme extends Lexeme {
  readonly source: string
  readonly ignoresCase: boolean
}

/** A name in front of `:` or of a comparison. */
export interface FieldLexeme extends Lexeme {
  readonly name: string
  /** `:` when something to compare with follows it, else a comparison, which stays to be read. */
  readonly isColon: boolean
}

/**
 * Reads the texts of a query from left to right. There is no fixed list of tokens, because what a character means depends
 * on what stands before it: `path:/api/v1` is a path, `path:/v\d/` an expression.
 */
export class Lexer {
  readonly text: string
  position = 0

  constructor(text: string) {
    this.text = text
  }

  /** The character at the position, `''` at the end. */
  get next(): string {
    return this.text[this.position] ?? ''
  }

  get isAtEnd(): boolean {
    return this.position >= this.text.length
  }

  at(offset: number): string {
    return this.text[this.position + offset] ?? ''
  }

  skipSpace(): void {
    while (isSpace(this.next)) this.position += 1
  }

  /** Takes a character that stands here. */
  takes(character: string): boolean {
    if (this.next !== character) return false
    this.position += 1
    return true
  }

  /** Takes a keyword in capitals that stands here as a word of its own. */
  takesKeyword(keyword: 'AND' | 'OR' | 'NOT'): boolean {
    if (!this.text.startsWith(keyword, this.position) || !isDelimiter(this.at(keyword.length))) return false
    this.position += keyword.length
    return true
  }

  /** A text in quotes, which begins here. Inside, a backslash stands before a quote or a backslash that is meant itself. */
  readQuoted(): string {
    const start = this.position
    this.position += 1
    let value = ''
    for (;;) {
      const character = this.next
      if (character === '') {
        throw new QueryParseError(
          'The quotation mark that opens here is not closed: close it, or write \\" to mean itself.',
          start,
        )
      }
      this.position += 1
      if (isQuote(character)) return value
      if (character === '\\' && (isQuote(this.next) || this.next === '\\')) {
        value += this.next
        this.position += 1
      } else {
        value += character
      }
    }
  }

  /** A word up to white space, a parenthesis or a quote. It may be empty when one of those stands here. */
  readWord(): WordLexeme {
    const offset = this.position
    const parts = ['']
    while (!isDelimiter(this.next)) {
      let character = this.next
      this.position += 1
      if (character === '*') {
        if (parts.length === 1 || parts.at(-1) !== '') parts.push('')
        continue
      }
      if (character === '\\' && isEscapable(this.next)) {
        character = this.next
        this.position += 1
      }
      parts[parts.length - 1] += character
    }
    return { offset, parts, raw: this.text.slice(offset, this.position) }
  }

  /** An expression between slashes; undefined, with nothing taken, when the slash that stands here is the beginning of a path. */
  readRegex(): RegexLexeme | undefined {
    const offset = this.position
    for (let end = offset + 1; end < this.text.length; end += 1) {
      if (this.text[end] === '\\') {
        end += 1
      } else if (this.text[end] === '/') {
        const ignoresCase = this.text[end + 1] === 'i'
        const after = end + (ignoresCase ? 2 : 1)
        if (end === offset + 1 || !isDelimiter(this.text[after] ?? '')) return undefined
        this.position = after
        return { offset, source: this.text.slice(offset + 1, end).replaceAll('\\/', '/'), ignoresCase }
      }
    }
    return undefined
  }

  /** A name of a field with what makes it one; undefined, with nothing taken, when none stands here. */
  readField(): FieldLexeme | undefined {
    const offset = this.position
    const name = isQuote(this.next) ? this.readQuoted() : this.#plainName()
    const after = this.next
    if (
      after === ':' &&
      !isSpace(this.at(1)) &&
      !/^:$|^$/.test(this.at(1)) &&
      !this.text.startsWith('//', this.position + 1)
    ) {
      this.position += 1
      if (name !== undefined) return { offset, name, isColon: true }
    } else if ((after === '<' || after === '>') && name !== undefined && !isDelimiter(this.at(1))) {
      return { offset, name, isColon: false }
    }
    this.position = offset
    return undefined
  }

  #plainName(): string | undefined {
    const start = this.position
    let end = start
    while (
      end < this.text.length &&
      !isDelimiter(this.text[end] ?? '') &&
      !/^[:<>\\*]$/.test(this.text[end] ?? '')
    )
      end += 1
    const name = this.text.slice(start, end)
    this.position = end
    return PLAIN_FIELD.test(name) ? name : undefined
  }
}
