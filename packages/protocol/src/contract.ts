/** Plain constants of the contract, in a file of their own so that a browser takes them without the schema library. */

/** Prefix of every route of the log server. */
export const API_PREFIX = '/api/v1'

/** Fields worth a facet in most logs, to begin with; a facet may be asked for of any field. */
export const FACET_FIELDS: readonly string[] = [
  'level',
  'component',
  'logger',
  'user_id',
  'job_id',
  'request_id',
  'module',
  'function',
]

/** Fields of one question for facets. */
export const MAX_FACET_FIELDS = 20

/** Characters of a field's name. */
export const MAX_FIELD_LENGTH = 128

/**
 * Every code an answer with a status of 400 or above may carry, with its status. docs/errors.md explains each; a test
 * holds both equal.
 */
export const PROBLEM_STATUS = {
  bad_request: 400,
  bad_parameter: 400,
  unknown_parameter: 400,
  bad_cursor: 400,
  unauthorized: 401,
  bad_credentials: 401,
  foreign_origin: 403,
  host_not_allowed: 403,
  not_found: 404,
  request_timeout: 408,
  body_too_large: 413,
  url_too_long: 414,
  unsupported_media_type: 415,
  query_too_large: 422,
  too_many_attempts: 429,
  too_many_tails: 429,
  headers_too_large: 431,
  internal: 500,
  store_starting: 503,
  store_unavailable: 503,
  shutting_down: 503,
  query_timeout: 504,
} as const
export type ProblemCode = keyof typeof PROBLEM_STATUS

/** The Unix socket at which a log server answers its own user without a token, in its data folder. */
export const LOCAL_SOCKET_NAME = 'pixlogs.sock'

/** Longest path of a socket on every platform that has them: macOS takes 103 bytes, Linux 107. */
export const LOCAL_SOCKET_PATH_LIMIT_BYTES = 103
