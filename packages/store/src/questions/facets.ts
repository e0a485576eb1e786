import type { Facets, LogFilter, QueryOptions } from '../log-store.ts'
import { fieldSql } from '../query/field-sql.ts'
import { MAX_FIELD_LENGTH } from '../query/query-limits.ts'
import { isoTime } from '../row.ts'
import { LOGS_TABLE } from '../schema.ts'
import { StoreError } from '../store-error.ts'
import { filterSql } from './filter-sql.ts'
import type { SqlRunner } from './sql-runner.ts'

/** Fields of one question: each costs a question of its own to the engine. */
const MAX_FIELDS = 20

/** Values per field. */
const MAX_VALUES = 100

/** Characters of a value that are answered: a hundred stack traces must not fill the answer. */
const MAX_VALUE_CHARACTERS = 1000

interface ValueRow {
  readonly value: string
  readonly count: number
}

/** See LogStore.facets; of up to 20 fields, at most 100 values of each. The items of a list are counted one by one. */
export async function facets(
  runner: SqlRunner,
  filter: LogFilter,
  fields: readonly string[],
  options: QueryOptions = {},
): Promise<Facets> {
  const names = [...new Set(fields)]
  if (names.length > MAX_FIELDS) {
    throw new StoreError(
      'STORE_BAD_QUESTION',
      `Facets of ${names.length} fields were asked for, expected at most ${MAX_FIELDS}.`,
    )
  }
  const unusable = names.find((name) => name === '' || name.length > MAX_FIELD_LENGTH)
  if (unusable !== undefined) {
    throw new StoreError(
      'STORE_BAD_QUESTION',
      `The name of a field has ${unusable.length} characters, expected 1 to ${MAX_FIELD_LENGTH}.`,
    )
  }
  const where = filterSql(filter)
  const answers = await Promise.all(
    names.map(async (name) => [name, await valuesOf(runner, name, where, options)] as const),
  )
  return Object.fromEntries(answers)
}

async function valuesOf(
  runner: SqlRunner,
  field: string,
  where: string,
  options: QueryOptions,
): Promise<ValueRow[]> {
  const { group, condition } = groupSql(field)
  const rows = await runner.rows<ValueRow>(
    `SELECT leftUTF8(toString(${group} AS facet), ${MAX_VALUE_CHARACTERS}) AS value, count() AS count FROM ${LOGS_TABLE} ` +
      `WHERE ${condition} AND ${where} GROUP BY facet ORDER BY count DESC, value ASC LIMIT ${MAX_VALUES}`,
    options,
  )
  return field === 'timestamp' ? rows.map(({ value, count }) => ({ value: isoTime(value), count })) : rows
}

function groupSql(field: string): { group: string; condition: string } {
  const found = fieldSql(field)
  switch (found.kind) {
    case 'level':
    case 'time':
      return { group: found.sql, condition: '1' }
    case 'json':
      return {
        group: `arrayJoin(if(startsWith(${found.sql}, '[') AND notEmpty(${found.items}), ${found.items}, [${found.sql}]))`,
        condition: `${found.hint} AND ${found.present}`,
      }
    default:
      return { group: found.sql, condition: found.present }
  }
}
