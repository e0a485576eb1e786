import { Type, type Static } from 'typebox'
import { LEVELS, type LogEntry } from '@pixsim7/record'

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

export const LogsAnswerSchema = Type.Object({
  logs: Type.Array(EntrySchema),
  next_cursor: Nullable(Type.String()),
  prev_cursor: Nullable(Type.String()),
  total: Type.Integer({ description: 'entries in the whole result' }),
  total_is_exact: Type.Boolean(),
  took_ms: Type.Number(),
  notice: Nullable(Type.String({ description: 'what the reader should know about this answer, in words' })),
})
export interface LogsAnswer {
  readonly logs: readonly Entry[]
  readonly next_cursor: string | null
  readonly prev_cursor: string | null
  readonly total: number
  readonly total_is_exact: boolean
  readonly took_ms: number
  readonly notice: string | null
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
      Type.String({ maxLength: 512, default: 'level,component,logger', description: 'comma separated' }),
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
