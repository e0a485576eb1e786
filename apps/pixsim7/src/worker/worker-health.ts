/** The health record: once at the start and then each minute, what this worker did and what waits for it. */
import { getLogger } from '@pixsim7/logging'
import { sql } from 'kysely'
import { PROCESS_JOB } from '../queue/task-names.ts'
import type { WorkerDeps } from './worker-deps.ts'

const logger = getLogger('worker_health')

const INTERVAL_MS = 60_000

/** Starts the records; call what it returns to end them. */
export function startHealthRecords(deps: WorkerDeps): () => void {
  void recordHealth(deps)
  const timer = setInterval(() => void recordHealth(deps), INTERVAL_MS)
  return () => clearInterval(timer)
}

/** Logs one record; never rejects. */
export async function recordHealth(deps: WorkerDeps): Promise<void> {
  const { completed, failed, retried } = deps.counters
  try {
    const { rows } = await sql<{ ongoing: number; queued: number }>`
      select
        (select count(*) from jobs where status = 'processing') as ongoing,
        (select count(*) from graphile_worker.jobs as queued
          where task_identifier = ${PROCESS_JOB} and locked_at is null and attempts < max_attempts) as queued`.execute(
      deps.db,
    )
    logger.info('Worker health', {
      j_complete: completed,
      j_failed: failed,
      j_retried: retried,
      j_ongoing: rows[0]?.ongoing ?? 0,
      queued: rows[0]?.queued ?? 0,
    })
  } catch (error) {
    logger.warning('Worker health is not known', {
      j_complete: completed,
      j_failed: failed,
      j_retried: retried,
      error,
    })
  }
}
