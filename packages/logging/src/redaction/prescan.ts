/**
 * One pass over a text that says which shapes could be in it, so that the usual message ("Processing job #123") pays for no
 * regular expression at all. It may say yes for nothing; it never says no where a finder would find something (a test
 * compares both). Cost: about 1 ns for each character.
 */

/** `@` or `%40`: e-mail addresses, user info of URLs. */
export const MAY_HOLD_AT = 1
/** `=`, `:` or `--name`: keys with values, headers, query strings. */
export const MAY_HOLD_ASSIGNMENT = 2
/** Sixteen or more characters of a token in a row, not only lower-case hexadecimal (UUIDs, hashes): JWT, keys of clouds. */
export const MAY_HOLD_TOKEN = 4
/** Thirteen or more digits, single spaces and dashes between them allowed. */
export const MAY_HOLD_CARD = 8
/** Two letters and two digits where a word begins. */
export const MAY_HOLD_IBAN = 16
/** `Bearer` or `Basic` before a space. */
export const MAY_HOLD_CREDENTIALS = 32
/** Five dashes. */
export const MAY_HOLD_PEM = 64

const LONGEST_HARMLESS_TOKEN = 15
const SHORTEST_CARD = 13

const OTHER = 0
const DIGIT = 1
const HEX_LETTER = 2
const TOKEN_LETTER = 3
const DASH = 4
const SPACE = 5
const ASSIGN = 6
const AT = 7
const PERCENT = 8

const KIND = new Uint8Array(128)
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code)
  KIND[code] = /[0-9]/.test(character)
    ? DIGIT
    : /[a-f]/.test(character)
      ? HEX_LETTER
      : /[A-Zg-z_]/.test(character)
        ? TOKEN_LETTER
        : character === '-'
          ? DASH
          : /[ \t]/.test(character)
            ? SPACE
            : /[=:]/.test(character)
              ? ASSIGN
              : character === '@'
                ? AT
                : character === '%'
                  ? PERCENT
                  : OTHER
}

/** The shapes that could be in `text`, as a sum of the MAY_HOLD_ constants; 0 for most texts. */
export function prescan(text: string): number {
  let flags = 0
  let run = 0
  let isHexOnly = true
  let cardDigits = 0
  let previous = OTHER
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    const kind = code < 128 ? (KIND[code] as number) : OTHER
    switch (kind) {
      case DIGIT:
        run++
        if (++cardDigits >= SHORTEST_CARD) flags |= MAY_HOLD_CARD
        if (previous === DIGIT && isIbanStart(text, index)) flags |= MAY_HOLD_IBAN
        break
      case TOKEN_LETTER:
        isHexOnly = false
        run++
        cardDigits = 0
        break
      case HEX_LETTER:
        run++
        cardDigits = 0
        break
      case DASH:
        run++
        if (previous === DASH) {
          cardDigits = 0
          flags |= dashes(text, index)
        } else if (previous !== DIGIT) cardDigits = 0
        break
      case SPACE:
        if (previous !== DIGIT) {
          cardDigits = 0
          if (isSchemeBefore(text, index)) flags |= MAY_HOLD_CREDENTIALS
        }
        run = 0
        isHexOnly = true
        break
      case ASSIGN:
        if (!isTimeColon(text, index, code, previous)) flags |= MAY_HOLD_ASSIGNMENT
        run = 0
        isHexOnly = true
        cardDigits = 0
        break
      case AT:
        flags |= MAY_HOLD_AT
        run = 0
        isHexOnly = true
        cardDigits = 0
        break
      case PERCENT:
        flags |= percent(text, index)
        run = 0
        isHexOnly = true
        cardDigits = 0
        break
      default:
        run = 0
        isHexOnly = true
        cardDigits = 0
    }
    if (run > LONGEST_HARMLESS_TOKEN && !isHexOnly) flags |= MAY_HOLD_TOKEN
    previous = kind
  }
  return flags
}

/** The second digit after two letters at the beginning of a word, `DE89`. */
function isIbanStart(text: string, index: number): boolean {
  return (
    index >= 3 &&
    isLetter(text.charCodeAt(index - 2)) &&
    isLetter(text.charCodeAt(index - 3)) &&
    !(index > 3 && isAlphanumeric(text.charCodeAt(index - 4)))
  )
}

/** True for an ASCII letter. */
export function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
}

/** True for an ASCII letter or digit. */
export function isAlphanumeric(code: number): boolean {
  return isLetter(code) || (code >= 48 && code <= 57)
}

/** A space after `bearer` or `basic`, told by their last three letters. */
function isSchemeBefore(text: string, index: number): boolean {
  if (index < 5) return false
  const last = text.charCodeAt(index - 1) | 32
  if (last === 114)
    return (text.charCodeAt(index - 2) | 32) === 101 && (text.charCodeAt(index - 3) | 32) === 114
  return last === 99 && (text.charCodeAt(index - 2) | 32) === 105 && (text.charCodeAt(index - 3) | 32) === 115
}

/** The colon of a time of day or a port, `22:30`, or of `https://`: too common to cost a search. */
function isTimeColon(text: string, index: number, code: number, previous: number): boolean {
  if (code !== 58) return false
  const next = text.charCodeAt(index + 1)
  return (
    (previous === DIGIT && next >= 48 && next <= 57) || (next === 47 && text.charCodeAt(index + 2) === 47)
  )
}

/** After two dashes: three more before them (PEM), or a letter behind them (`--password`). */
function dashes(text: string, index: number): number {
  const isPem = index >= 4 && text.startsWith('-----', index - 4)
  return (isPem ? MAY_HOLD_PEM : 0) | (isLetter(text.charCodeAt(index + 1)) ? MAY_HOLD_ASSIGNMENT : 0)
}

/** `%40` is an @, `%3D` a =, `%3A` a :. */
function percent(text: string, index: number): number {
  const first = text.charCodeAt(index + 1)
  if (first === 52 && text.charCodeAt(index + 2) === 48) return MAY_HOLD_AT
  return first === 51 ? MAY_HOLD_ASSIGNMENT : 0
}
