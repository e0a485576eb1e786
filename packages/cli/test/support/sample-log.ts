import { appendLines, type LineFields } from './project.ts'

/** Minutes before now that the sample begins. */
const MINUTES = 20
export const REQUEST_ID = '6f1c2d3e-0001-4000-8000-000000000001'
export const HOSTILE = '\u001b[31mred\u0007\u009b31m \u202eback\u0000\nsecond line'

/** What `appendSample` wrote. */
export interface Sample {
  readonly worker: readonly LineFields[]
  readonly backend: readonly LineFields[]
}

/** Writes a small system's log: 1,203 lines of a worker, 60 requests of a backend, failures of both in errors.log. */
export function appendSample(folder: string): Sample {
  const nowMs = Date.now()
  const at = (index: number, count: number) =>
    new Date(nowMs - MINUTES * 60_000 + Math.floor((index * MINUTES * 60_000) / count)).toISOString()
  const worker = Array.from({ length: 1200 }, (_, index): LineFields => {
    const head = {
      timestamp: at(index, 1200),
      logger: 'job_processor',
      job_id: index % 40,
      task: 'process_job',
    }
    if (index % 100 === 23) {
      return {
        ...head,
        level: 'ERROR',
        message: 'Failed to submit job: API timeout',
        exception: 'Error: API timeout\n    at submit (/srv/app/provider.js:10:5)',
      }
    }
    return { ...head, message: `Processing job #${index % 40}`, duration_ms: index }
  })
  const backend = Array.from({ length: 60 }, (_, index): LineFields => ({
    timestamp: at(index, 60),
    level: index === 7 ? 'CRITICAL' : 'INFO',
    logger: 'http',
    message: 'Request completed',
    request_id: index === 0 ? REQUEST_ID : `request-${index}`,
    job_id: index,
    method: 'POST',
    path: '/jobs',
    status_code: index % 20 === 7 ? 500 : index % 20 === 9 ? 404 : 201,
    duration_ms: 5 + index,
  }))
  const hostile: LineFields = {
    timestamp: at(0, 1),
    level: 'WARNING',
    logger: 'hostile\u001b]0;title\u0007',
    message: HOSTILE,
    'k\u001by': 'v\u001b[2J',
    job_id: 'hostile',
    duration_ms: 90_000,
  }
  const heartbeat: LineFields = {
    timestamp: at(0, 1),
    message: 'Worker is well',
    event: 'heartbeat',
    interval_sec: 3600,
    dependencies: { database: 'up' },
  }
  const completed: LineFields = {
    timestamp: at(0, 1),
    logger: 'job_processor_2',
    message: 'Job completed',
    job_id: 123,
    duration_sec: 45,
  }
  const all = [heartbeat, completed, ...worker, hostile]
  appendLines(folder, 'worker.log', all)
  appendLines(folder, 'backend.log', backend)
  const isError = ({ level }: LineFields) => level === 'ERROR' || level === 'CRITICAL'
  appendLines(folder, 'errors.log', [
    ...worker.filter(isError).map((line) => ({ ...line, component: 'worker' })),
    ...backend.filter(isError).map((line) => ({ ...line, component: 'backend' })),
  ])
  return { worker: all, backend }
}
