import { Type } from '@fastify/type-provider-typebox'
import { notFound } from '../../app-error.ts'
import { JOB_STATUSES } from '../../database/values.ts'
import { countJobsByStatus } from '../../jobs/job-repository.ts'
import { findUsage } from '../../users/user-repository.ts'
import type { ApiApp } from '../api-app.ts'
import { identityOf } from '../authenticate.ts'
import type { Dependencies } from '../dependencies.ts'
import { showUser } from '../presenters.ts'
import { failures, UserBody } from '../schemas.ts'

const BYTES_PER_GB = 1e9

const UsageBody = Type.Object({
  jobs: Type.Record(Type.String(), Type.Integer(), { description: 'Number of jobs in each status' }),
  jobs_today: Type.Integer({ description: 'Created on this day (UTC)' }),
  max_daily_jobs: Type.Integer(),
  max_concurrent_jobs: Type.Integer(),
  can_create_job: Type.Boolean(),
  provider_accounts: Type.Integer(),
  max_provider_accounts: Type.Integer(),
  assets: Type.Integer(),
  max_assets: Type.Integer(),
  current_storage_gb: Type.Number(),
  max_storage_gb: Type.Number(),
})

/** `/users/me`, also known as `/auth/me`, and what one has used. Behind requireUser. */
export function userRoutes(app: ApiApp, { database }: Dependencies): void {
  const security = [{ bearer: [] }]
  for (const path of ['/users/me', '/auth/me']) {
    app.get(
      path,
      {
        schema: {
          tags: ['users'],
          security,
          summary: 'Oneself',
          response: { 200: UserBody, ...failures(401) },
        },
      },
      async (request) => showUser(identityOf(request).user),
    )
  }

  app.get(
    '/users/me/usage',
    {
      schema: {
        tags: ['users'],
        security,
        summary: 'What one has used',
        response: { 200: UsageBody, ...failures(401) },
      },
    },
    async (request) => {
      const { user } = identityOf(request)
      const [usage, counts] = await Promise.all([
        findUsage(database.db, user.id),
        countJobsByStatus(database.db, user.id),
      ])
      if (usage === undefined) throw notFound('user')
      const { accounts, current_storage_bytes, ...rest } = usage
      return {
        ...rest,
        jobs: Object.fromEntries(JOB_STATUSES.map((status) => [status, counts[status] ?? 0])),
        can_create_job: user.is_active && usage.jobs_today < usage.max_daily_jobs,
        provider_accounts: accounts,
        current_storage_gb: current_storage_bytes / BYTES_PER_GB,
      }
    },
  )
}
