/** Creating a job: the checks in their order, the row, its place in the queue. Logger `job_service`. */
import { getLogger } from '@pixsim7/logging'
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { AppError } from '../app-error.ts'
import type { JsonObject, Job, Tables, User } from '../database/tables.ts'
import type { OperationType } from '../database/values.ts'
import { errorFields } from '../error-fields.ts'
import { ProviderError } from '../provider/provider-error.ts'
import type { ProviderRegistry } from '../provider/provider-registry.ts'
import { enqueueProcessJob } from '../queue/enqueue.ts'
import { PROCESS_JOB } from '../queue/task-names.ts'
import { JOBS_TODAY } from '../users/user-repository.ts'
import { insertJob } from './job-repository.ts'

const DAY_SEC = 86_400

const logger = getLogger('job_service')

export interface JobRequest {
  readonly operation_type: OperationType
  readonly provider_id: string
  readonly params: JsonObject
  readonly parent_job_id: number | null
  readonly priority: number
  readonly scheduled_at: Date | null
}

export interface JobCreation {
  readonly db: Kysely<Tables>
  readonly registry: ProviderRegistry
  readonly user: User
  readonly request: JobRequest
  /** Written into the queued task, so that the worker's lines can be found from the request's. */
  readonly requestId: string
}

/**
 * Creates a job and queues it. A failing queue is logged and forgiven: the job stays pending, and the worker's sweeper picks
 * it up. @throws AppError for each refusal, which is logged with its reason
 */
export async function createJob(creation: JobCreation): Promise<Job> {
  const { db, user, request } = creation
  let job: Job
  try {
    job = await db.transaction().execute(async (transaction) => {
      await assertQuota(transaction, user.id)
      assertParameters(creation.registry, request)
      await assertParent(transaction, user.id, request.parent_job_id)
      const created = await insertJob(transaction, {
        ...request,
        user_id: user.id,
        params: JSON.stringify(request.params),
      })
      await transaction
        .updateTable('users')
        .set({ jobs_today: sql`${JOBS_TODAY} + 1`, last_job_reset_at: sql<Date>`now()` })
        .where('id', '=', user.id)
        .execute()
      return created
    })
  } catch (error) {
    if (error instanceof AppError) logger.warning('Job rejected', { user_id: user.id, reason: error.code })
    throw error
  }
  logger.info('Job created', {
    user_id: user.id,
    job_id: job.id,
    operation_type: job.operation_type,
    provider_id: job.provider_id,
    priority: job.priority,
  })
  await enqueue(creation, job)
  return job
}

async function enqueue({ db, requestId }: JobCreation, job: Job): Promise<void> {
  try {
    await enqueueProcessJob(db, job, requestId)
    logger.info('Job queued', { job_id: job.id, queue: PROCESS_JOB })
  } catch (error) {
    logger.error('Job could not be queued', { job_id: job.id, queue: PROCESS_JOB, ...errorFields(error) })
  }
}

/** Locks the user's row, so that two requests at once cannot both take the last job of the day. */
async function assertQuota(db: Kysely<Tables>, userId: number): Promise<void> {
  const user = await db
    .selectFrom('users')
    .select([
      'is_active',
      'max_daily_jobs',
      JOBS_TODAY.as('jobs_today'),
      sql<number>`ceil(extract(epoch from date_trunc('day', now(), 'UTC') + interval '1 day' - now()))::int`.as(
        'day_ends_in_sec',
      ),
    ])
    .where('id', '=', userId)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (user?.is_active !== true) throw new AppError('permission_denied', 'This user is not active.')
  if (user.jobs_today >= user.max_daily_jobs) {
    throw new AppError('user_quota_exceeded', `The ${user.max_daily_jobs} jobs of today (UTC) are used up.`, {
      retryAfterSec: Math.min(DAY_SEC, Math.max(1, user.day_ends_in_sec)),
    })
  }
}

function assertParameters(registry: ProviderRegistry, request: JobRequest): void {
  const provider = registry.find(request.provider_id)
  if (provider === undefined) {
    const known = registry.list().map(({ providerId }) => providerId)
    throw new AppError('provider_not_found', `There is no such provider; known are: ${known.join(', ')}.`)
  }
  if (!provider.supportedOperations.includes(request.operation_type)) {
    throw new AppError(
      'unsupported_operation',
      `${provider.name} does not support ${request.operation_type}.`,
    )
  }
  if (Object.keys(request.params).length === 0)
    throw new AppError('invalid_parameters', 'params must not be empty.')
  try {
    provider.mapParameters(request.operation_type, request.params)
  } catch (error) {
    if (error instanceof ProviderError)
      throw new AppError('invalid_parameters', error.message, { cause: error })
    throw error
  }
}

async function assertParent(db: Kysely<Tables>, userId: number, parentId: number | null): Promise<void> {
  if (parentId === null) return
  const parent = await db.selectFrom('jobs').select('user_id').where('id', '=', parentId).executeTakeFirst()
  if (parent?.user_id !== userId)
    throw new AppError('invalid_operation', 'parent_job_id names no job of yours.')
}
