import { LEVELS, parseTimestamp, severityOf, type Level, type LogEntry } from '@pixsim7/record'
import { parseRegex } from './regex.ts'
import { regexMatcher } from './regex-match.ts'
import type { QueryBound, QueryMatch, QueryTest, QueryTree } from './tree.ts'
import { wordPattern } from './word-pattern.ts'

/**
 * Decides a query for one entry, without an engine: for files that are searched as they are. It means exactly what the SQL
 * of query-sql.ts means; a test compares them over random trees and entries.
 */
export function queryMatcher(tree: QueryTree): (entry: LogEntry) => boolean {
  switch (tree.kind) {
    case 'all':
      return () => true
    case 'and': {
      const parts = tree.parts.map(queryMatcher)
      return (entry) => parts.every((matches) => matches(entry))
    }
    case 'or': {
      const parts = tree.parts.map(queryMatcher)
      return (entry) => parts.some((matches) => matches(entry))
    }
    case 'not': {
      const part = queryMatcher(tree.part)
      return (entry) => !part(entry)
    }
    case 'match':
      return fieldMatcher(tree)
  }
}

/** Whether a level passes a test; the compiler asks it as well, and makes a list of levels of it. */
export function testLevel(level: Level, test: QueryTest): boolean {
  return (
    compareMatcher(test, (bound) => severityOf(bound as Level))?.(severityOf(level)) ??
    textMatcher(test, true)(level)
  )
}

function fieldMatcher({ field, test }: QueryMatch): (entry: LogEntry) => boolean {
  switch (field) {
    case null: {
      const matches = proseMatcher(test)
      return ({ message, exception, logger }) =>
        matches(message) || matches(logger) || (exception !== null && matches(exception))
    }
    case 'level':
      return ({ level }) => testLevel(level, test)
    case 'timestamp': {
      if (test.kind === 'is') return ({ timestamp }) => boundUs(timestamp) === boundUs(test.text)
      const matches = compareMatcher(test, boundUs)
      return ({ timestamp }) => matches?.(boundUs(timestamp)) ?? test.kind === 'present'
    }
    case 'message':
    case 'exception': {
      const matches = proseMatcher(test)
      return (entry) => {
        const text = entry[field]
        return text !== null && matches(text)
      }
    }
    default: {
      if (test.kind === 'present') return (entry) => !isMissing(valueOf(entry, field))
      const matchesNumber = compareMatcher(test, Number)
      if (matchesNumber !== undefined) {
        return (entry) => {
          const number = numberOf(textsOf(valueOf(entry, field))[0] ?? '')
          return number !== undefined && matchesNumber(number)
        }
      }
      const matches = textMatcher(test, false)
      return (entry) => textsOf(valueOf(entry, field)).some(matches)
    }
  }
}

/** Comparisons and equality of what is ordered; undefined for tests of text. */
function compareMatcher(
  test: QueryTest,
  number: (bound: QueryBound) => number,
): ((value: number) => boolean) | undefined {
  if (test.kind === 'compare') {
    const bound = number(test.value)
    switch (test.sign) {
      case '>':
        return (value) => value > bound
      case '>=':
        return (value) => value >= bound
      case '<':
        return (value) => value < bound
      case '<=':
        return (value) => value <= bound
    }
  }
  if (test.kind !== 'range') return undefined
  const from = test.from === null ? -Infinity : number(test.from)
  const to = test.to === null ? Infinity : number(test.to)
  return (value) => value >= from && value <= to
}

function boundUs(time: QueryBound): number {
  return parseTimestamp(String(time), 'utc') ?? 0
}

/** Tests of a whole value; `present` holds for any. */
function textMatcher(test: QueryTest, ignoresCase: boolean): (text: string) => boolean {
  switch (test.kind) {
    case 'is':
      return (text) => text === test.text
    case 'like': {
      const fold = (text: string) => (ignoresCase ? text.toLowerCase() : text)
      const parts = test.parts.map(fold)
      return (text) => isLike(fold(text), parts)
    }
    case 'regex':
      return regexMatcher(parseRegex(test.source), ignoresCase || test.ignoresCase)
    default:
      return () => test.kind === 'present'
  }
}

/** Whether the parts stand in the text one after the other, the first at its beginning, the last at its end. */
function isLike(text: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  if (!text.startsWith(first) || !text.endsWith(last)) return false
  const end = text.length - last.length
  let position = first.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, position)
    if (found === -1) return false
    position = found + part.length
  }
  return position <= end
}

/** Tests of text in which words are searched. */
function proseMatcher(test: QueryTest): (text: string) => boolean {
  if (test.kind === 'is' || test.kind === 'like') {
    const parts = (test.kind === 'is' ? [test.text] : test.parts).map((part) => part.toLowerCase())
    const matches = regexMatcher(wordPattern(parts), false)
    return (text) => {
      const lower = text.toLowerCase()
      // Most texts lack one of the parts, which is known much sooner than where words end.
      return parts.every((part) => lower.includes(part)) && matches(lower)
    }
  }
  const matchesNumber = compareMatcher(test, Number)
  if (matchesNumber === undefined) return textMatcher(test, false)
  return (text) => {
    const number = numberOf(text)
    return number !== undefined && matchesNumber(number)
  }
}

/** What an entry has under a name: a member of the entry, or one of its other fields. */
function valueOf(entry: LogEntry, field: string): unknown {
  switch (field) {
    case 'component':
    case 'file':
    case 'logger':
    case 'module':
    case 'function':
    case 'line':
    case 'service':
    case 'host':
    case 'user_id':
    case 'job_id':
    case 'request_id':
      return entry[field]
    default:
      return nestedValue(entry.fields, field)
  }
}

/** The key as it stands, else the way through nested objects. */
function nestedValue(fields: Readonly<Record<string, unknown>>, field: string): unknown {
  if (Object.hasOwn(fields, field)) return fields[field]
  let value: unknown = fields
  for (const key of field.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key)) {
      return undefined
    }
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null
}

/** The texts a value is compared by: its own, which of a list or object is its JSON text, and those of the items of a list. */
function textsOf(value: unknown): string[] {
  if (isMissing(value)) return []
  return Array.isArray(value) ? [textOf(value), ...value.map(textOf)] : [textOf(value)]
}

/** The engine writes large numbers without the plus sign of the exponent. */
function textOf(value: unknown): string {
  if (value === null) return ''
  if (typeof value === 'object') return JSON.stringify(value)
  return typeof value === 'number' ? String(value).replace('e+', 'e') : String(value)
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/** The number a text is; undefined for any other, and for what a double does not hold. */
function numberOf(text: string): number | undefined {
  const number = NUMBER.test(text) ? Number(text) : Infinity
  return Number.isFinite(number) ? number : undefined
}

/** The levels that pass a test. */
export function levelsOf(test: QueryTest): Level[] {
  return LEVELS.filter((level) => testLevel(level, test))
}
