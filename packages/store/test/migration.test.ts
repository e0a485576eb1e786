import { appendFile, cp, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Level, LogEntry } from '@pixsim7/record'
import type { StorageUse } from '@pixsim7/store'
import { tempDir } from '@pixsim7/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { jsonLine } from './support/lines.ts'
import { allEntries, openTestStore, rawSql, waitUntilStored, type TestStore } from './support/test-store.ts'

const DAY_MS = 86_400_000
const NOON_MS = Date.parse('2026-03-15T12:00:00Z')
const clockAt = (ms: number) => {
  const offsetMs = ms - Date.now()
  return () => Date.now() + offsetMs
}

/** What version 1 made: as the last program of that version did, which is not there any more. */
const VERSION_1_TABLE = `CREATE TABLE pixlogs.logs (
  timestamp DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)), file UInt32 CODEC(ZSTD(1)), offset UInt64 CODEC(Delta(8), ZSTD(1)),
  length UInt64 CODEC(T64, ZSTD(1)), lines UInt32 CODEC(T64, ZSTD(1)), flags UInt8 CODEC(ZSTD(1)),
  batch UInt64 CODEC(Delta(8), ZSTD(1)), day Date CODEC(ZSTD(1)),
  level Enum8('DEBUG' = 10, 'INFO' = 20, 'WARNING' = 30, 'ERROR' = 40, 'CRITICAL' = 50) CODEC(ZSTD(1)),
  component LowCardinality(String) CODEC(ZSTD(1)), file_name LowCardinality(String) CODEC(ZSTD(1)),
  logger LowCardinality(String) CODEC(ZSTD(1)), module LowCardinality(String) CODEC(ZSTD(1)),
  function LowCardinality(String) CODEC(ZSTD(1)), line UInt32 CODEC(T64, ZSTD(1)), service LowCardinality(String) CODEC(ZSTD(1)),
  host LowCardinality(String) CODEC(ZSTD(1)), user_id String CODEC(ZSTD(1)), job_id String CODEC(ZSTD(1)),
  request_id String CODEC(ZSTD(1)), id_types UInt8 CODEC(ZSTD(1)), message String CODEC(ZSTD(1)),
  exception String CODEC(ZSTD(1)), fields String CODEC(ZSTD(1)),
  INDEX file_range file TYPE minmax, INDEX batch_range batch TYPE minmax, INDEX level_set level TYPE set(0) GRANULARITY 1,
  INDEX user_bloom user_id TYPE bloom_filter(0.01), INDEX job_bloom job_id TYPE bloom_filter(0.01),
  INDEX request_bloom request_id TYPE bloom_filter(0.01),
  INDEX message_words lowerUTF8(message) TYPE text(tokenizer = splitByNonAlpha),
  INDEX exception_words lowerUTF8(exception) TYPE text(tokenizer = splitByNonAlpha)
) ENGINE = MergeTree PARTITION BY day ORDER BY (timestamp, file, offset)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`

const VERSION_1_COLUMNS =
  'timestamp, file, offset, length, lines, flags, batch, level, component, file_name, logger, module, function, line, ' +
  'service, host, user_id, job_id, request_id, id_types, message, exception, fields'

/** Version 1 put times more than two days ahead into one partition, and those of more than 400 days ago into one a month. */
const VERSION_1_DAY =
  "multiIf(timestamp >= '2026-03-18', toDate('2149-06-06'), timestamp >= '2025-02-08', toDate(timestamp), toStartOfMonth(timestamp))"

/** Makes a closed store one of version 1: the same rows and positions. */
const TO_VERSION_1 = [
  'RENAME TABLE pixlogs.logs TO pixlogs.new',
  VERSION_1_TABLE,
  `INSERT INTO pixlogs.logs (day, ${VERSION_1_COLUMNS}) SETTINGS async_insert = 0 SELECT ${VERSION_1_DAY}, ${VERSION_1_COLUMNS} FROM pixlogs.new`,
  'DROP TABLE pixlogs.new SYNC',
  "ALTER TABLE pixlogs.meta DELETE WHERE key = 'schema_version' SETTINGS mutations_sync = 2",
  "INSERT INTO pixlogs.meta (key, value) SETTINGS async_insert = 0 VALUES ('schema_version', '1')",
]

