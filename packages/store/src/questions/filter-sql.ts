import { LEVELS } from '@pixsim7/record'
import type { LogFilter } from '../log-store.ts'
import { querySql } from '../query/query-sql.ts'
import { readQuery } from '../query/read-query.ts'
import { likeText, sqlString, sqlStrings, sqlTime } from '../sql/literal.ts'
import { StoreError } from '../store-error.ts'

/** Longest text of one condition; what is longer is hostile. */
const MAX_TEXT_LENGTH = 8192
const MAX_LIST_LENGTH = 1000

/**
 * The conditions of a filter for WHERE; `1` for none.
 *
 * @throws StoreError STORE_BAD_QUESTION
 */
export function filterSql(filter: LogFilter): string {
  const conditions = [
    ...timeConditions(filter),
    ...levelConditions(filter.levels ?? []),
    ...componentConditions(filter.components ?? []),
    ...loggerConditions(filter.logger ?? ''),
    ...idConditions(filter),
    ...searchConditions(filter.search ?? ''),
    ...queryConditions(filter.q ?? ''),
  ]
  return conditions.length === 0 ? '1' : conditions.join(' AND ')
}

function timeConditions({ fromUs, toUs }: LogFilter): string[] {
  const conditions: string[] = []
  if (fromUs !== undefined) conditions.push(`timestamp >= ${sqlTime(fromUs)}`)
  if (toUs !== undefined) conditions.push(`timestamp < ${sqlTime(toUs)}`)
  return conditions
}

function levelConditions(levels: readonly string[]): string[] {
  const unknown = levels.find((level) => !(LEVELS as readonly string[]).includes(level))
  if (unknown !== undefined) {
    throw new StoreError(
      'STORE_BAD_QUESTION',
      `The level ${JSON.stringify(unknown)} is none; expected ${LEVELS.join(', ')}.`,
    )
  }
  return levels.length === 0 ? [] : [`level IN ${sqlStrings(levels)}`]
}

function componentConditions(components: readonly string[]): string[] {
  if (components.length > MAX_LIST_LENGTH) {
    throw new StoreError(
      'STORE_BAD_QUESTION',
      `${components.length} components were named, expected at most ${MAX_LIST_LENGTH}.`,
    )
  }
  return components.length === 0 ? [] : [`component IN ${sqlStrings(components.map(bounded('component')))}`]
}

function loggerConditions(logger: string): string[] {
  if (logger === '') return []
  const name = bounded('logger')(logger)
  if (!name.includes('*')) return [`logger = ${sqlString(name)}`]
  return [`logger LIKE ${sqlString(name.split('*').map(likeText).join('%'))}`]
}

function idConditions(filter: LogFilter): string[] {
  return (['user_id', 'job_id', 'request_id'] as const).flatMap((column) => {
    const value = filter[column] ?? ''
    return value === '' ? [] : [`${column} = ${sqlString(bounded(column)(value))}`]
  })
}

/** Both sides are lowered by the engine, so that they agree on every letter; the text indexes are on the same expression. */
function searchConditions(search: string): string[] {
  if (search === '') return []
  const pattern = `lowerUTF8(${sqlString(`%${likeText(bounded('search')(search))}%`)})`
  return [`(lowerUTF8(message) LIKE ${pattern} OR lowerUTF8(exception) LIKE ${pattern})`]
}

function queryConditions(q: string): string[] {
  if (q.trim() === '') return []
  const { tree, problem } = readQuery(q)
  if (tree === null) throw new StoreError('STORE_BAD_QUESTION', problem?.message ?? 'The query is too large.')
  return [querySql(tree)]
}

function bounded(name: string): (text: string) => string {
  return (text) => {
    if (text.length <= MAX_TEXT_LENGTH) return text
    throw new StoreError(
      'STORE_BAD_QUESTION',
      `The condition on ${name} has ${text.length} characters, expected at most ${MAX_TEXT_LENGTH}.`,
    )
  }
}
