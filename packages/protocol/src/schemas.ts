import { Type, type Static } from 'typebox'
import { LEVELS, type LogEntry } from '@pixsim7/record'
import { MAX_FACET_FIELDS, MAX_FIELD_LENGTH } from './contract.ts'

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

export const LevelSchema = Type.Enum([...LEVELS])

/** One record with its origin; the same shape as LogEntry in the record workspace (a test holds both equal). */
export const EntrySchema = Type.Object(
  {
    id: Type.String(),
    timestamp: Type.String({ description: 'ISO 8601, UTC, microseconds' }),
    level: LevelSchema,
    component: Type.String(),
    service: Nullable(Type.String()),
    host: Nullable(Type.String()),
    logger: Type.String(),
    message: Type.String(),
    module: Nullable(Type.String()),
    function: Nullable(Type.String()),
    line: Nullable(Type.Integer()),
    user_id: Type.Union([Type.String(), Type.Number(), Type.Null()]),
    job_id: Type.Union([Type.String(), Type.Number(), Type.Null()]),
    request_id: Nullable(Type.String()),
    exception: Nullable(Type.String()),
    fields: Type.Record(Type.String(), Type.Unknown()),
    file: Type.String(),
    offset: Type.Integer(),
  },
  { $id: 'Entry' },
)
export type Entry = LogEntry

const TIME = 'ISO 8601, or relative to now: -15m, -2h, -7d, now'

/** What every question about the log can be narrowed by. Repeatable parameters may be given several times. */
export const FILTER_PROPERTIES = {
  q: Type.Optional(
    Type.String({
      maxLength: 8192,
      description: 'in the query language (docs/query-language.md): level>=warning job_id:123 -timeout',
    }),
  ),
  level: Type.Optional(
    Type.Array(Type.String({ maxLength: 20 }), { maxItems: 5, description: 'exact level; repeatable' }),
  ),
  logger: Type.Optional(Type.String({ maxLength: 256, description: 'exact name, or a pattern with *' })),
  component: Type.Optional(
    Type.Array(Type.String({ maxLength: 128 }), { maxItems: 50, description: 'repeatable' }),
  ),
  search: Type.Optional(
    Type.String({ maxLength: 4096, description: 'any part of message or exception, case ignored' }),
  ),
  user_id: Type.Optional(Type.String({ maxLength: 256 })),
  job_id: Type.Optional(Type.String({ maxLength: 256 })),
  request_id: Type.Optional(Type.String({ maxLength: 256 })),
  from: Type.Optional(Type.String({ maxLength: 64, description: `inclusive; ${TIME}` })),
  to: Type.Optional(Type.String({ maxLength: 64, description: `exclusive; ${TIME}` })),
}

export const FilterQuerySchema = Type.Object(FILTER_PROPERTIES, { additionalProperties: false })
export type FilterQuery = Static<typeof FilterQuerySchema>

export const LogsQuerySchema = Type.Object(
  {
    ...FILTER_PROPERTIES,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 512 })),
    order: Type.Optional(Type.Union([Type.Literal('desc'), Type.Literal('asc')], { default: 'desc' })),
  },
  { additionalProperties: false },
)
export type LogsQuery = Static<typeof LogsQuerySchema>

/** How `q` was understood; null in an answer to a question without `q`. */
export const QueryReadingSchema = Type.Object({
  words: Type.String({ description: 'the query in words' }),
  problem: Nullable(
    Type.Object(
      {
        message: Type.String({ description: 'what was wrong and what to do' }),
        offset: Type.Integer({ description: 'where, in UTF-16 code units of q' }),
      },
      { description: 'set when q does not parse: it was searched as text' },
    ),
  ),
})
export type QueryReading = Static<typeof QueryReadingSchema>

export const LogsAnswerSchema = Type.Object({
  logs: Type.Array(EntrySchema),
  next_cursor: Nullable(Type.String()),
  prev_cursor: Nullable(Type.String()),
  total: Type.Integer({ description: 'entries in the whole result' }),
  total_is_exact: Type.Boolean(),
  took_ms: Type.Number(),
  notice: Nullable(Type.String({ description: 'what the reader should know about this answer, in words' })),
  query: Nullable(QueryReadingSchema),
})
export interface LogsAnswer {
  readonly logs: readonly Entry[]
  readonly next_cursor: string | null
  readonly prev_cursor: string | null
  readonly total: number
  readonly total_is_exact: boolean
  readonly took_ms: number
  readonly notice: string | null
  readonly query: QueryReading | null
}

export const HistogramQuerySchema = Type.Object(
  { ...FILTER_PROPERTIES, buckets: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 60 })) },
  { additionalProperties: false },
)
export type HistogramQuery = Static<typeof HistogramQuerySchema>

