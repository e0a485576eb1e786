/** A worker that takes jobs from a queue. The queue stands for graphile-worker, BullMQ and the like: it emits events. */
import { EventEmitter } from 'node:events'
import { closeLogging, formatStartup, getLogger, LogContext, setupLogging } from '@pixsim7/logging'

interface Job {
  readonly id: number
  readonly userId: number
  readonly attempts: number
}

type QueueEvents = Record<'job:start' | 'job:success', [job: Job]> & {
  'job:error': [job: Job, error: unknown]
}

/** Runs jobs, two at a time. */
class Queue extends EventEmitter<QueueEvents> {
  async run(jobs: readonly Job[], task: (job: Job) => Promise<void>): Promise<void> {
    const waiting = [...jobs]
    const work = async () => {
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
        this.emit('job:start', job)
        try {
          await task(job)
          this.emit('job:success', job)
        } catch (error) {
          this.emit('job:error', job, error)
        }
      }
    }
    await Promise.all([work(), work()])
  }
}

console.log(formatStartup(setupLogging({ component: 'worker' })))
const logger = getLogger('job_processor')
const queue = new Queue()

// The queue's events come from outside of a job's context, so they say themselves whose job it is.
const fieldsOf = (job: Job) => ({ user_id: job.userId, job_id: job.id, attempts: job.attempts })
queue.on('job:start', (job) => logger.info('Job started', { event: 'job_started', ...fieldsOf(job) }))
queue.on('job:success', (job) => logger.info('Job completed', { event: 'job_completed', ...fieldsOf(job) }))
queue.on('job:error', (job, error) => {
  logger.error('Job failed', { event: 'job_failed', ...fieldsOf(job), error })
})

/** Knows nothing of jobs and users: the context does. */
async function generate(seed: number): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  getLogger('generator').info('Generating', { seed })
  if (seed === 3) throw new Error('provider has no credits left')
}

const jobs = [1, 2, 3, 4].map((id) => ({ id, userId: 10 + id, attempts: 1 }))
await queue.run(jobs, (job) =>
  LogContext.run({ user_id: job.userId, job_id: job.id }, () => generate(job.id)),
)
await closeLogging()
