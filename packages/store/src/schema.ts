/** Raised whenever a store written before cannot be read or written as it is. */
export const SCHEMA_VERSION = 2

export const DATABASE = 'pixlogs'
export const LOGS_TABLE = `${DATABASE}.logs`
export const FILES_TABLE = `${DATABASE}.files`
export const META_TABLE = `${DATABASE}.meta`

/**
 * Rows are fsynced before the position that counts them is: after a power cut the position must not be ahead of them.
 */
const DURABLE = 'fsync_after_insert = 1, fsync_part_directory = 1'

/**
 * One row per record. `file` (incarnation) and `offset` say which; `length` bytes and `lines` lines of the file are in it.
 * The key is the order of paging. `batch` is the order of storing, which the tail follows. Empty texts stand for null
 * and absent (0 for `line`); `id_types` and `flags` are explained in row.ts, the columns of statistics in
 * statistics-columns.ts.
 *
 * Retention drops whole partitions: the day from which a record counts (see partition-day.ts) and its class, 1 for ERROR and
 * CRITICAL. Since the class is made of the level, a question for errors does not even open the others. The projection
 * holds sums by day, of each part, and goes with it.
 */
export const CREATE_LOGS = `CREATE TABLE IF NOT EXISTS ${LOGS_TABLE} (
  timestamp DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  file UInt32 CODEC(ZSTD(1)),
  offset UInt64 CODEC(Delta(8), ZSTD(1)),
  length UInt64 CODEC(T64, ZSTD(1)),
  lines UInt32 CODEC(T64, ZSTD(1)),
  flags UInt8 CODEC(ZSTD(1)),
  batch UInt64 CODEC(Delta(8), ZSTD(1)),
  day Date CODEC(ZSTD(1)),
  level Enum8('DEBUG' = 10, 'INFO' = 20, 'WARNING' = 30, 'ERROR' = 40, 'CRITICAL' = 50) CODEC(ZSTD(1)),
  component LowCardinality(String) CODEC(ZSTD(1)),
  file_name LowCardinality(String) CODEC(ZSTD(1)),
  logger LowCardinality(String) CODEC(ZSTD(1)),
  module LowCardinality(String) CODEC(ZSTD(1)),
  function LowCardinality(String) CODEC(ZSTD(1)),
  line UInt32 CODEC(T64, ZSTD(1)),
  service LowCardinality(String) CODEC(ZSTD(1)),
  host LowCardinality(String) CODEC(ZSTD(1)),
  user_id String CODEC(ZSTD(1)),
  job_id String CODEC(ZSTD(1)),
  request_id String CODEC(ZSTD(1)),
  id_types UInt8 CODEC(ZSTD(1)),
  event LowCardinality(String) CODEC(ZSTD(1)),
  duration_ms Float64 CODEC(ZSTD(1)),
  status_code UInt16 CODEC(T64, ZSTD(1)),
  is_request UInt8 CODEC(ZSTD(1)),
  message String CODEC(ZSTD(1)),
  exception String CODEC(ZSTD(1)),
  fields String CODEC(ZSTD(1)),
  INDEX file_range file TYPE minmax,
  INDEX batch_range batch TYPE minmax,
  INDEX level_set level TYPE set(0) GRANULARITY 1,
  INDEX user_bloom user_id TYPE bloom_filter(0.01),
  INDEX job_bloom job_id TYPE bloom_filter(0.01),
  INDEX request_bloom request_id TYPE bloom_filter(0.01),
  INDEX event_bloom event TYPE bloom_filter(0.01),
  INDEX duration_range duration_ms TYPE minmax,
  INDEX message_words lowerUTF8(message) TYPE text(tokenizer = splitByNonAlpha),
  INDEX logger_words lowerUTF8(logger) TYPE text(tokenizer = splitByNonAlpha),
  INDEX exception_words lowerUTF8(exception) TYPE text(tokenizer = splitByNonAlpha),
  PROJECTION daily (
    SELECT toDate32(timestamp) AS written, component, level >= 'ERROR' AS is_error, count(), sum(length), max(timestamp)
    GROUP BY written, component, is_error
  )
) ENGINE = MergeTree
PARTITION BY (day, toUInt8(level >= 'ERROR'))
ORDER BY (timestamp, file, offset)
SETTINGS ${DURABLE}`

/** One row per incarnation: the newest `version` counts. `state` is an IncarnationState as JSON. */
export const CREATE_FILES = `CREATE TABLE IF NOT EXISTS ${FILES_TABLE} (
  id UInt32,
  version UInt64,
  state String CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree(version)
ORDER BY id
SETTINGS ${DURABLE}`

/** What the store says of itself: its version, its id. A key may be written several times, with rising values. */
export const CREATE_META = `CREATE TABLE IF NOT EXISTS ${META_TABLE} (key String, value String)
ENGINE = MergeTree ORDER BY key SETTINGS ${DURABLE}`
