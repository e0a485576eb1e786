import { isAlphanumeric, isLetter } from './prescan.ts'
import {
  judgeKey,
  KEY_HARMLESS,
  KEY_SECRET_LINE,
  KEY_SECRET_TEXTS,
  type KeyVerdict,
} from './sensitive-keys.ts'
import { isMarkAt, type Spans } from './spans.ts'

const MAX_KEY_CHARACTERS = 64
const MAX_GAP_CHARACTERS = 8

/** Keys that hold secrets in a query string, while as fields of a record they mean something else. */
const QUERY_KEYS =
  /^(?:code|key|sig|signature|auth|session|sid|hash|state|nonce|x-amz-.*|x-goog-.*|awsaccesskeyid|policy|ticket|samlresponse|assertion)$/i

/** Words that say something about a secret instead of being one: "token: expired". */
const ABOUT =
  /^(?:expired?|invalid|missing|required|null|nil|none|undefined|true|false|not|must|is|was|has|ok|wrong|incorrect|revoked|rejected|refused|unknown|empty|malformed|too|cannot|no|for|from|and|or|the|function)(?![\w@$!%^*+-])/i

/**
 * Keys with values inside texts, `password=…`, `"apiKey": "…"`, `Authorization: …`, `?token=…`, `--secret …`, also
 * percent-encoded or with escaped quotes (JSON within JSON). The keys are judged as keys of fields are.
 *
 * Known gaps: a value without quotes ends at a space, comma, semicolon, `&` or bracket, so the rest of a pass phrase of several
 * words stays; "the password is hunter2" has neither = nor colon.
 */
export function findAssignments(text: string, spans: Spans, isSecretKey?: (key: string) => boolean): void {
  let position = 0
  while (position < text.length) {
    const sign = nextSign(text, position)
    if (sign === undefined) break
    position = sign.end
    const key = keyBefore(text, sign.start)
    if (key === undefined) continue
    const verdict = judgeTextKey(text, key, isSecretKey)
    if (verdict !== KEY_HARMLESS)
      position = Math.max(position, takeValue(text, sign.end, key, verdict, spans))
  }
  findOptions(text, spans)
}

/** `password = $1`: a place for a value in SQL. */
const PLACEHOLDER = /^(?:\$\d{1,3}|\?)(?![\w@$!%^*+-])/

interface Range {
  readonly start: number
  readonly end: number
}

/** The next `=`, `:`, `%3D` or `%3A` that can stand between a key and its value. */
function nextSign(text: string, from: number): Range | undefined {
  for (let index = from; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 61) return { start: index, end: index + (/[=>]/.test(text[index + 1] ?? '') ? 2 : 1) }
    if (code === 58 && !text.startsWith('//', index + 1)) return { start: index, end: index + 1 }
    if (code === 37 && /^%3[da]$/i.test(text.slice(index, index + 3))) return { start: index, end: index + 3 }
  }
  return undefined
}

function isKeyCode(code: number): boolean {
  return isAlphanumeric(code) || code === 95 || code === 45 || code === 46 || code === 36
}

