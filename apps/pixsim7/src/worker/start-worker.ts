/** The worker inside its process: queue, heartbeat, health records, and the order in which they start and stop. */
import { EventEmitter } from 'node:events'
import { getLogger } from '@pixsim7/logging'
import { run } from 'graphile-worker'
import type { Runner, WorkerEvents } from 'graphile-worker'
import { removeAbandonedFiles } from '../assets/storage.ts'
import { isConnectionError } from '../database/connection-errors.ts'
import { errorFields } from '../error-fields.ts'
import { POLL_JOB_STATUSES } from '../queue/task-names.ts'
import { patientPool } from '../queue/patient-pool.ts'
import { queueLogger } from '../queue/queue-logger.ts'
import { Heartbeat } from './heartbeat.ts'
import { createCronItems, createTaskList, POLL_SPEC, SWEEP_SPEC } from './task-list.ts'
import { SWEEP } from './sweep.ts'
import { startHealthRecords } from './worker-health.ts'
import type { WorkerDeps } from './worker-deps.ts'

const logger = getLogger('worker')

/** Running tasks may go on for so long after the worker was told to stop; then they are told to give up. */
const FINISH_MS = 4000
/** They then have until here, counted from the start, to put their work back. */
const STOP_MS = 7000
/** The queue looks for due tasks at least this often; new ones it is told of at once. */
const MAX_QUEUE_POLL_MS = 2000

/** Whoever started it stops it. */
export interface RunningWorker {
  /** As in `worker_heartbeats` and in the locks of the queue. */
  readonly id: string
  /** Resolves when the queue has ended without being told to. */
  readonly ended: Promise<unknown>
  /**
   * Takes no new tasks and lets the running ones finish, or put their work back. `late`: after 7 s some had done neither; they
   * still hold connections. Safe twice.
   */
  stop(): Promise<'clean' | 'late'>
}

/** @throws what the database throws */
export async function startWorker(deps: WorkerDeps): Promise<RunningWorker> {
  const abandoned = await removeAbandonedFiles(deps.store.basePath, Date.now())
  if (abandoned > 0) logger.info('Abandoned downloads removed', { files: abandoned })
  const leaving = new AbortController()
  const { runner, poolId } = await startQueue(deps, leaving.signal)
  const heartbeat = new Heartbeat(deps.db, poolId)
  try {
    await heartbeat.start()
    await runner.addJob(SWEEP, {}, SWEEP_SPEC)
    await runner.addJob(POLL_JOB_STATUSES, {}, POLL_SPEC)
  } catch (error) {
    heartbeat.abandon()
    await runner.stop()
    throw error
  }
  const endHealthRecords = startHealthRecords(deps)
  let stopping: Promise<'clean' | 'late'> | undefined
  return {
    id: poolId,
    ended: runner.promise,
    stop() {
      endHealthRecords()
      leaving.abort()
      stopping ??= stopQueue(runner, heartbeat)
      return stopping
    },
  }
}

async function startQueue(
  deps: WorkerDeps,
  leaving: AbortSignal,
): Promise<{ readonly runner: Runner; readonly poolId: string }> {
  const events: WorkerEvents = new EventEmitter()
  // Known only by this event: the locks in the queue carry it.
  let poolId = ''
  events.on('pool:create', ({ workerPool }) => (poolId = workerPool.id))
  const runner = await run({
    pgPool: patientPool(deps.pool, leaving),
    events,
    taskList: createTaskList(deps),
    parsedCronItems: createCronItems(),
    concurrency: deps.settings.maxTasks,
    pollInterval: Math.min(MAX_QUEUE_POLL_MS, deps.settings.pollIntervalMs),
    gracefulShutdownAbortTimeout: FINISH_MS,
    // Batches, because only these are waited for when the queue stops.
    preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    // Its own handlers end the process, on SIGHUP too, which means: reopen the log files.
    noHandleSignals: true,
    logger: queueLogger(),
  })
  return { runner, poolId }
}

async function stopQueue(runner: Runner, heartbeat: Heartbeat): Promise<'clean' | 'late'> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, STOP_MS, 'late')))
  try {
    const outcome = await Promise.race([runner.stop(), tooLate])
    if (outcome !== 'late') {
      await heartbeat.stop()
      return 'clean'
    }
    // The row stays: the next worker finds the locks of this one by it.
    heartbeat.abandon()
    logger.warning('Tasks did not end in time and are left to the next worker', { waited_ms: STOP_MS })
    return 'late'
  } catch (error) {
    if (!isConnectionError(error)) throw error
    heartbeat.abandon()
    logger.warning('The database is away, tasks are left to the next worker', errorFields(error))
    return 'late'
  } finally {
    clearTimeout(timer)
  }
}
