/** What the logger `database.session` says about queries: statements with placeholders, never the values. */
import { getLogger } from '@pixsim7/logging'
import type { LogEvent } from 'kysely'
import { isConnectionError, sqlStateOf } from './connection-errors.ts'
import type { ConnectionMonitor } from './connection-monitor.ts'

/** A longer statement is cut: the beginning names the tables, and lists of placeholders tell nothing. */
const MAX_STATEMENT_LENGTH = 300

const logger = getLogger('database.session')

/** One line, bounded. */
export function shortStatement(statement: string): string {
  const oneLine = statement.replaceAll(/\s+/g, ' ').trim()
  return oneLine.length <= MAX_STATEMENT_LENGTH ? oneLine : `${oneLine.slice(0, MAX_STATEMENT_LENGTH)}…`
}

/** The function Kysely calls after each query. A slow one is a WARNING, the others are DEBUG; lost connections are reported. */
export function queryLog(monitor: ConnectionMonitor, slowQueryMs: number): (event: LogEvent) => void {
  return (event) => {
    const duration_ms = Math.round(event.queryDurationMillis * 1000) / 1000
    if (event.level === 'error') {
      if (event.error instanceof Error && isConnectionError(event.error)) monitor.report(event.error)
      // DEBUG: whoever sent the query tells what its failing means; a refused duplicate is none of an operator's business.
      if (logger.isEnabled('DEBUG')) {
        const code = sqlStateOf(event.error)?.toLowerCase()
        logger.debug('Query refused', { duration_ms, code, statement: shortStatement(event.query.sql) })
      }
    } else if (duration_ms > slowQueryMs) {
      logger.warning('Slow query', { duration_ms, statement: shortStatement(event.query.sql) })
    } else if (logger.isEnabled('DEBUG')) {
      logger.debug('Query', { duration_ms, statement: shortStatement(event.query.sql) })
    }
  }
}