const RENAMED = 'RENAME TABLE pixlogs.logs TO pixlogs.logs_v1'
const NEW_TABLE = 'CREATE TABLE pixlogs.logs AS pixlogs.kept'
const COPIED = (day: string) =>
  `INSERT INTO pixlogs.logs SELECT * FROM pixlogs.kept WHERE day = '${day}' LIMIT 2 SETTINGS async_insert = 0`

/** What a kill can leave behind, as statements on a store of version 1; `kept` is a table of version 2 with all rows. */
const KILLED: readonly (readonly [string, readonly string[]])[] = [
  ['after the rows got another name', [RENAMED]],
  ['while a day was copied', [RENAMED, NEW_TABLE, COPIED('2026-03-14')]],
  [
    'after a day was copied, before it was gone from the old rows',
    [RENAMED, NEW_TABLE, COPIED('2026-03-14'), COPIED('2026-03-15')],
  ],
  [
    'before the empty table of version 1 was dropped',
    [
      RENAMED,
      NEW_TABLE,
      'INSERT INTO pixlogs.logs SELECT * FROM pixlogs.kept SETTINGS async_insert = 0, max_partitions_per_insert_block = 0',
      'TRUNCATE TABLE pixlogs.logs_v1',
    ],
  ],
]

/** Fields the statistics take, nearly take, and must not stumble over. */
const FIELDS: readonly Readonly<Record<string, unknown>>[] = [
  { method: 'GET', path: '/', status_code: 200, duration_ms: 12.5 },
  { method: 'GET', path: '/', status_code: 503, duration_sec: 0.1 },
  { method: 'GET', path: '/', status_code: '200', duration_ms: '12' },
  { method: 'GET', path: '', status_code: 404, duration_ms: null, duration_sec: 7 },
  { method: 7, path: '/', status_code: 404, duration_ms: -1, duration_sec: -1 },
  { method: 'GET', path: '/', status_code: 99 },
  { method: 'GET', path: '/', status_code: 600 },
  { method: 'GET', path: '/', status_code: 200.5, duration_sec: 1e306 },
  { method: 'GET', path: '/', status_code: 2 ** 60, duration_ms: 2 ** 53 },
  { event: 'heartbeat', pid: 7, interval_sec: 60 },
  { event: 'x'.repeat(65) },
  { event: 'ü'.repeat(33) },
  { event: 'quote"\\\n日本' },
  { event: ['service_started'] },
  {},
]
const LEVELS: readonly Level[] = ['INFO', 'ERROR', 'CRITICAL', 'DEBUG']
/** Days old: of yesterday, of a month ago, of years ago, of a future that never comes. */
const AGES = [0, 1, 30, 800, 820, -400]

const lines = AGES.flatMap((age) =>
  FIELDS.map((fields, index) =>
    jsonLine({
      timeUs: (NOON_MS - age * DAY_MS) * 1000 + index,
      level: LEVELS[index % LEVELS.length] ?? 'INFO',
      message: `Line ${index} of ${age} days`,
      fields: { ...fields, job_id: index },
    }),
  ),
)

interface Answers {
  readonly entries: readonly LogEntry[]
  readonly rate: unknown
  readonly slow: unknown
  readonly storage: Omit<StorageUse, 'storeBytes' | 'diskFreeBytes'>
  readonly services: unknown
}

async function answersOf({ store }: TestStore): Promise<Answers> {
  const { storeBytes: _bytes, diskFreeBytes: _free, ...storage } = await store.storage()
  return {
    entries: await allEntries(store),
    rate: await store.requestRate({ fromUs: (NOON_MS - 2 * DAY_MS) * 1000, toUs: (NOON_MS + DAY_MS) * 1000 }),
    slow: await store.slow({}, 0, 1000),
    storage,
    services: await store.services(NOON_MS * 1000),
  }
}