export const HistogramAnswerSchema = Type.Object({
  interval_seconds: Type.Number(),
  buckets: Type.Array(
    Type.Object({
      start: Type.String(),
      counts: Type.Record(Type.String(), Type.Integer(), { description: 'level → records' }),
    }),
  ),
})
export type HistogramAnswer = Static<typeof HistogramAnswerSchema>

export const FacetsQuerySchema = Type.Object(
  {
    ...FILTER_PROPERTIES,
    fields: Type.Optional(
      Type.String({
        maxLength: MAX_FACET_FIELDS * (MAX_FIELD_LENGTH + 1),
        default: 'level,component,logger',
        description: `names of any fields, comma separated; nested ones with dots; at most ${MAX_FACET_FIELDS}`,
      }),
    ),
  },
  { additionalProperties: false },
)
export type FacetsQuery = Static<typeof FacetsQuerySchema>

export const FacetsAnswerSchema = Type.Object({
  facets: Type.Record(
    Type.String(),
    Type.Array(Type.Object({ value: Type.String(), count: Type.Integer() })),
  ),
})
export type FacetsAnswer = Static<typeof FacetsAnswerSchema>

export const RequestRateQuerySchema = FilterQuerySchema
export type RequestRateQuery = FilterQuery

/** Requests are records with the fields `method`, `path` and `status_code`. */
export const RequestRateAnswerSchema = Type.Object({
  interval_seconds: Type.Integer({
    description: '60, or the least multiple that needs at most 1,500 points',
  }),
  points: Type.Array(
    Type.Object({
      start: Type.String(),
      requests: Type.Integer(),
      client_errors: Type.Integer({ description: 'status 400 to 499' }),
      server_errors: Type.Integer({ description: 'status 500 to 599' }),
      records: Type.Integer({ description: 'all records of the filter, requests or not' }),
      p50_ms: Nullable(Type.Number({ description: 'median duration_ms of the requests' })),
      p95_ms: Nullable(Type.Number()),
    }),
    { description: 'ascending, without gaps' },
  ),
})
export type RequestRateAnswer = Static<typeof RequestRateAnswerSchema>

export const SlowQuerySchema = Type.Object(
  {
    ...FILTER_PROPERTIES,
    over_ms: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1e12, default: 100, description: 'inclusive' }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 50 })),
  },
  { additionalProperties: false },
)
export type SlowQuery = Static<typeof SlowQuerySchema>

/** Durations come from the field `duration_ms`, else from `duration_sec`. */
export const SlowAnswerSchema = Type.Object({
  total: Type.Integer({ description: 'records that took as long or longer' }),
  operations: Type.Array(
    Type.Object({
      component: Type.String(),
      logger: Type.String(),
      message: Type.String(),
      count: Type.Integer(),
      p50_ms: Type.Number(),
      p95_ms: Type.Number(),
      max_ms: Type.Number(),
    }),
    { description: 'of those records, most time in all first; at most 100' },
  ),
  logs: Type.Array(EntrySchema, { description: 'the slowest first; at most limit' }),
})
export interface SlowAnswer {
  readonly total: number
  readonly operations: Static<typeof SlowAnswerSchema>['operations']
  readonly logs: readonly Entry[]
}

/** Which days are kept: one class for ERROR and CRITICAL, one for the rest. Null: for ever. */
const RetentionSchema = Type.Object({
  environment: Nullable(
    Type.Union([Type.Literal('development'), Type.Literal('staging'), Type.Literal('production')]),
  ),
  days: Nullable(Type.Integer()),
  error_days: Nullable(Type.Integer()),
})

export const StorageAnswerSchema = Type.Object({
  retention: RetentionSchema,
  store: Type.Object({
    bytes: Type.Integer({ description: 'of the rows on disk, indexes included' }),
    rows: Type.Integer(),
    line_bytes: Type.Integer({ description: 'of the lines those rows were read from' }),
    disk_free_bytes: Nullable(Type.Integer()),
    expired_rows: Type.Integer({ description: 'removed by retention so far' }),
  }),
  components: Type.Array(
    Type.Object({
      component: Type.String(),
      files: Type.Integer(),
      file_bytes: Type.Integer({ description: 'on disk now, archives included' }),
    }),
  ),
  days: Type.Array(
    Type.Object({
      day: Type.String({ description: '2025-11-11, UTC' }),
      component: Type.String(),
      rows: Type.Integer(),
      line_bytes: Type.Integer(),
      error_rows: Type.Integer(),
      error_line_bytes: Type.Integer(),
    }),
    { description: 'newest day first; at most 400 days' },
  ),
  projection: Type.Array(
    Type.Object({
      environment: Type.Union([
        Type.Literal('development'),
        Type.Literal('staging'),
        Type.Literal('production'),
      ]),
      component: Type.String({ description: 'errors: the errors file' }),
      bytes_per_day: Type.Integer({ description: 'mean of the last full days, at most 7' }),
      retention_days: Type.Integer(),
      bytes: Type.Integer({ description: 'files, uncompressed, once the retention is full' }),
      estimate_low_bytes_per_day: Nullable(Type.Integer({ description: "the specification's estimate" })),
      estimate_high_bytes_per_day: Nullable(Type.Integer()),
    }),
  ),
})
export type StorageAnswer = Static<typeof StorageAnswerSchema>

