import { isAlphanumeric } from './prescan.ts'
import type { Spans } from './spans.ts'

/** Known issuers: the range of the first digits, compared at its own length, and the lengths of their numbers. */
const ISSUERS: readonly (readonly [from: number, to: number, lengths: readonly number[]])[] = [
  [4, 4, [13, 16, 19]], // Visa
  [51, 55, [16]], // Mastercard
  [2221, 2720, [16]], // Mastercard
  [34, 34, [15]], // American Express
  [37, 37, [15]],
  [6011, 6011, [16, 17, 18, 19]], // Discover
  [644, 649, [16, 17, 18, 19]],
  [65, 65, [16, 17, 18, 19]],
  [300, 305, [14, 16]], // Diners Club
  [36, 36, [14, 16]],
  [38, 39, [14, 16]],
  [3528, 3589, [16, 17, 18, 19]], // JCB
  [62, 62, [16, 17, 18, 19]], // UnionPay
  [2200, 2204, [16, 17, 18, 19]], // Mir
  [5018, 5018, [13, 15, 16, 18, 19]], // Maestro
  [5020, 5020, [13, 15, 16, 18, 19]],
  [5038, 5038, [13, 15, 16, 18, 19]],
  [5893, 5893, [13, 15, 16, 18, 19]],
  [6304, 6304, [13, 15, 16, 18, 19]],
  [6759, 6763, [13, 15, 16, 18, 19]],
]

/** How the digits of a printed number are grouped. */
const GROUPINGS: ReadonlySet<string> = new Set([
  '4,4,4,4',
  '4,6,5',
  '4,6,4',
  '4,4,4,4,3',
  '4,4,5',
  '4,4,4,1',
  '6,13',
])
const MAX_GROUPS = 5

/** Digits of a card: a known issuer, the right length for it, and a correct check digit (Luhn). */
export function isCardNumber(digits: string): boolean {
  if (digits.length < 13 || digits.length > 19 || !/^[2-6]/.test(digits)) return false
  const isIssued = ISSUERS.some(([from, to, lengths]) => {
    const prefix = Number(digits.slice(0, String(from).length))
    return prefix >= from && prefix <= to && lengths.includes(digits.length)
  })
  return isIssued && hasLuhnDigit(digits)
}

function hasLuhnDigit(digits: string): boolean {
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48
    sum += index % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2
  }
  return sum % 10 === 0
}

/**
 * Card numbers, written together or in the groups printed on cards, one space or dash between them. One random id of
 * sixteen digits in about sixty looks like a card: so a number that is called an id (`#4111…`, `id=4111…`, `video 4111…`) is
 * left alone.
 */
export function findCards(text: string, spans: Spans): void {
  const runs = /\d+(?:[ -]\d+)*/g
  for (let match = runs.exec(text); match !== null; match = runs.exec(text)) {
    const start = match.index
    const end = start + match[0].length
    if (match[0].length < 13 || isAlphanumeric(text.charCodeAt(end)) || isPartOfWord(text, start)) continue
    findInRun(text, start, match[0], spans)
  }
}

function isPartOfWord(text: string, start: number): boolean {
  return start > 0 && (isAlphanumeric(text.charCodeAt(start - 1)) || text[start - 1] === '_')
}

function findInRun(text: string, start: number, run: string, spans: Spans): void {
  const groups: { start: number; digits: string }[] = []
  for (const group of run.matchAll(/\d+/g)) groups.push({ start: start + group.index, digits: group[0] })
  for (let first = 0; first < groups.length; first++) {
    let digits = ''
    let lengths = ''
    for (let last = first; last < groups.length && last < first + MAX_GROUPS; last++) {
      const group = groups[last]
      if (group === undefined) break
      digits += group.digits
      lengths += `${last > first ? ',' : ''}${group.digits.length}`
      if (digits.length > 19) break
      if ((last > first && !GROUPINGS.has(lengths)) || !isCardNumber(digits)) continue
      const from = groups[first]?.start ?? start
      if (isNamedAsId(text, from)) continue
      spans.add(from, group.start + group.digits.length, 'card')
      first = last
      break
    }
  }
}

const ID_BEFORE =
  /(?:#|(?:^|[^a-z])(?:[a-z]+_)?(?:ids?|job|video|asset|account|user|order|request|task|offset|row|epoch|timestamp|ts)["']?[ :=#]{1,3}["']?)$/i

function isNamedAsId(text: string, start: number): boolean {
  return ID_BEFORE.test(text.slice(Math.max(0, start - 24), start))
}