/** Column by column what version 2 writes itself; `left` tells what there still is of version 1. */
const VERSION_2_ROWS =
  'SELECT * EXCEPT day, ' +
  "(SELECT count() FROM system.tables WHERE name = 'logs_v1') > 0 OR " +
  "(SELECT max(value) FROM pixlogs.meta WHERE key = 'schema_version') != '2' AS left " +
  'FROM pixlogs.logs ORDER BY timestamp, file, offset'

/** A retention that would drop most of the rows at once, did it not begin with the migration. */
const RETENTION = { days: 7, errorDays: 7 }

describe('a store of version 1', () => {
  let base: string
  let file: string
  let before: Answers
  let rows: unknown[]

  beforeAll(async () => {
    base = await tempDir('file')
    await mkdir(path.join(base, 'logs'))
    file = path.join(base, 'logs', 'backend.log')
    await writeFile(file, lines.join(''))
    const made = await openTestStore(base, { now: clockAt(NOON_MS) }, 'file')
    await waitUntilStored(made.store, [file])
    before = await answersOf(made)
    await made.store.close()
    rows = await rawSql(base, VERSION_2_ROWS)
    expect(rows).toHaveLength(lines.length)
    await rawSql(
      base,
      'CREATE TABLE pixlogs.kept AS pixlogs.logs',
      'INSERT INTO pixlogs.kept SELECT * FROM pixlogs.logs SETTINGS async_insert = 0, max_partitions_per_insert_block = 0',
      ...TO_VERSION_1,
    )
  })

  /** A copy of it, left by a kill at some moment, and opened by the present version. */
  async function openAfter(killed: readonly string[], atMs = NOON_MS): Promise<TestStore & { dir: string }> {
    const dir = await tempDir()
    await cp(path.join(base, 'store'), path.join(dir, 'store'), { recursive: true })
    const [old] = await rawSql<{ added: number }>(
      dir,
      ...killed,
      'DROP TABLE pixlogs.kept SYNC',
      "SELECT countIf(name = 'event') AS added FROM system.columns WHERE database = 'pixlogs' AND table = 'logs'",
    )
    expect(old?.added).toBe(killed.includes(NEW_TABLE) ? 1 : 0)
    const files = [path.join(base, 'logs', '*.log')]
    return { dir, ...(await openTestStore(dir, { files, now: clockAt(atMs), retention: RETENTION })) }
  }

  it.each(KILLED)('is migrated, when an attempt was killed %s', async (_, killed) => {
    const migrated = await openAfter(killed)
    expect(migrated.events.filter(({ event }) => event === 'migrating').length).toBeGreaterThan(0)
    expect(await answersOf(migrated)).toEqual(before)
    await migrated.store.close()
    expect(await rawSql(migrated.dir, VERSION_2_ROWS)).toEqual(rows)
  })

  it('is migrated; goes on where it stood, and what is old is kept for as long as if it had been read by the migration', async () => {
    const migrated = await openAfter([])
    expect(await answersOf(migrated)).toEqual(before)
    await appendFile(file, jsonLine({ timeUs: NOON_MS * 1000 + 50, message: 'new' }))
    await waitUntilStored(migrated.store, [file])
    expect(migrated.store.health().rows).toBe(lines.length + 1)
    await migrated.store.close()
    const reopen = (days: number) =>
      openTestStore(migrated.dir, {
        files: [],
        now: clockAt(NOON_MS + days * DAY_MS),
        retention: RETENTION,
      })
    const lastDay = await reopen(7)
    expect(await lastDay.store.storage()).toMatchObject({ rows: lines.length + 1, expiredRows: 0 })
    await lastDay.store.close()
    // The forged future as well.
    const over = await reopen(8)
    expect(await over.store.storage()).toMatchObject({ rows: 0, expiredRows: lines.length + 1 })
  })
})
