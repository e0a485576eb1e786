/** Schemas of what goes in and out of the API; the OpenAPI page and the types of the routes are made from them. */
import { Type } from '@fastify/type-provider-typebox'
import type { TSchema } from '@fastify/type-provider-typebox'
import {
  ACCOUNT_STATUSES,
  CREDIT_TYPES,
  JOB_STATUSES,
  MEDIA_TYPES,
  OPERATION_TYPES,
  SYNC_STATUSES,
  USER_ROLES,
} from '../database/values.ts'

/** An object that refuses fields it does not know, instead of dropping them in silence. */
export function Strict<P extends Record<string, TSchema>>(properties: P) {
  return Type.Object(properties, { additionalProperties: false })
}

export function Nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()])
}

const words = <T extends string>(values: readonly T[]) => Type.Enum([...values])

/** Ids are bigint in the database; larger ones than JavaScript can hold exist nowhere. */
export const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
/** ISO 8601 in UTC. */
const Time = Type.String({ description: 'ISO 8601, UTC' })
export const ProviderId = Type.String({
  pattern: '^[a-z0-9_-]{1,50}$',
  description: 'Id of a provider, such as pixverse',
})
export const JobStatusWord = words(JOB_STATUSES)
export const OperationWord = words(OPERATION_TYPES)
export const AccountStatusWord = words(ACCOUNT_STATUSES)
export const CreditTypeWord = words(CREDIT_TYPES)
export const MediaTypeWord = words(MEDIA_TYPES)
export const SyncStatusWord = words(SYNC_STATUSES)

export const IdParams = Strict({ id: Id })

export const Email = Type.String({
  // No attempt at RFC 5322: something, an @, a name with a dot; no spaces or control characters.
  pattern:
    '^[^\\s@\\u0000-\\u001f\\u007f]{1,64}@[^\\s@.\\u0000-\\u001f\\u007f]+(\\.[^\\s@.\\u0000-\\u001f\\u007f]+)+$',
  maxLength: 254,
  description: 'E-mail address; its case does not matter',
})

export const ErrorBody = Type.Object({
  error: Type.Object({
    code: Type.String({ description: 'For programs, in lower case' }),
    message: Type.String({ description: 'For people' }),
    request_id: Type.String({
      description: 'Also in the header X-Request-ID and on every log line of the request',
    }),
  }),
})

const ERROR_MEANING: Readonly<Record<number, string>> = {
  400: 'Malformed JSON, or a request that makes no sense now',
  401: 'No valid access token',
  403: 'Not allowed to this user',
  404: 'No such resource',
  409: 'Exists already, or is in use',
  422: 'Body, query or path does not fit its schema',
  429: 'Too many; Retry-After says when to come back',
  503: 'The database cannot be reached',
}

/** The documented failures of a route. */
export function failures<const S extends readonly number[]>(
  ...statuses: S
): Record<S[number], typeof ErrorBody> {
  const entries = statuses.map((status) => [
    status,
    { ...ErrorBody, description: ERROR_MEANING[status] ?? '' },
  ])
  return Object.fromEntries(entries) as Record<S[number], typeof ErrorBody>
}

/** The answer of a route that says nothing but "done". */
export const NoContent = Type.Null({ description: 'Done' })

export const UserBody = Type.Object({
  id: Id,
  email: Type.String(),
  username: Type.String(),
  role: words(USER_ROLES),
  is_active: Type.Boolean(),
  max_concurrent_jobs: Type.Integer(),
  max_daily_jobs: Type.Integer(),
  max_provider_accounts: Type.Integer(),
  max_assets: Type.Integer(),
  max_storage_gb: Type.Number(),
  created_at: Time,
  last_login_at: Nullable(Time),
})

export const SessionBody = Type.Object({
  id: Id,
  created_at: Time,
  expires_at: Time,
  last_used_at: Time,
  ip_address: Nullable(Type.String()),
  user_agent: Nullable(Type.String()),
  is_current: Type.Boolean(),
})

export const JobBody = Type.Object({
  id: Id,
  user_id: Id,
  operation_type: OperationWord,
  provider_id: Type.String(),
  params: Type.Record(Type.String(), Type.Unknown()),
  priority: Type.Integer({ description: '0 is the most urgent, 10 the least' }),
  scheduled_at: Nullable(Time),
  parent_job_id: Nullable(Id),
  status: JobStatusWord,
  error_message: Nullable(Type.String()),
  retry_count: Type.Integer(),
  asset_id: Nullable(Id),
  created_at: Time,
  started_at: Nullable(Time),
  completed_at: Nullable(Time),
})

export const AccountBody = Type.Object({
  id: Id,
  provider_id: Type.String(),
  email: Nullable(Type.String({ description: 'Null for accounts of others' })),
  is_own: Type.Boolean(),
  is_system: Type.Boolean(),
  is_private: Type.Boolean(),
  status: AccountStatusWord,
  priority: Type.Integer(),
  has_password: Type.Boolean(),
  has_jwt: Type.Boolean(),
  jwt_expired: Type.Boolean(),
  has_api_key: Type.Boolean(),
  has_api_key_paid: Type.Boolean(),
  has_cookies: Type.Boolean(),
  credits: Type.Record(Type.String(), Type.Integer()),
  max_concurrent_jobs: Type.Integer(),
  current_processing_jobs: Type.Integer(),
  max_daily_videos: Nullable(Type.Integer()),
  total_generated: Type.Integer(),
  total_failed: Type.Integer(),
  success_rate: Type.Number({ minimum: 0, maximum: 1 }),
  estimated_generation_sec: Type.Number(),
  last_used: Nullable(Time),
  last_error: Nullable(Type.String()),
  cooldown_until: Nullable(Time),
  created_at: Time,
})

export const AssetBody = Type.Object({
  id: Id,
  user_id: Id,
  media_type: MediaTypeWord,
  provider_id: Type.String(),
  provider_asset_id: Type.String(),
  remote_url: Type.String(),
  thumbnail_url: Nullable(Type.String()),
  mime_type: Nullable(Type.String()),
  width: Nullable(Type.Integer()),
  height: Nullable(Type.Integer()),
  duration_sec: Nullable(Type.Number()),
  file_size_bytes: Nullable(Type.Integer()),
  sha256: Nullable(Type.String()),
  tags: Type.Array(Type.String()),
  sync_status: SyncStatusWord,
  source_job_id: Nullable(Id),
  created_at: Time,
  downloaded_at: Nullable(Time),
})
