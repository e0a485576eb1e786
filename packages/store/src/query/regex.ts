import { QueryParseError } from './query-problem.ts'
import { MAX_QUERY_DEPTH, MAX_REGEX_LENGTH } from './query-limits.ts'

/**
 * Regular expressions of the query language: what RE2 and JavaScript both know and mean the same by, and what can be
 * decided in time that grows with the text alone. So no look-around and no back reference. `^` and `$` are the ends of
 * a line, `.` is anything but a newline, `\d \w \s \b` know ASCII only.
 *
 * An expression is taken apart here and written anew for the engine: nothing reaches it that was not understood.
 */
export type RegexNode =
  | RegexSet
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly RegexNode[] }
  | { readonly kind: 'repeat'; readonly part: RegexNode; readonly min: number; readonly max: number | null }
  | { readonly kind: 'assert'; readonly what: RegexAssertion }

/** One character out of a set. */
export interface RegexSet {
  readonly kind: 'set'
  readonly isNegated: boolean
  /** First and last code point of each range. */
  readonly ranges: readonly (readonly [number, number])[]
  /** Unicode categories, `L` or `Lu`; with a `^` before it, all others. */
  readonly categories: readonly string[]
}

export type RegexAssertion = 'lineStart' | 'lineEnd' | 'wordEdge' | 'noWordEdge'

/** RE2's own limit. */
const MAX_REPEAT = 1000

/** States an expression may need: what keeps the engine's automaton within its memory, and ours within its time. */
const MAX_STATES = 2000

/** What a set weighs in states, by experience with RE2: beyond ASCII it takes the bytes of UTF-8 apart. */
const WIDE_SET_STATES = 8
const CATEGORY_STATES = 100

/**
 * The expression taken apart.
 *
 * @throws QueryParseError with the offset inside the expression.
 */
export function parseRegex(source: string): RegexNode {
  if (source.length > MAX_REGEX_LENGTH) {
    throw new QueryParseError(
      `The regular expression has ${source.length} characters; at most ${MAX_REGEX_LENGTH} are taken.`,
      0,
    )
  }
  const node = new RegexParser(source).parse()
  if (statesOf(node) > MAX_STATES) {
    throw new QueryParseError('The regular expression repeats too much: use smaller numbers in {}.', 0)
  }
  return node
}

function statesOf(node: RegexNode): number {
  switch (node.kind) {
    case 'set':
      if (node.categories.length > 0) return node.categories.length * CATEGORY_STATES
      return node.isNegated || node.ranges.some(([, last]) => last > 0x7f) ? WIDE_SET_STATES : 1
    case 'sequence':
    case 'choice':
      return node.parts.reduce((sum, part) => sum + statesOf(part), 1)
    case 'repeat':
      return statesOf(node.part) * Math.max(1, node.max ?? node.min + 1) + 1
    case 'assert':
      return 1
  }
}

const LAST_CODE_POINT = 0x10ffff
const CLASSES: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  d: [[0x30, 0x39]],
  w: [
    [0x30, 0x39],
    [0x41, 0x5a],
    [0x5f, 0x5f],
    [0x61, 0x7a],
  ],
  s: [
    [0x09, 0x0a],
    [0x0c, 0x0d],
    [0x20, 0x20],
  ],
}
const CONTROLS: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, f: 0x0c, v: 0x0b }

/** `L`, `Lu` …: the categories both engines know by these names. */
const CATEGORY = /^(?:L[ulmo]?|M[nc]?|N[dlo]?|P[cdsefio]?|S[mcko]?|Z[slp]?)$/

type SetItems = Pick<RegexSet, 'ranges' | 'categories'>

class RegexParser {
  readonly #source: string
  #position = 0
  #depth = 0

  constructor(source: string) {
    this.#source = source
  }

  parse(): RegexNode {
    const node = this.#choice()
    // Only a parenthesis ends a choice before the end.
    if (this.#position < this.#source.length) this.#fail('closes a group that was not opened: write \\)')
    return node
  }

  #fail(what: string, from = this.#position): never {
    const at = this.#source.slice(from, from + 20)
    throw new QueryParseError(
      at === ''
        ? `The regular expression ends too early: it ${what}.`
        : `In the regular expression, ${JSON.stringify(at)} ${what}.`,
      from,
    )
  }

  #takes(text: string): boolean {
    if (!this.#source.startsWith(text, this.#position)) return false
    this.#position += text.length
    return true
  }

  #matches(pattern: RegExp): RegExpExecArray | null {
    const sticky = new RegExp(pattern.source, 'uy')
    sticky.lastIndex = this.#position
    const match = sticky.exec(this.#source)
    if (match !== null) this.#position = sticky.lastIndex
    return match
  }

  #choice(): RegexNode {
    const parts = [this.#sequence()]
    while (this.#takes('|')) parts.push(this.#sequence())
    return parts.length === 1 ? (parts[0] as RegexNode) : { kind: 'choice', parts }
  }

  #sequence(): RegexNode {
    const parts: RegexNode[] = []
    for (;;) {
      const next = this.#source[this.#position]
      if (next === undefined || next === '|' || next === ')') break
      parts.push(this.#repeated())
    }
    return parts.length === 1 ? (parts[0] as RegexNode) : { kind: 'sequence', parts }
  }

  #repeated(): RegexNode {
    const start = this.#position
    const part = this.#atom()
    const match = this.#matches(/([*+?])|\{(\d{1,5})(,(\d{1,5})?)?\}/)
    if (match === null) return part
    if (part.kind === 'assert') this.#fail('repeats what has no length', start)
    const sign = match[1]
    const min = sign === undefined ? Number(match[2]) : sign === '+' ? 1 : 0
    const max =
      sign === undefined
        ? match[3] === undefined
          ? min
          : match[4] === undefined
            ? null
            : Number(match[4])
        : sign === '?'
          ? 1
          : null
    if (min > MAX_REPEAT || (max ?? 0) > MAX_REPEAT)
      this.#fail(`repeats more than ${MAX_REPEAT} times`, start)
    if (max !== null && max < min) this.#fail('has a repetition whose end is below its beginning', start)
    // Whether it takes more or less first does not matter to whether it matches.
    this.#takes('?')
    if (this.#matches(/[*+?]|\{\d+(?:,\d*)?\}/) !== null) {
      this.#fail('has two repetitions in a row: put the first in parentheses', start)
    }
    return { kind: 'repeat', part, min, max }
  }

