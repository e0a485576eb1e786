/**
 * Queries as text: adding conditions, and what of a typed query may be marked or searched more widely. The log server alone
 * decides what a query means; here it is only cut at its white space, so that what is not understood stays as it is.
 * The grammar: docs/query-language.md.
 */

/** A value that means itself without quotes, wherever it stands. */
const PLAIN_VALUE = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u
const PLAIN_FIELD = /^[\p{L}_@$][\p{L}\p{N}_.@$-]*$/u
const KEYWORDS: ReadonlySet<string> = new Set(['AND', 'OR', 'NOT', 'TO'])
/** Straight and curly quotation marks are the same to a query. */
const QUOTES = '"“”„‟'
/** A word typed alone: nothing in it means anything else to the grammar. */
const BARE_WORD = /^[^\s"“”„‟()*:<>\\/-][^\s"“”„‟()*:<>\\/]*$/u
/** Longest value worth a condition: the query and its URL must stay short. */
const LONGEST_VALUE = 1000
/** Longest name the query language takes. */
const LONGEST_NAME = 128

/** The text in quotes, with what would end them escaped. */
export function quoted(text: string): string {
  return `"${text.replace(/[\\"“”„‟]/g, '\\$&')}"`
}

/** A name as it stands in front of a colon; undefined when a query cannot name it. */
function fieldName(name: string): string | undefined {
  if (name.trim() === '' || name.length > LONGEST_NAME) return undefined
  return PLAIN_FIELD.test(name) ? name : quoted(name)
}

/**
 * `status_code:500`, `path:"/api/v1"`: the condition that a field has a value; undefined where there is no such condition,
 * for a value that is empty or too long.
 */
export function fieldTerm(name: string, value: string): string | undefined {
  const field = fieldName(name)
  if (field === undefined || value.trim() === '' || value.length > LONGEST_VALUE) return undefined
  const isPlain = PLAIN_VALUE.test(value) && !KEYWORDS.has(value)
  return `${field}:${isPlain ? value : quoted(value)}`
}

/** The condition that a field is there, whatever its value; undefined when a query cannot name it. */
export function presenceTerm(name: string): string | undefined {
  const field = fieldName(name)
  return field === undefined ? undefined : `${field}:*`
}

/** The condition that the message is this one; of a long message its beginning, up to the end of a word. */
export function messageTerm(message: string): string {
  const text =
    message.length > LONGEST_VALUE ? message.slice(0, LONGEST_VALUE).replace(/\s\S*$/, '') : message
  return `message:${quoted(text)}`
}

/** The opposite of a condition. */
export function negated(term: string): string {
  return term.startsWith('-') ? term.slice(1) : `-${term}`
}

/** The query narrowed by one more condition, which takes the place of its own opposite. */
export function addTerm(q: string, term: string): string {
  const terms = splitQuery(q)
  const kept = terms.filter((other) => other !== negated(term) && other !== term)
  if (kept.length === 0) return term
  const rest = kept.length === terms.length ? q.trim() : kept.join(' ')
  return `${kept.includes('OR') ? `(${rest})` : rest} ${term}`
}

/** The query cut at white space outside of quotes and parentheses. Joined with spaces it means the same. */
export function splitQuery(q: string): readonly string[] {
  const terms: string[] = []
  let term = ''
  let depth = 0
  let isQuoted = false
  for (let at = 0; at < q.length; at++) {
    const character = q.charAt(at)
    if (character === '\\' && at + 1 < q.length) {
      term += character + q.charAt(++at)
      continue
    }
    if (QUOTES.includes(character)) isQuoted = !isQuoted
    else if (!isQuoted && character === '(') depth++
    else if (!isQuoted && character === ')') depth--
    if (!isQuoted && depth <= 0 && /\s/.test(character)) {
      if (term !== '') terms.push(term)
      term = ''
    } else term += character
  }
  if (term !== '') terms.push(term)
  return terms
}

/**
 * The query with its words searched in any part of a word, `time` as `*time*`; undefined when it has no words of its own.
 * Words that must not be there stay whole: nobody who excludes `job` means `jobs`, too.
 */
export function partsOfWords(q: string): string | undefined {
  const terms = splitQuery(q)
  const wider = terms.map((term, index) =>
    BARE_WORD.test(term) && !KEYWORDS.has(term) && terms[index - 1] !== 'NOT' ? `*${term}*` : term,
  )
  return wider.every((term, index) => term === terms[index]) ? undefined : wider.join(' ')
}

/** What the indexes of the store take for part of a word. */
const WORD_CHARACTER = String.raw`[0-9A-Za-z\u0080-\u{10ffff}]`

function escapeForPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
}

/** The texts of a query that are searched in messages, as patterns. */
function textPatterns(q: string, depth = 0): readonly string[] {
  const terms = splitQuery(q)
  return terms.flatMap((term, index): readonly string[] => {
    const text = term.replace(/^(?:message|exception):/, '')
    if (text.startsWith('-') || terms[index - 1] === 'NOT' || KEYWORDS.has(text)) return []
    if (text.startsWith('(') && text.endsWith(')') && depth < 8)
      return textPatterns(text.slice(1, -1), depth + 1)
    const isQuotedText = QUOTES.includes(text.charAt(0)) && text.length > 2 && QUOTES.includes(text.slice(-1))
    if (isQuotedText) return [wholeWords(text.slice(1, -1).replace(/\\(.)/g, '$1'))]
    const parts = text.split('*')
    if (!parts.every((part) => part === '' || BARE_WORD.test(part) || /^-[\p{L}\p{N}]/u.test(part))) return []
    if (parts.length === 1) return [wholeWords(text)]
    return parts.filter((part) => part !== '').map(escapeForPattern)
  })
}

function wholeWords(text: string): string {
  const before = new RegExp(`^${WORD_CHARACTER}`, 'u').test(text) ? `(?<!${WORD_CHARACTER})` : ''
  const after = new RegExp(`${WORD_CHARACTER}$`, 'u').test(text) ? `(?!${WORD_CHARACTER})` : ''
  return before + escapeForPattern(text) + after
}

/** What to mark in messages for a query and a literal text; null for nothing. */
export function markPattern(q: string, search: string): RegExp | null {
  const patterns = [...textPatterns(q), ...(search === '' ? [] : [escapeForPattern(search)])]
  return patterns.length === 0 ? null : new RegExp(patterns.join('|'), 'giu')
}
