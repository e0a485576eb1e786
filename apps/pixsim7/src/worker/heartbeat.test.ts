import { waitFor } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { withDatabase, withPostgres } from '../../test/with-database.ts'
import type { Database } from '../database/open-database.ts'
import { Heartbeat, hostIdentity, unlockDeadWorkers } from './heartbeat.ts'

const postgres = withPostgres()
const OLD = 61_000
/** No process has this id: the largest one Linux gives is 2^22. */
const NO_PID = 2 ** 30

interface Row {
  readonly worker_id: string
  readonly pid?: number
  readonly host?: string
  readonly silentSec?: number
}

async function addWorker({ pool }: Database, row: Row): Promise<void> {
  await pool.query(
    `insert into worker_heartbeats (worker_id, pid, host, seen_at)
      values ($1, $2, $3, now() - make_interval(secs => $4))`,
    [row.worker_id, row.pid ?? process.pid, row.host ?? hostIdentity(), row.silentSec ?? 0],
  )
}

/** A task that `worker` has locked so long ago. */
async function addLockedTask({ pool }: Database, worker: string, sinceSec = 1): Promise<void> {
  await pool.query(`select graphile_worker.add_job('process_job', job_key => $1, queue_name => $1)`, [worker])
  await pool.query(
    `update graphile_worker._private_jobs set locked_by = $1, attempts = 1, locked_at = now() - make_interval(secs => $2) where key = $1`,
    [worker, sinceSec],
  )
  await pool.query(
    `update graphile_worker._private_job_queues set locked_by = $1, locked_at = now() where queue_name = $1`,
    [worker],
  )
}

async function isLocked({ pool }: Database, worker: string): Promise<boolean> {
  const { rows } = await pool.query<{ locked: boolean }>(
    `select locked_by is not null as locked from graphile_worker.jobs where key = $1
      union all select locked_by is not null from graphile_worker._private_job_queues where queue_name = $1`,
    [worker],
  )
  expect(new Set(rows.map((row) => row.locked)).size).toBe(1)
  return rows[0]?.locked === true
}

describe('tasks are unlocked', () => {
  it.each<[string, Row, number]>([
    ['of a worker on this machine whose process is gone, at once', { worker_id: 'w', pid: NO_PID }, 0],
    [
      'of a worker elsewhere that was silent for a minute',
      { worker_id: 'w', host: 'elsewhere', silentSec: 61 },
      OLD,
    ],
  ])('%s', (_name, row, steadyForMs) =>
    withDatabase(postgres, async (database) => {
      await addWorker(database, row)
      await addLockedTask(database, 'w')
      expect(await unlockDeadWorkers(database.db, { workerId: 'me', steadyForMs })).toEqual(['w'])
      expect(await isLocked(database, 'w')).toBe(false)
      const { rows } = await database.pool.query('select * from worker_heartbeats')
      expect(rows).toEqual([])
    }),
  )

  it('of a worker that was killed before its first heartbeat, after two minutes', () =>
    withDatabase(postgres, async (database) => {
      await addLockedTask(database, 'stray', 121)
      expect(await unlockDeadWorkers(database.db, { workerId: 'me', steadyForMs: 0 })).toEqual(['stray'])
      expect(await isLocked(database, 'stray')).toBe(false)
    }))
})

describe('an unlocked task', () => {
  it('has the try back that its worker did not end, and is gone when another has taken its place', () =>
    withDatabase(postgres, async (database) => {
      const { db, pool } = database
      await addWorker(database, { worker_id: 'w', pid: NO_PID })
      await addLockedTask(database, 'w')
      await pool.query(
        `select graphile_worker.add_job('poll_job_statuses', job_key => 'poll', max_attempts => 3)`,
      )
      await pool.query(
        `update graphile_worker._private_jobs set locked_by = 'w', locked_at = now(), attempts = 1
          where id in (select id from graphile_worker.jobs)`,
      )
      // The running poll queues its successor: the queue takes the key away from it.
      await pool.query(
        `select graphile_worker.add_job('poll_job_statuses', job_key => 'poll', max_attempts => 3)`,
      )
      await unlockDeadWorkers(db, { workerId: 'me', steadyForMs: 0 })
      const { rows } = await pool.query(
        'select key, attempts, locked_by from graphile_worker.jobs order by key',
      )
      expect(rows).toEqual([
        { key: 'poll', attempts: 0, locked_by: null },
        { key: 'w', attempts: 0, locked_by: null },
      ])
    }))
})

describe('tasks stay locked', () => {
  it.each<[string, Row | undefined, number]>([
    ['of this worker itself, however silent', { worker_id: 'me', pid: NO_PID, silentSec: 999 }, OLD],
    ['of a worker that is seen', { worker_id: 'w', host: 'elsewhere', pid: NO_PID, silentSec: 59 }, OLD],
    // The database was away: everybody is silent, and nobody knows whether the others are.
    [
      'of a silent worker while this one has not been steady itself',
      { worker_id: 'w', host: 'elsewhere', silentSec: 999 },
      59_000,
    ],
    ['of a worker without a heartbeat yet', undefined, OLD],
  ])('%s', (_name, row, steadyForMs) =>
    withDatabase(postgres, async (database) => {
      if (row !== undefined) await addWorker(database, row)
      const worker = row?.worker_id ?? 'fresh'
      await addLockedTask(database, worker)
      expect(await unlockDeadWorkers(database.db, { workerId: 'me', steadyForMs })).toEqual([])
      expect(await isLocked(database, worker)).toBe(true)
    }),
  )
})

describe('a heartbeat', () => {
  it('is there from the start, is renewed, and is removed at the end', () =>
    withDatabase(postgres, async (database) => {
      const seen = async () => {
        const { rows } = await database.pool.query<{ seen_at: Date }>('select seen_at from worker_heartbeats')
        return rows[0]?.seen_at.getTime()
      }
      const heartbeat = new Heartbeat(database.db, 'me')
      await heartbeat.start()
      const first = await seen()
      await waitFor(async () => ((await seen()) ?? 0) > (first ?? Infinity))
      await heartbeat.stop()
      expect(await seen()).toBeUndefined()
    }))
})
