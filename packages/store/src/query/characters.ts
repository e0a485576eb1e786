/**
 * What characters mean to a query. Words are what the store's text indexes hold: runs of ASCII letters and digits and of
 * everything beyond ASCII, so `_` and `-` separate words.
 */
const WORD_RUN = /[0-9A-Za-z\u0080-\u{10ffff}]+/gu
const WORD_AT_START = /^[0-9A-Za-z\u0080-\u{10ffff}]/u
const WORD_AT_END = /[0-9A-Za-z\u0080-\u{10ffff}]$/u

/** The words of a text, in order. */
export function wordsOf(text: string): string[] {
  return text.match(WORD_RUN) ?? []
}

export function startsWithWord(text: string): boolean {
  return WORD_AT_START.test(text)
}

export function endsWithWord(text: string): boolean {
  return WORD_AT_END.test(text)
}

/** Straight and curly quotation marks, which chats and word processors make of straight ones, are the same. */
export function isQuote(character: string): boolean {
  return character !== '' && '"“”„‟'.includes(character)
}

export function isSpace(character: string): boolean {
  return /^\s$/.test(character)
}

/** What ends an unquoted word. */
export function isDelimiter(character: string): boolean {
  return (
    character === '' || character === '(' || character === ')' || isQuote(character) || isSpace(character)
  )
}

/** A name of a field that needs no quotes. */
export const PLAIN_FIELD = /^[\p{L}_@$][\p{L}\p{N}_.@$-]*$/u

/** ASCII punctuation, which a backslash takes literally outside quotes; before letters and digits it is itself. */
const PUNCTUATION = /^[!-/:-@[-`{-~]$/

export function isEscapable(character: string): boolean {
  return PUNCTUATION.test(character) || isQuote(character) || isSpace(character)
}

/** Words that mean something to the grammar. */
export const KEYWORDS: ReadonlySet<string> = new Set(['AND', 'OR', 'NOT', 'TO'])