/** The key that ends before `sign`, past spaces, quotes and a closing bracket (`user[password]=`). */
function keyBefore(text: string, sign: number): Range | undefined {
  let end = sign
  const first = Math.max(0, sign - MAX_GAP_CHARACTERS)
  while (end > first && /[\s"'`\\\]]/.test(text[end - 1] ?? '')) end--
  if (text.startsWith('%5D', end - 3) || text.startsWith('%5d', end - 3) || text.startsWith('%22', end - 3))
    end -= 3
  let start = end
  const last = Math.max(0, end - MAX_KEY_CHARACTERS)
  while (start > last && isKeyCode(text.charCodeAt(start - 1))) start--
  return start === end ? undefined : { start, end }
}

function judgeTextKey(text: string, key: Range, isSecretKey?: (key: string) => boolean): KeyVerdict {
  const before = text[key.start - 1] ?? ''
  let name = text.slice(key.start, key.end)
  // `%3Ftoken%3D`: the hexadecimal digits of the sign before it are no part of the key.
  if (before === '%') name = name.slice(2)
  const verdict = judgeKey(name)
  if (verdict !== KEY_HARMLESS) return verdict
  if (isSecretKey?.(name) === true) return KEY_SECRET_TEXTS
  const isQuery = before === '?' || before === '&' || before === '%'
  return isQuery && QUERY_KEYS.test(name) ? KEY_SECRET_TEXTS : KEY_HARMLESS
}

/** Adds the value that begins at `from`; returns where the search goes on. */
function takeValue(text: string, from: number, key: Range, verdict: KeyVerdict, spans: Spans): number {
  let start = from
  while (start < from + 4 && (text[start] === ' ' || text[start] === '\t')) start++
  if (isMarkAt(text, start)) return start
  let escapes = 0
  while (text[start + escapes] === '\\' && escapes < 8) escapes++
  const quote = text[start + escapes] ?? ''
  if (/["'`]/.test(quote)) {
    start += escapes + 1
    const end = endOfQuoted(text, start, quote, escapes)
    if (end > start && !isMarkAt(text, start)) spans.add(start, end)
    return end
  }
  if (/[[{(]/.test(quote)) {
    const end = endOfBrackets(text, start)
    spans.add(start, end)
    return end
  }
  const opening = text[key.start - 1] ?? ''
  const end =
    verdict === KEY_SECRET_LINE
      ? endOfLine(text, start, /["'`]/.test(opening) ? opening : '')
      : endOfWord(text, start)
  if (end === start || isNoSecret(text.slice(start, start + 24))) return from
  if (
    verdict === KEY_SECRET_TEXTS &&
    /^\d{1,12}$/.test(text.slice(start, end)) &&
    /tokens$/i.test(text.slice(key.start, key.end))
  )
    return end
  spans.add(start, end)
  return end
}

function isNoSecret(value: string): boolean {
  return ABOUT.test(value) || PLACEHOLDER.test(value)
}

/** The closing quote, at the same depth of escaping as the opening one; without it the end of the line. */
function endOfQuoted(text: string, from: number, quote: string, escapes: number): number {
  for (let index = from; index < text.length; index++) {
    const character = text[index]
    if (character === '\n') return index
    if (character === '\\') {
      let run = 1
      while (text[index + run] === '\\') run++
      if (text[index + run] === quote && run <= escapes) return index
      index += run
    } else if (character === quote) return index
  }
  return text.length
}

function endOfBrackets(text: string, from: number): number {
  let depth = 0
  for (let index = from; index < text.length; index++) {
    const character = text[index]
    if (character === '{' || character === '[' || character === '(') depth++
    else if ((character === '}' || character === ']' || character === ')') && --depth === 0) return index + 1
  }
  return text.length
}

function endOfLine(text: string, from: number, quote: string): number {
  for (let index = from; index < text.length; index++) {
    const character = text[index]
    if (character === '\n' || character === '\r' || (quote !== '' && character === quote)) return index
  }
  return text.length
}

function endOfWord(text: string, from: number): number {
  for (let index = from; index < text.length; index++) {
    if (/[\s,;&"'`<>)}\]|]/.test(text[index] ?? '') || text.startsWith('%26', index)) return index
  }
  return text.length
}

/** `--password hunter2` of command lines; with = or colon findAssignments has it already. */
function findOptions(text: string, spans: Spans): void {
  for (let dashes = text.indexOf('--'); dashes !== -1; dashes = text.indexOf('--', dashes + 2)) {
    let end = dashes + 2
    // An option begins a word.
    if (!isLetter(text.charCodeAt(end)) || (dashes > 0 && isKeyCode(text.charCodeAt(dashes - 1)))) continue
    while (end < dashes + MAX_KEY_CHARACTERS && isKeyCode(text.charCodeAt(end))) end++
    if (text[end] !== ' ' || judgeKey(text.slice(dashes + 2, end)) === KEY_HARMLESS) continue
    const quote = /["']/.test(text[end + 1] ?? '') ? (text[end + 1] ?? '') : ''
    const start = end + 1 + quote.length
    const stop = quote === '' ? endOfWord(text, start) : endOfQuoted(text, start, quote, 0)
    if (stop > start && text[start] !== '-' && !isMarkAt(text, start)) spans.add(start, stop)
  }
}