/**
 * What the log itself says about who runs. A component tells by records with the field `event`: service_started,
 * service_stopping, service_stopped, heartbeat (with interval_sec); what it depends on by dependency_up and dependency_down
 * (with dependency), and by the field dependencies of its heartbeats.
 */
export const ServicesAnswerSchema = Type.Object({
  services: Type.Array(
    Type.Object({
      name: Type.String(),
      kind: Type.Union([Type.Literal('component'), Type.Literal('dependency')]),
      status: Type.Union([
        Type.Literal('up'),
        Type.Literal('down'),
        Type.Literal('silent', { description: 'no heartbeat when one was due, and no goodbye' }),
        Type.Literal('unknown'),
      ]),
      since: Nullable(Type.String({ description: 'of this status' })),
      last_seen: Nullable(Type.String({ description: 'last heartbeat or record of this kind' })),
      instances: Type.Integer({ description: 'running processes of a component' }),
      told_by: Type.Array(Type.String(), { description: 'components that say so' }),
      detail: Nullable(Type.String()),
      entry_id: Nullable(Type.String({ description: 'the record that says so' })),
    }),
  ),
})
export type ServicesAnswer = Static<typeof ServicesAnswerSchema>

export const ContextQuerySchema = Type.Object(
  {
    before: Type.Optional(Type.Integer({ minimum: 0, maximum: 500, default: 10 })),
    after: Type.Optional(Type.Integer({ minimum: 0, maximum: 500, default: 10 })),
  },
  { additionalProperties: false },
)
export type ContextQuery = Static<typeof ContextQuerySchema>

export const ContextAnswerSchema = Type.Object({ logs: Type.Array(EntrySchema) })
export interface ContextAnswer {
  readonly logs: readonly Entry[]
}

export const LoginBodySchema = Type.Object(
  { username: Type.String({ maxLength: 128 }), password: Type.String({ maxLength: 1024 }) },
  { additionalProperties: false },
)
export type LoginBody = Static<typeof LoginBodySchema>

export const MeAnswerSchema = Type.Object({ username: Type.String() })
export type MeAnswer = Static<typeof MeAnswerSchema>

/** Body of every answer with a status of 400 or above. */
export const ProblemSchema = Type.Object(
  {
    error: Type.Object({
      code: Type.String({ description: 'stable, in lower case: bad_request, unauthorized, not_found, …' }),
      message: Type.String({ description: 'what was wrong and what to do' }),
      request_id: Type.String(),
    }),
  },
  { $id: 'Problem' },
)
export type Problem = Static<typeof ProblemSchema>

export const FileHealthSchema = Type.Object({
  path: Type.String(),
  component: Type.String(),
  size_bytes: Type.Integer(),
  offset_bytes: Type.Integer(),
  lag_bytes: Type.Integer(),
  lines: Type.Integer({ description: 'lines = rows + continuation_lines + copies' }),
  rows: Type.Integer({ description: 'records stored' }),
  continuation_lines: Type.Integer(),
  bad_lines: Type.Integer({ description: 'no records: stored as text, among rows' }),
  copies: Type.Integer(),
  cut_lines: Type.Integer(),
  lost_bytes: Type.Integer({ description: 'seen, but gone before they were read' }),
  last_error: Nullable(Type.String()),
})

/** Health is public: it names states and counts, never log text; paths and errors only for a signed-in reader. */
export const HealthAnswerSchema = Type.Object({
  status: Type.Union([
    Type.Literal('starting'),
    Type.Literal('ok'),
    Type.Literal('degraded'),
    Type.Literal('down'),
  ]),
  version: Type.String(),
  uptime_seconds: Type.Number(),
  engine: Type.Object({
    name: Type.String(),
    version: Nullable(Type.String()),
    pid: Nullable(Type.Integer()),
    restarts: Type.Integer(),
    resident_bytes: Nullable(Type.Integer()),
    last_error: Nullable(Type.String()),
  }),
  rows: Type.Integer(),
  files: Type.Array(FileHealthSchema),
})
export type HealthAnswer = Static<typeof HealthAnswerSchema>
