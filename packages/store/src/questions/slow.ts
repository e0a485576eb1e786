import type { LogFilter, QueryOptions, SlowOperations } from '../log-store.ts'
import { LOGS_TABLE } from '../schema.ts'
import { sqlNumber } from '../sql/literal.ts'
import { StoreError } from '../store-error.ts'
import { filterSql } from './filter-sql.ts'
import { entryOf, firstRows } from './search.ts'
import type { SqlRunner } from './sql-runner.ts'

const MAX_LIMIT = 1000
const MAX_OPERATIONS = 100
/** Characters by which messages are told apart: a hundred operations must fit into an answer whatever was logged. */
const MESSAGE_CHARACTERS = 300

/** An operation is what a component's logger says by one message; values belong into fields. */
const OPERATION = `component, logger, leftUTF8(message, ${MESSAGE_CHARACTERS})`

interface OperationRow {
  readonly component: string
  readonly logger: string
  readonly text: string
  readonly count: number
  readonly quantiles: readonly number[]
  readonly longest: number
}

/**
 * See LogStore.slow. Of more than 8,192 records of an operation, the percentiles are those of a sample.
 *
 * @throws StoreError STORE_BAD_QUESTION
 */
export async function slow(
  runner: SqlRunner,
  filter: LogFilter,
  overMs: number,
  limit: number,
  options: QueryOptions = {},
): Promise<SlowOperations> {
  if (!(overMs >= 0)) throw new StoreError('STORE_BAD_QUESTION', `overMs is ${overMs}, expected at least 0.`)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new StoreError('STORE_BAD_QUESTION', `limit is ${limit}, expected 1 to ${MAX_LIMIT}.`)
  }
  const where = `duration_ms >= ${sqlNumber(overMs)} AND ${filterSql(filter)}`
  const [counted, operations, { rows }] = await Promise.all([
    runner.rows<{ total: number }>(`SELECT count() AS total FROM ${LOGS_TABLE} WHERE ${where}`, options),
    // Which ones first, percentiles only of those: a message that holds a value makes an operation of each record.
    runner.rows<OperationRow>(
      `SELECT component, logger, leftUTF8(message, ${MESSAGE_CHARACTERS}) AS text, count() AS count, ` +
        'quantiles(0.5, 0.95)(duration_ms) AS quantiles, max(duration_ms) AS longest ' +
        `FROM ${LOGS_TABLE} WHERE ${where} AND (${OPERATION}) IN (SELECT ${OPERATION} FROM ${LOGS_TABLE} ` +
        `WHERE ${where} GROUP BY ${OPERATION} ORDER BY sum(duration_ms) DESC, ${OPERATION} LIMIT ${MAX_OPERATIONS}) ` +
        'GROUP BY component, logger, text ORDER BY sum(duration_ms) DESC, component, logger, text',
      options,
    ),
    firstRows(
      runner,
      where,
      'ORDER BY duration_ms DESC, timestamp DESC, file DESC, offset DESC',
      limit,
      options,
    ),
  ])
  return {
    total: counted[0]?.total ?? 0,
    operations: operations.map(({ component, logger, text, count, quantiles, longest }) => ({
      component,
      logger,
      message: text,
      count,
      p50Ms: quantiles[0] ?? 0,
      p95Ms: quantiles[1] ?? 0,
      maxMs: longest,
    })),
    entries: rows.map(entryOf),
  }
}
