import {
  ProblemSchema,
  RequestRateAnswerSchema,
  RequestRateQuerySchema,
  ServicesAnswerSchema,
  SlowAnswerSchema,
  SlowQuerySchema,
  StorageAnswerSchema,
  type RequestRateAnswer,
  type ServicesAnswer,
  type StorageAnswer,
} from '@pixsim7/protocol'
import type { LogStore } from '@pixsim7/store'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { App } from '../http/app-type.ts'
import { readFilter } from '../http/filter-parameters.ts'
import { badParameter } from '../http/parameter-problem.ts'
import { ask } from '../http/question.ts'
import { measureFiles } from '../host/files-on-disk.ts'
import type { StoreHolder } from '../host/store-holder.ts'
import type { Retention } from '../retention.ts'
import { servicesAnswer } from './services-answer.ts'
import { storageAnswer } from './storage-answer.ts'

const DEFAULT_OVER_MS = 100
const DEFAULT_LIMIT = 50
const PROBLEMS = { '4xx': ProblemSchema, '5xx': ProblemSchema }
const NO_QUERY = Type.Object({}, { additionalProperties: false })

export interface StatsRoutesOptions {
  readonly stores: StoreHolder
  readonly retention: Retention
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Aborted when the log server stops. */
  readonly stopping: AbortSignal
}

/** What the log says in numbers: requests per minute, slow operations, storage, and who runs. */
export function addStatsRoutes(app: App, { stores, retention, now, stopping }: StatsRoutesOptions): void {
  const startedAtMs = now()
  const askStore = <T>(
    reply: FastifyReply,
    run: (store: LogStore, signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const store = stores.get()
    return ask(reply, stopping, (signal) => run(store, signal))
  }

  app.get(
    '/stats/requests-per-minute',
    {
      schema: {
        tags: ['statistics'],
        summary: 'Requests per minute, their errors and durations',
        querystring: RequestRateQuerySchema,
        response: { 200: RequestRateAnswerSchema, ...PROBLEMS },
      },
    },
    async (request, reply): Promise<RequestRateAnswer> => {
      const filter = readFilter(request.query, now() * 1000)
      const rate = await askStore(reply, (store, signal) => store.requestRate(filter, { signal }))
      return {
        interval_seconds: rate.intervalSeconds,
        points: rate.points.map((point) => ({
          start: point.start,
          requests: point.requests,
          client_errors: point.clientErrors,
          server_errors: point.serverErrors,
          records: point.records,
          p50_ms: point.p50Ms,
          p95_ms: point.p95Ms,
        })),
      }
    },
  )

  app.get(
    '/stats/slow',
    {
      schema: {
        tags: ['statistics'],
        summary: 'Slow operations and the records that tell of them',
        querystring: SlowQuerySchema,
        response: { 200: SlowAnswerSchema, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { over_ms: overMs = DEFAULT_OVER_MS, limit = DEFAULT_LIMIT } = request.query
      // 1e999 is a number to the schema, without its limits.
      if (!Number.isFinite(overMs))
        throw badParameter('Parameter "over_ms" is no finite number', 'milliseconds')
      const filter = readFilter(request.query, now() * 1000)
      const answer = await askStore(reply, (store, signal) => store.slow(filter, overMs, limit, { signal }))
      return {
        total: answer.total,
        operations: answer.operations.map((operation) => ({
          component: operation.component,
          logger: operation.logger,
          message: operation.message,
          count: operation.count,
          p50_ms: operation.p50Ms,
          p95_ms: operation.p95Ms,
          max_ms: operation.maxMs,
        })),
        logs: [...answer.entries],
      }
    },
  )

  app.get(
    '/stats/storage',
    {
      schema: {
        tags: ['statistics'],
        summary: 'Lines and bytes per day and component, retention, and what it will take',
        querystring: NO_QUERY,
        response: { 200: StorageAnswerSchema, ...PROBLEMS },
      },
    },
    async (_request, reply): Promise<StorageAnswer> => {
      const use = await askStore(reply, (store, signal) => store.storage({ signal }))
      const files = await measureFiles(stores.health()?.files ?? [])
      return storageAnswer(use, files, retention, now())
    },
  )

  app.get(
    '/stats/services',
    {
      schema: {
        tags: ['statistics'],
        summary: 'Who runs, by what the log says',
        querystring: NO_QUERY,
        response: { 200: ServicesAnswerSchema, ...PROBLEMS },
      },
    },
    async (_request, reply): Promise<ServicesAnswer> => {
      const nowMs = now()
      const states = await askStore(reply, (store, signal) => store.services(nowMs * 1000, { signal }))
      return servicesAnswer(states, startedAtMs, nowMs)
    },
  )
}
