import {
  ContextAnswerSchema,
  ContextQuerySchema,
  EntrySchema,
  FacetsAnswerSchema,
  FacetsQuerySchema,
  HistogramAnswerSchema,
  HistogramQuerySchema,
  LogsAnswerSchema,
  LogsQuerySchema,
  MAX_FACET_FIELDS,
  MAX_FIELD_LENGTH,
  ProblemSchema,
  type Entry,
  type FacetsAnswer,
  type HistogramAnswer,
  type QueryReading,
} from '@pixsim7/protocol'
import { readQuery, type LogStore } from '@pixsim7/store'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { App } from '../http/app-type.ts'
import { readFilter } from '../http/filter-parameters.ts'
import { badParameter, quote } from '../http/parameter-problem.ts'
import { ask } from '../http/question.ts'
import type { StoreHolder } from '../host/store-holder.ts'
import { ServerError } from '../server-error.ts'
import { noticeOf } from './notice.ts'

const DEFAULT_LIMIT = 100
const DEFAULT_BUCKETS = 60
const DEFAULT_FACETS = 'level,component,logger'
const DEFAULT_CONTEXT = 10
const IdSchema = Type.Object({ id: Type.String({ minLength: 1, maxLength: 256 }) })
const PROBLEMS = { '4xx': ProblemSchema, '5xx': ProblemSchema }

export interface LogRoutesOptions {
  readonly stores: StoreHolder
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Aborted when the log server stops. */
  readonly stopping: AbortSignal
}

/** The questions about the log: pages, histogram, facets, one entry and its surroundings. */
export function addLogRoutes(app: App, { stores, now, stopping }: LogRoutesOptions): void {
  const nowUs = () => now() * 1000
  const askStore = <T>(
    reply: FastifyReply,
    run: (store: LogStore, signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const store = stores.get()
    return ask(reply, stopping, (signal) => run(store, signal))
  }

  app.get(
    '/logs',
    {
      schema: {
        tags: ['logs'],
        summary: 'One page of entries',
        querystring: LogsQuerySchema,
        response: { 200: LogsAnswerSchema, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { limit = DEFAULT_LIMIT, order = 'desc', cursor } = request.query
      const filter = readFilter(request.query, nowUs())
      const page = await askStore(reply, (store, signal) =>
        store.search(filter, { limit, order, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
      )
      return {
        logs: [...page.entries],
        next_cursor: page.nextCursor,
        prev_cursor: page.prevCursor,
        total: page.total,
        total_is_exact: page.totalIsExact,
        took_ms: page.tookMs,
        notice: noticeOf(stores.health()),
        query: readingOf(filter.q),
      }
    },
  )

  app.get(
    '/logs/histogram',
    {
      schema: {
        tags: ['logs'],
        summary: 'Entries per level in equal intervals',
        querystring: HistogramQuerySchema,
        response: { 200: HistogramAnswerSchema, ...PROBLEMS },
      },
    },
    async (request, reply): Promise<HistogramAnswer> => {
      const { buckets = DEFAULT_BUCKETS } = request.query
      const filter = readFilter(request.query, nowUs())
      const histogram = await askStore(reply, (store, signal) => store.histogram(filter, buckets, { signal }))
      return {
        interval_seconds: histogram.intervalSeconds,
        buckets: histogram.buckets.map(({ start, counts }) => ({ start, counts: { ...counts } })),
      }
    },
  )

  app.get(
    '/logs/facets',
    {
      schema: {
        tags: ['logs'],
        summary: 'The most frequent values of some fields',
        querystring: FacetsQuerySchema,
        response: { 200: FacetsAnswerSchema, ...PROBLEMS },
      },
    },
    async (request, reply): Promise<FacetsAnswer> => {
      const fields = readFacetFields(request.query.fields ?? DEFAULT_FACETS)
      const filter = readFilter(request.query, nowUs())
      const facets = await askStore(reply, (store, signal) => store.facets(filter, fields, { signal }))
      return {
        facets: Object.fromEntries(Object.entries(facets).map(([field, values]) => [field, [...values]])),
      }
    },
  )

  app.get(
    '/logs/:id',
    {
      schema: {
        tags: ['logs'],
        summary: 'One entry',
        params: IdSchema,
        querystring: NO_QUERY,
        response: { 200: EntrySchema, ...PROBLEMS },
      },
    },
    async (request, reply): Promise<Entry> => {
      const { id } = request.params
      return found(id, await askStore(reply, (store, signal) => store.entry(id, { signal })))
    },
  )

  app.get(
    '/logs/:id/context',
    {
      schema: {
        tags: ['logs'],
        summary: 'The entries around one in its own file',
        params: IdSchema,
        querystring: ContextQuerySchema,
        response: { 200: ContextAnswerSchema, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { before = DEFAULT_CONTEXT, after = DEFAULT_CONTEXT } = request.query
      return {
        logs: found(
          id,
          await askStore(reply, (store, signal) => store.context(id, before, after, { signal })),
        ),
      }
    },
  )
}

/** A route that takes no parameter refuses them all, as the others refuse unknown ones. */
const NO_QUERY = Type.Object({}, { additionalProperties: false })

function found<T>(id: string, answer: T | undefined): T {
  if (answer !== undefined) return answer
  throw new ServerError(
    'not_found',
    `There is no entry ${quote(id)}. Entries leave the store with their retention.`,
  )
}

/** How the query was understood; a query too large to be asked has been refused before. */
function readingOf(q: string | undefined): QueryReading | null {
  if (q === undefined) return null
  const { words, problem } = readQuery(q)
  return { words, problem }
}

function readFacetFields(text: string): string[] {
  const fields = [...new Set(text.split(',').map((field) => field.trim()))]
  if (
    fields.length > MAX_FACET_FIELDS ||
    fields.some((field) => field === '' || field.length > MAX_FIELD_LENGTH)
  ) {
    throw badParameter(
      `Parameter "fields" is ${quote(text)}`,
      `at most ${MAX_FACET_FIELDS} names of fields, separated by commas, each of 1 to ${MAX_FIELD_LENGTH} characters`,
    )
  }
  return fields
}
