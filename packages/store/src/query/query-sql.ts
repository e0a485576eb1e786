import { parseTimestamp } from '@pixsim7/record'
import { likeText, sqlNumber, sqlString, sqlStrings, sqlTime } from '../sql/literal.ts'
import { endsWithWord, startsWithWord, wordsOf } from './characters.ts'
import { PROSE, fieldSql, type FieldSql, type PresentSql } from './field-sql.ts'
import { levelsOf } from './matches.ts'
import { parseRegex } from './regex.ts'
import { re2Text } from './regex-text.ts'
import type { QueryBound, QueryMatch, QueryTest, QueryTree } from './tree.ts'
import { wordPattern } from './word-pattern.ts'

/** Words of one phrase the index is asked for; the text itself is compared as well. */
const MAX_INDEX_WORDS = 32

/** The condition of a tree for WHERE: 1 or 0 for each row, never NULL, so that NOT means all others. */
export function querySql(tree: QueryTree): string {
  switch (tree.kind) {
    case 'all':
      return '1'
    case 'and':
    case 'or':
      return `(${tree.parts.map(querySql).join(` ${tree.kind.toUpperCase()} `)})`
    case 'not':
      return `(NOT ${querySql(tree.part)})`
    case 'match':
      return `(${matchSql(tree)})`
  }
}

function matchSql({ field, test }: QueryMatch): string {
  if (field === null) return PROSE.map((prose) => `(${proseSql(prose, test)})`).join(' OR ')
  const column = fieldSql(field)
  if (test.kind === 'present') return 'present' in column ? column.present : '1'
  switch (column.kind) {
    case 'level': {
      const levels = levelsOf(test)
      return levels.length === 0 ? '0' : `level IN ${sqlStrings(levels)}`
    }
    case 'time':
      return test.kind === 'is' ? `timestamp = ${timeSql(test.text)}` : orderSql(column.sql, test, timeSql)
    case 'prose':
      return proseSql(column, test)
    case 'text':
      return needsPresence(test)
        ? `${column.present} AND ${valueSql(column.sql, test)}`
        : valueSql(column.sql, test)
    case 'number':
      return `${column.present} AND ${numberSql(column.sql, test)}`
    case 'json':
      return jsonSql(column, test)
  }
}

/** The lower-case form is what the text indexes are on. It and the needle are made by the same rules of Unicode. */
function proseSql({ sql, present }: PresentSql, test: QueryTest): string {
  if (test.kind !== 'is' && test.kind !== 'like') return `${present} AND ${valueSql(sql, test)}`
  const lower = `lowerUTF8(${sql})`
  const parts = (test.kind === 'is' ? [test.text] : test.parts).map((part) => part.toLowerCase())
  const [only = ''] = parts.filter((part) => part !== '')
  const pattern = `match(${lower}, ${sqlString(re2Text(wordPattern(parts), false))})`
  if (parts.length === 1) {
    const words = wordsOf(only)
    if (words.length === 1 && words[0] === only) return `hasToken(${lower}, ${sqlString(only)})`
    if (words.length > 0) {
      return `hasAllTokens(${lower}, [${words.slice(0, MAX_INDEX_WORDS).map(sqlString).join(', ')}]) AND ${pattern}`
    }
  }
  const longest = parts.reduce((best, part) => (part.length > best.length ? part : best), '')
  const contains = `${lower} LIKE ${sqlString(`%${likeText(longest)}%`)}`
  const saysAll =
    parts.filter((part) => part !== '').length === 1 &&
    !startsWithWord(parts[0] ?? '') &&
    !endsWithWord(parts.at(-1) ?? '')
  return saysAll ? contains : `${contains} AND ${pattern}`
}

/** A test of a text as a whole. */
function valueSql(text: string, test: QueryTest): string {
  switch (test.kind) {
    case 'is':
      return `${text} = ${sqlString(test.text)}`
    case 'like':
      return `${text} LIKE ${sqlString(test.parts.map(likeText).join('%'))}`
    case 'regex':
      return `match(${text}, ${sqlString(re2Text(parseRegex(test.source), test.ignoresCase))})`
    case 'present':
      return '1'
    default:
      return `ifNull(${orderSql(`toFloat64OrNull(${text})`, test, boundSql)}, 0)`
  }
}

function numberSql(number: string, test: QueryTest): string {
  switch (test.kind) {
    case 'is':
      // A number has one text: 5 is found as 5, not as 5.0.
      return String(Number(test.text)) === test.text ? `${number} = ${boundSql(test.text)}` : '0'
    case 'compare':
    case 'range':
      return orderSql(number, test, boundSql)
    default:
      return valueSql(`toString(${number})`, test)
  }
}

/** Whether the test could take an absent text, which is stored as an empty one. */
function needsPresence(test: QueryTest): boolean {
  return test.kind === 'regex' || (test.kind === 'is' && test.text === '')
}

/**
 * The value and, of a list, each item is tested; only a single value is compared by size. The hints are looked at first and
 * spare most rows the taking apart of JSON.
 */
function jsonSql(field: Extract<FieldSql, { kind: 'json' }>, test: QueryTest): string {
  const { sql, items, hint, present } = field
  if (test.kind === 'compare' || test.kind === 'range') return `${hint} AND ${valueSql(sql, test)}`
  const item =
    test.kind === 'is'
      ? `has(${items}, ${sqlString(test.text)})`
      : `arrayExists(item -> ${valueSql('item', test)}, ${items})`
  const isThere = needsPresence(test) ? [present] : []
  const found = `(${valueSql(sql, test)} OR startsWith(${sql}, '[') AND ${item})`
  return [hint, ...valueHint(test), ...isThere, found].join(' AND ')
}

/**
 * What the JSON text of the fields must hold. Only letters look the same in every value: a number with an exponent can be
 * written in several ways, and a quote is escaped once in a text, twice in a text of a text.
 */
function valueHint(test: QueryTest): string[] {
  const texts = test.kind === 'is' ? [test.text] : test.kind === 'like' ? test.parts : []
  const words = texts.flatMap((text) => text.match(/[\p{L}_ -]{2,}/gu) ?? [])
  const longest = words.reduce((best, word) => (word.length > best.length ? word : best), '')
  if (longest !== '') return [`position(fields, ${sqlString(longest)}) > 0`]
  return texts.length === 1 && /^\d+$/.test(texts[0] ?? '')
    ? [`position(fields, ${sqlString(texts[0] ?? '')}) > 0`]
    : []
}

function orderSql(value: string, test: QueryTest, bound: (bound: QueryBound) => string): string {
  if (test.kind === 'compare') return `${value} ${test.sign} ${bound(test.value)}`
  if (test.kind !== 'range') return '0'
  const ends = [
    ...(test.from === null ? [] : [`${value} >= ${bound(test.from)}`]),
    ...(test.to === null ? [] : [`${value} <= ${bound(test.to)}`]),
  ]
  return `(${ends.join(' AND ')})`
}

function boundSql(bound: QueryBound): string {
  return sqlNumber(Number(bound))
}

function timeSql(time: QueryBound): string {
  return sqlTime(parseTimestamp(String(time), 'utc') ?? 0)
}
