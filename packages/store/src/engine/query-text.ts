import type { ChdbSession } from './chdb-module.ts'

/** Pause between tries to take what is left over. */
const RETRY_MS = 50

/**
 * The rows of a query as JSONEachRow. Rejects as the engine does, once the session is fit for another query.
 *
 * What a query has written before it fails or is killed stays in its session, and the engine puts it in front of the answer
 * to the session's next query (chdb 3.4.0): somebody else's rows. So a query that nobody reads takes it away.
 */
export async function queryText(session: ChdbSession, sql: string): Promise<string> {
  try {
    return (await session.queryAsync(sql, { format: 'JSONEachRow' })).text()
  } catch (error) {
    await takeLeftOver(session)
    throw error
  }
}

/** Until it succeeds: a session that cannot answer even this must not answer anything else. */
async function takeLeftOver(session: ChdbSession): Promise<void> {
  for (;;) {
    try {
      await session.queryAsync('SELECT 1', { format: 'JSONEachRow' })
      return
    } catch {
      // Memory may be short for a moment; what it has written so far is taken by the next try.
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}