  #atom(): RegexNode {
    const start = this.#position
    const character = this.#matches(/[^]/)?.[0] ?? ''
    switch (character) {
      case '(':
        return this.#group(start)
      case '[':
        return this.#set(start)
      case '.':
        return { kind: 'set', isNegated: true, ranges: [[0x0a, 0x0a]], categories: [] }
      case '^':
        return { kind: 'assert', what: 'lineStart' }
      case '$':
        return { kind: 'assert', what: 'lineEnd' }
      case '\\':
        if (this.#takes('b')) return { kind: 'assert', what: 'wordEdge' }
        if (this.#takes('B')) return { kind: 'assert', what: 'noWordEdge' }
        return { kind: 'set', isNegated: false, ...this.#escape(start) }
      case '*':
      case '+':
      case '?':
        return this.#fail('has nothing before it to repeat: write \\ before it to mean the character', start)
      default:
        return single(character.codePointAt(0) ?? 0)
    }
  }

  #group(start: number): RegexNode {
    if (this.#takes('?') && this.#matches(/:|P?<[A-Za-z_]\w*>/) === null) {
      this.#fail('is no group that is known here: there is no look-around, and (?i) is written /…/i', start)
    }
    this.#depth += 1
    if (this.#depth > MAX_QUERY_DEPTH) this.#fail(`is nested more than ${MAX_QUERY_DEPTH} deep`, start)
    const node = this.#choice()
    if (!this.#takes(')')) this.#fail('opens a group that is not closed', start)
    this.#depth -= 1
    return node
  }

  #set(start: number): RegexNode {
    const isNegated = this.#takes('^')
    const ranges: (readonly [number, number])[] = []
    const categories: string[] = []
    for (let isFirst = true; ; isFirst = false) {
      if (this.#position >= this.#source.length) this.#fail('opens a set that is not closed', start)
      if (!isFirst && this.#takes(']')) break
      if (this.#source.startsWith('[:', this.#position)) this.#fail('is no set that is known here')
      const itemStart = this.#position
      const item = this.#setItem()
      const first = onlyCharacter(item)
      // A hyphen before the end of the set is itself.
      if (first !== undefined && /^-[^\]]/u.test(this.#source.slice(this.#position, this.#position + 2))) {
        this.#position += 1
        const last = onlyCharacter(this.#setItem())
        if (last === undefined || last < first) this.#fail('is no range of characters', itemStart)
        ranges.push([first, last])
      } else {
        ranges.push(...item.ranges)
        categories.push(...item.categories)
      }
    }
    return { kind: 'set', isNegated, ranges, categories }
  }

  #setItem(): SetItems {
    const start = this.#position
    const character = this.#matches(/[^]/)?.[0] ?? ''
    return character === '\\' ? this.#escape(start) : single(character.codePointAt(0) ?? 0)
  }

  /** What follows a backslash. */
  #escape(start: number): SetItems {
    const class_ = this.#matches(/[dwsDWS]/)?.[0]
    if (class_ !== undefined) {
      const ranges = CLASSES[class_.toLowerCase()] ?? []
      return { ranges: class_ === class_.toLowerCase() ? ranges : complement(ranges), categories: [] }
    }
    const category = this.#matches(/([pP])\{(\^?)(\w+)\}/)
    if (category !== null) {
      const name = category[3] ?? ''
      if (!CATEGORY.test(name)) this.#fail('is no Unicode category that is known here, as \\p{L} is', start)
      return {
        ranges: [],
        categories: [`${(category[1] === 'P') !== (category[2] === '^') ? '^' : ''}${name}`],
      }
    }
    const code = this.#matches(/x([0-9a-fA-F]{2})|x\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})/)
    if (code !== null) {
      const point = Number.parseInt(code[1] ?? code[2] ?? code[3] ?? '', 16)
      if (point > LAST_CODE_POINT) this.#fail('is no character', start)
      return single(point)
    }
    const control = this.#matches(/[nrtfv]/)?.[0]
    if (control !== undefined) return single(CONTROLS[control] ?? 0)
    const literal = this.#matches(/[^0-9A-Za-z]/)?.[0]
    if (literal !== undefined) return single(literal.codePointAt(0) ?? 0)
    return this.#fail('is not known here', start)
  }
}

function single(point: number): RegexSet {
  return { kind: 'set', isNegated: false, ranges: [[point, point]], categories: [] }
}

function onlyCharacter({ ranges, categories }: SetItems): number | undefined {
  const [range] = ranges
  return categories.length === 0 && ranges.length === 1 && range?.[0] === range?.[1] ? range?.[0] : undefined
}

/** The characters outside of ranges that are sorted and do not touch. */
function complement(ranges: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const result: (readonly [number, number])[] = []
  let next = 0
  for (const [first, last] of ranges) {
    if (first > next) result.push([next, first - 1])
    next = last + 1
  }
  result.push([next, LAST_CODE_POINT])
  return result
}
