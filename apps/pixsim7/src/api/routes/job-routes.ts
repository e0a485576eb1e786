import { Type } from '@fastify/type-provider-typebox'
import { AppError, notFound } from '../../app-error.ts'
import type { Job } from '../../database/tables.ts'
import { cancelJobEverywhere } from '../../jobs/cancel-job.ts'
import { createJob } from '../../jobs/create-job.ts'
import { findJob, listJobs } from '../../jobs/job-repository.ts'
import type { Identity } from '../../users/auth-service.ts'
import type { ApiApp } from '../api-app.ts'
import { identityOf } from '../authenticate.ts'
import type { Dependencies } from '../dependencies.ts'
import { showJob } from '../presenters.ts'
import { assertRate } from '../rate-limits.ts'
import {
  failures,
  Id,
  IdParams,
  JobBody,
  JobStatusWord,
  NoContent,
  Nullable,
  OperationWord,
  ProviderId,
  Strict,
} from '../schemas.ts'

const MAX_SCHEDULE_DAYS = 366
const DAY_MS = 86_400_000

const NewJob = Strict({
  operation_type: OperationWord,
  provider_id: Type.Optional(Type.String({ ...ProviderId, default: 'pixverse' })),
  params: Type.Record(Type.String(), Type.Unknown(), {
    description: 'See GET /providers for what an operation takes',
  }),
  parent_job_id: Type.Optional(Nullable(Id)),
  priority: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 10, default: 5, description: '0 is the most urgent' }),
  ),
  scheduled_at: Type.Optional(
    Nullable(
      Type.String({
        maxLength: 40,
        description: `ISO 8601 with zone, at most ${MAX_SCHEDULE_DAYS} days ahead`,
      }),
    ),
  ),
})

const Filter = Strict({
  status: Type.Optional(JobStatusWord),
  operation_type: Type.Optional(OperationWord),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000, default: 0 })),
})

const JobPage = Type.Object({
  jobs: Type.Array(JobBody),
  total: Type.Integer({ description: 'Of all pages' }),
  limit: Type.Integer(),
  offset: Type.Integer(),
})

const ISO_WITH_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

function parseSchedule(text: string | null | undefined): Date | null {
  if (text == null) return null
  const time = new Date(text)
  if (!ISO_WITH_ZONE.test(text) || Number.isNaN(time.getTime())) {
    throw new AppError(
      'validation_error',
      'scheduled_at must be ISO 8601 with a zone, such as 2030-01-31T12:00:00Z.',
    )
  }
  if (time.getTime() > Date.now() + MAX_SCHEDULE_DAYS * DAY_MS) {
    throw new AppError('validation_error', `scheduled_at must be within ${MAX_SCHEDULE_DAYS} days.`)
  }
  return time
}

/** `/jobs`. Behind requireUser. */
export function jobRoutes(app: ApiApp, { database, registry, secretBox, limiters }: Dependencies): void {
  const { db } = database
  const common = { tags: ['jobs'], security: [{ bearer: [] }] }

  const getOwnJob = async ({ user }: Identity, jobId: number): Promise<Job> => {
    const job = await findJob(db, jobId)
    if (job === undefined) throw notFound('job')
    if (job.user_id !== user.id && user.role !== 'admin') {
      throw new AppError('permission_denied', 'This job belongs to another user.')
    }
    return job
  }

  app.post(
    '/jobs',
    {
      schema: {
        ...common,
        summary: 'Create a job',
        body: NewJob,
        response: { 201: JobBody, ...failures(400, 401, 403, 422, 429) },
      },
    },
    async (request, reply) => {
      const { user } = identityOf(request)
      assertRate(limiters.createJob, String(user.id), user.id)
      const { operation_type, provider_id, params, parent_job_id, priority, scheduled_at } = request.body
      const job = await createJob({
        db,
        registry,
        user,
        requestId: request.id,
        request: {
          operation_type,
          provider_id: provider_id ?? 'pixverse',
          params,
          parent_job_id: parent_job_id ?? null,
          priority: priority ?? 5,
          scheduled_at: parseSchedule(scheduled_at),
        },
      })
      return reply.code(201).send(showJob(job))
    },
  )

  app.get(
    '/jobs',
    {
      schema: {
        ...common,
        summary: 'Own jobs (admins: all), most urgent first, then newest',
        querystring: Filter,
        response: { 200: JobPage, ...failures(401, 422) },
      },
    },
    async (request) => {
      const { user } = identityOf(request)
      const { status, operation_type, limit = 50, offset = 0 } = request.query
      const filter = {
        userId: user.role === 'admin' ? undefined : user.id,
        status,
        operationType: operation_type,
      }
      const page = await listJobs(db, filter, { limit, offset })
      return { jobs: page.jobs.map(showJob), total: page.total, limit, offset }
    },
  )

  app.get(
    '/jobs/:id',
    {
      schema: {
        ...common,
        summary: 'A job',
        params: IdParams,
        response: { 200: JobBody, ...failures(401, 403, 404, 422) },
      },
    },
    async (request) => showJob(await getOwnJob(identityOf(request), request.params.id)),
  )

  app.delete(
    '/jobs/:id',
    {
      schema: {
        ...common,
        summary: 'Cancel a job that has not ended',
        params: IdParams,
        response: { 204: NoContent, ...failures(400, 401, 403, 404, 422) },
      },
    },
    async (request, reply) => {
      const job = await getOwnJob(identityOf(request), request.params.id)
      await cancelJobEverywhere({ db, registry, secretBox }, job)
      return reply.code(204).send(null)
    },
  )
}
