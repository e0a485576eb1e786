/** What the worker reads from the environment beyond what its database and provider need. */
import { durationMs, integer, setting } from '@pixsim7/logging'
import { WORKER_SETTINGS } from '../settings.ts'

export const WORKER_COMPONENT_SETTINGS = {
  ...WORKER_SETTINGS,
  taskTimeoutMs: setting('WORKER_JOB_TIMEOUT', durationMs({ min: 1000, max: 86_400_000 }), {
    default: '3600s',
    doc: 'Longest time one task of the queue may take',
  }),
  maxTries: setting('WORKER_MAX_TRIES', integer({ min: 1, max: 100 }), {
    default: '3',
    doc: 'Submissions of a job that may fail before the job fails',
  }),
  retryDelayMs: setting('WORKER_RETRY_DELAY', durationMs({ min: 10, max: 3_600_000 }), {
    default: '5s',
    doc: 'Time until what failed is tried again, doubled each time up to a minute',
  }),
  jobTimeoutMs: setting('JOB_TIMEOUT', durationMs({ min: 1000, max: 7 * 86_400_000 }), {
    default: '2h',
    doc: 'A job its provider has not finished after this long fails',
  }),
}
