/**
 * Which workers are alive. A killed worker's tasks stay locked in the queue for four hours unless somebody who knows that it
 * is gone unlocks them; so each worker renews a row, and whoever finds an old one unlocks what its owner held.
 */
import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { getLogger } from '@pixsim7/logging'
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { errorFields } from '../error-fields.ts'

const logger = getLogger('worker')

const INTERVAL_MS = 5000
/** A worker unseen for so long is gone. Shorter, and one that a busy machine has paused is robbed of its tasks. */
const DEAD_AFTER_SEC = 60
/** A lock this old whose owner has no row: it was killed before its first heartbeat. */
const STRAY_AFTER_SEC = 120

/** The name of this machine; with the process namespace, because a process id means nothing outside its own. */
export function hostIdentity(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

/**
 * Renews the row of one worker until it is stopped, and each time looks for others that are gone. By a timer of its own and
 * not as a task: the dead may hold the queue of any task.
 */
export class Heartbeat {
  readonly #db: Kysely<Tables>
  /** As in the locks of the queue. */
  readonly workerId: string
  #timer: NodeJS.Timeout | undefined
  #failedAtMs = Date.now()

  constructor(db: Kysely<Tables>, workerId: string) {
    this.#db = db
    this.workerId = workerId
  }

  /** Time since heartbeats last failed, or began: what this worker missed before that it cannot judge. */
  get steadyForMs(): number {
    return Date.now() - this.#failedAtMs
  }

  /** Writes the first heartbeat, looks for the dead, and goes on from there. Throws what the database throws. */
  async start(): Promise<void> {
    await this.#beat()
    await unlockDeadWorkers(this.#db, this)
    this.#timer = setInterval(() => void this.#beatQuietly(), INTERVAL_MS)
  }

  /** Stops and removes the row: nobody needs to look for this worker. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#db.deleteFrom('worker_heartbeats').where('worker_id', '=', this.workerId).execute()
  }

  /** Stops and leaves the row, for others to find what this worker still holds. */
  abandon(): void {
    clearInterval(this.#timer)
  }

  async #beat(): Promise<void> {
    await this.#db
      .insertInto('worker_heartbeats')
      .values({ worker_id: this.workerId, pid: process.pid, host: hostIdentity() })
      .onConflict((conflict) => conflict.column('worker_id').doUpdateSet({ seen_at: sql<Date>`now()` }))
      .execute()
  }

  async #beatQuietly(): Promise<void> {
    try {
      await this.#beat()
      await unlockDeadWorkers(this.#db, this)
    } catch (error) {
      this.#failedAtMs = Date.now()
      // The loss of the database is told by whoever watches its connections.
      logger.debug('Heartbeat failed', errorFields(error))
    }
  }
}

/**
 * Unlocks the tasks of workers that are gone and forgets these; returns their ids. A worker on this machine is gone when its
 * process is; others when they were not seen for a minute, which only a worker that was there itself can tell.
 */
export async function unlockDeadWorkers(
  db: Kysely<Tables>,
  own: { readonly workerId: string; readonly steadyForMs: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('worker_heartbeats')
    .select([
      'worker_id',
      'pid',
      'host',
      sql<boolean>`seen_at < now() - make_interval(secs => ${DEAD_AFTER_SEC})`.as('is_silent'),
    ])
    .where('worker_id', '<>', own.workerId)
    .execute()
  const canJudge = own.steadyForMs > DEAD_AFTER_SEC * 1000
  const dead = rows
    .filter((row) => (row.host === hostIdentity() && !isAlive(row.pid)) || (row.is_silent && canJudge))
    .map((row) => row.worker_id)
  const gone = [...dead, ...(await listStrays(db))]
  if (gone.length === 0) return []
  await db.transaction().execute((transaction) => unlockTasks(transaction, gone))
  logger.warning('Tasks of workers that are gone were unlocked', { worker_ids: gone.join(',') })
  return gone
}

async function unlockTasks(transaction: Kysely<Tables>, gone: readonly string[]): Promise<void> {
  const { rows } = await sql<{ id: number; key: string | null; attempts: number; max_attempts: number }>`
    select id, key, attempts, max_attempts from graphile_worker.jobs where locked_by = any(${gone}::text[])`.execute(
    transaction,
  )
  await sql`select graphile_worker.force_unlock_workers(${gone}::text[])`.execute(transaction)
  // The queue takes the key of a running task away when the same task is queued again: it has a successor, and would never
  // run or leave.
  const replaced = rows.filter((row) => row.key === null && row.attempts >= row.max_attempts)
  await sql`select graphile_worker.complete_jobs(${replaced.map((row) => row.id)}::bigint[])`.execute(
    transaction,
  )
  // A try that was cut short by the death of its worker is no try: three restarts must not use up a task.
  for (const row of rows.filter((one) => !replaced.includes(one))) {
    await sql`select graphile_worker.reschedule_jobs(${[row.id]}::bigint[], attempts => ${row.attempts - 1}::int)`.execute(
      transaction,
    )
  }
  await transaction.deleteFrom('worker_heartbeats').where('worker_id', 'in', gone).execute()
}

async function listStrays(db: Kysely<Tables>): Promise<string[]> {
  const { rows } = await sql<{ locked_by: string }>`
    select distinct locked_by from graphile_worker.jobs
      where locked_at < now() - make_interval(secs => ${STRAY_AFTER_SEC})
        and locked_by not in (select worker_id from worker_heartbeats)`.execute(db)
  return rows.map((row) => row.locked_by)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
