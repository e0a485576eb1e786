/** The health record, the worker's heartbeat: at the start and then regularly, what this worker did and what waits for it. */
import { getLogger } from '@pixsim7/logging'
import { sql } from 'kysely'
import { errorFields } from '../error-fields.ts'
import { POLL_JOB_STATUSES, PROCESS_JOB } from '../queue/task-names.ts'
import { heartbeatFields, startHeartbeat } from '../service-heartbeat.ts'
import type { WorkerDeps } from './worker-deps.ts'

const logger = getLogger('worker_health')

/** Starts the records; call what it returns to end them. */
export function startHealthRecords(deps: WorkerDeps): () => void {
  return startHeartbeat(() => void recordHealth(deps), deps.settings.heartbeatMs)
}

/** Logs one record; never rejects. */
export async function recordHealth(deps: WorkerDeps): Promise<void> {
  const { completed, failed, retried, polls } = deps.counters
  const counted = {
    j_complete: completed,
    j_failed: failed,
    j_retried: retried,
    // By the name of the task, so that a search for it also finds that an idle worker polls: its polls are DEBUG.
    [POLL_JOB_STATUSES]: polls,
  }
  try {
    const { rows } = await sql<{ ongoing: number; queued: number }>`
      select
        (select count(*) from jobs where status = 'processing') as ongoing,
        (select count(*) from graphile_worker.jobs as queued
          where task_identifier = ${PROCESS_JOB} and locked_at is null and attempts < max_attempts) as queued`.execute(
      deps.db,
    )
    logger.info('Worker health', {
      ...counted,
      j_ongoing: rows[0]?.ongoing ?? 0,
      queued: rows[0]?.queued ?? 0,
      ...beat(deps),
    })
  } catch (error) {
    logger.warning('Worker health is not known', { ...counted, ...beat(deps), ...errorFields(error) })
  }
}

function beat(deps: WorkerDeps) {
  return heartbeatFields({ database: deps, providers: deps.providers }, deps.settings.heartbeatMs)
}
