/**
 * A pool for graphile-worker that outlasts the absence of the database.
 *
 * The queue's own ways out are not for a process that should go on: when the statement that settles a finished task fails,
 * version 0.17 either shuts the whole pool down or leaves an unhandled rejection. With this pool a connection is waited for
 * instead of refused, and a settling statement that loses its connection is sent again on a new one. Both settle the same task
 * the same way, however often they are sent. Everything else fails as it would, for the queue to repeat.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'
import { isConnectionError } from '../database/connection-errors.ts'

const RETRY_MS = 500
/** Names of the prepared statements that complete and fail tasks; the part behind the slash is the schema. */
const SETTLING = /^(complete|fail)_jobs?(_q)?\//

/** A view of `pool`; once `signal` aborts it no longer waits. */
export function patientPool(pool: Pool, signal: AbortSignal): Pool {
  const connect = async (): Promise<PoolClient> => {
    for (;;) {
      try {
        return await pool.connect()
      } catch (error) {
        if (signal.aborted || !isConnectionError(error)) throw error
        await sleep(RETRY_MS)
      }
    }
  }
  return view(pool, {
    // With a callback it is the listener for new tasks, which waits by itself.
    connect: (callback?: Parameters<Pool['connect']>[0]) =>
      callback === undefined
        ? connect().then((client) => patientClient(client, connect))
        : pool.connect(callback),
  })
}

function patientClient(client: PoolClient, connect: () => Promise<PoolClient>): PoolClient {
  return view(client, {
    async query(...args: unknown[]) {
      try {
        return await send(client, args)
      } catch (error) {
        if (!isSettling(args[0]) || !isConnectionError(error)) throw error
      }
      const other = await connect()
      try {
        return await send(patientClient(other, connect), args)
      } finally {
        other.release()
      }
    },
  })
}

function send(client: PoolClient, args: unknown[]): Promise<unknown> {
  return (client.query as (...args: unknown[]) => Promise<unknown>).apply(client, args)
}

function isSettling(statement: unknown): boolean {
  const name = (statement as { name?: unknown } | null)?.name
  return typeof name === 'string' && SETTLING.test(name)
}

/** `target` with some methods replaced; the others are called on the target itself. */
function view<T extends object>(target: T, replaced: Readonly<Record<string, unknown>>): T {
  return new Proxy(target, {
    get(original, key) {
      if (typeof key === 'string' && Object.hasOwn(replaced, key)) return replaced[key]
      const value: unknown = Reflect.get(original, key, original)
      return typeof value === 'function' ? value.bind(original) : value
    },
  })
}
