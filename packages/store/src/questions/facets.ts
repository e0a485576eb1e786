import type { Facets, LogFilter, QueryOptions } from '../log-store.ts'
import { LOGS_TABLE } from '../tables.ts'
import { StoreError } from '../store-error.ts'
import { filterSql } from './filter-sql.ts'
import type { SqlRunner } from './sql-runner.ts'

/** Fields with a column of their own; of some, an empty text means that the entry has no such field. */
const FACET_COLUMNS: ReadonlyMap<string, 'always' | 'optional'> = new Map([
  ['level', 'always'],
  ['component', 'always'],
  ['logger', 'always'],
  ['service', 'optional'],
  ['host', 'optional'],
  ['module', 'optional'],
  ['function', 'optional'],
  ['user_id', 'optional'],
  ['job_id', 'optional'],
  ['request_id', 'optional'],
])

/** Values per field. */
const MAX_VALUES = 100

/** See LogStore.facets; at most 100 values of each field. */
export async function facets(
  runner: SqlRunner,
  filter: LogFilter,
  fields: readonly string[],
  options: QueryOptions = {},
): Promise<Facets> {
  const where = filterSql(filter)
  const unknown = fields.find((field) => !FACET_COLUMNS.has(field))
  if (unknown !== undefined) {
    throw new StoreError(
      'STORE_BAD_QUESTION',
      `The field ${JSON.stringify(unknown.slice(0, 100))} has no facet; expected ${[...FACET_COLUMNS.keys()].join(', ')}.`,
    )
  }
  const answers = await Promise.all(
    [...new Set(fields)].map(async (field) => {
      const present = FACET_COLUMNS.get(field) === 'optional' ? ` AND ${field} != ''` : ''
      const values = await runner.rows<{ value: string; count: number }>(
        `SELECT toString(${field}) AS value, count() AS count FROM ${LOGS_TABLE} WHERE ${where}${present} ` +
          `GROUP BY ${field} ORDER BY count DESC, value ASC LIMIT ${MAX_VALUES}`,
        options,
      )
      return [field, values] as const
    }),
  )
  return Object.fromEntries(answers)
}
