import type { Level, LogEntry } from '@pixsim7/record'

/**
 * What the host of a log store (the log server) may ask. One implementation per engine; all share one conformance
 * suite. Every method rejects with a StoreError; none returns a partial answer without saying so.
 */
export interface LogStore {
  /** One page of entries by `(timestamp, file, offset)`, newest or oldest first. */
  search(filter: LogFilter, page: PageRequest, options?: QueryOptions): Promise<LogPage>
  /** Counts per level in equal intervals over the filter's time range. */
  histogram(filter: LogFilter, buckets: number, options?: QueryOptions): Promise<Histogram>
  /** The most frequent values of each field named (any field, nested ones with dots), with counts over the whole result. */
  facets(filter: LogFilter, fields: readonly string[], options?: QueryOptions): Promise<Facets>
  /** One entry by its id; undefined when the store has no such row. */
  entry(id: string, options?: QueryOptions): Promise<LogEntry | undefined>
  /** The entries before and after one in its own file, in file order, the entry itself included; undefined when unknown. */
  context(id: string, before: number, after: number, options?: QueryOptions): Promise<LogEntry[] | undefined>
  /**
   * Entries in the order they were stored, from a position on. Without one from now on, and then the first batch, which
   * comes at once, is empty and only tells the position. Ends when `signal` aborts.
   * A batch never holds more than `limit` entries; what was left out is counted in `skipped`.
   */
  tail(
    filter: LogFilter,
    from: string | undefined,
    limit: number,
    signal: AbortSignal,
  ): AsyncIterable<TailBatch>
  /** Requests per interval: records with `method`, `path` and `status_code`. */
  requestRate(filter: LogFilter, options?: QueryOptions): Promise<RequestRate>
  /** Records whose `duration_ms` (else `duration_sec`) is at least `overMs`. */
  slow(filter: LogFilter, overMs: number, limit: number, options?: QueryOptions): Promise<SlowOperations>
  /** Lines and bytes per day and component, and what retention keeps. */
  storage(options?: QueryOptions): Promise<StorageUse>
  /** Who runs, by the records with the field `event` up to now. */
  services(nowUs: number, options?: QueryOptions): Promise<readonly ServiceState[]>
  health(): StoreHealth
  /** Stops following and ends the engine; safe twice. */
  close(): Promise<void>
}

/** All conditions must hold; an empty or absent list or value is no condition. */
export interface LogFilter {
  /** In the query language; what does not parse is searched as text (see readQuery). */
  readonly q?: string
  readonly levels?: readonly Level[]
  /** Exact name, or a pattern with `*`. */
  readonly logger?: string
  readonly components?: readonly string[]
  /** Any part of message or exception, case ignored. */
  readonly search?: string
  readonly user_id?: string
  readonly job_id?: string
  readonly request_id?: string
  /** Inclusive, microseconds since 1970 UTC. */
  readonly fromUs?: number
  /** Exclusive, microseconds since 1970 UTC. */
  readonly toUs?: number
}

export interface QueryOptions {
  /** Aborting cancels the query in the engine as well. */
  readonly signal?: AbortSignal
}

export interface PageRequest {
  readonly limit: number
  readonly order: 'desc' | 'asc'
  /** From an earlier page's `nextCursor` or `prevCursor`. @throws StoreError STORE_BAD_CURSOR */
  readonly cursor?: string
}

export interface LogPage {
  readonly entries: readonly LogEntry[]
  /** Where the following page starts; null at the end of the result. */
  readonly nextCursor: string | null
  /** Where the page before this one starts; null on the first page. */
  readonly prevCursor: string | null
  /** Entries in the whole result, not on this page. */
  readonly total: number
  readonly totalIsExact: boolean
  readonly tookMs: number
}

export interface Histogram {
  readonly intervalSeconds: number
  /** Ascending by start, without gaps. */
  readonly buckets: readonly {
    readonly start: string
    readonly counts: Readonly<Partial<Record<Level, number>>>
  }[]
}

export interface RequestRate {
  readonly intervalSeconds: number
  /** Ascending by start, without gaps. */
  readonly points: readonly {
    readonly start: string
    readonly requests: number
    readonly clientErrors: number
    readonly serverErrors: number
    readonly records: number
    readonly p50Ms: number | null
    readonly p95Ms: number | null
  }[]
}

export interface SlowOperations {
  readonly total: number
  /** Most time in all first. */
  readonly operations: readonly {
    readonly component: string
    readonly logger: string
    readonly message: string
    readonly count: number
    readonly p50Ms: number
    readonly p95Ms: number
    readonly maxMs: number
  }[]
  /** The slowest first. */
  readonly entries: readonly LogEntry[]
}

export interface StorageUse {
  readonly storeBytes: number
  readonly rows: number
  readonly lineBytes: number
  readonly diskFreeBytes: number | null
  /** Rows that retention has removed so far. */
  readonly expiredRows: number
  /** Newest day first. */
  readonly days: readonly {
    readonly day: string
    readonly component: string
    readonly rows: number
    readonly lineBytes: number
    readonly errorRows: number
    readonly errorLineBytes: number
  }[]
}

export interface ServiceState {
  readonly name: string
  readonly kind: 'component' | 'dependency'
  readonly status: 'up' | 'down' | 'silent' | 'unknown'
  readonly since: string | null
  readonly lastSeen: string | null
  readonly instances: number
  readonly toldBy: readonly string[]
  readonly detail: string | null
  readonly entryId: string | null
}

/** Field name → values by falling count. */
export type Facets = Readonly<Record<string, readonly { readonly value: string; readonly count: number }[]>>

export interface TailBatch {
  readonly entries: readonly LogEntry[]
  /** Pass as `from` to go on after this batch without loss or doubles. */
  readonly position: string
  /** Matching entries left out of this batch because there were more than the limit. */
  readonly skipped: number
}

export interface StoreHealth {
  readonly status: 'starting' | 'ok' | 'degraded' | 'down'
  readonly engine: {
    readonly name: 'chdb' | 'scan' | 'server'
    readonly version: string | null
    readonly pid: number | null
    readonly restarts: number
    readonly residentBytes: number | null
    readonly lastError: string | null
  }
  /** Rows in the store. */
  readonly rows: number
  readonly files: readonly FileHealth[]
}

/**
 * Conservation: `lines = rows + continuationLines + copies`. Bad lines are stored as text: each is a row, and counted as
 * bad as well. Where a line was torn and another written on behind it, each part counts as a line.
 */
export interface FileHealth {
  readonly path: string
  readonly component: string
  readonly sizeBytes: number
  /** Bytes read and stored. */
  readonly offsetBytes: number
  readonly lagBytes: number
  readonly lines: number
  /** Records stored. */
  readonly rows: number
  /** Stack lines that are part of a record, and blank lines. */
  readonly continuationLines: number
  /** Lines that are no record: kept as text. */
  readonly badLines: number
  /** Lines of errors.log whose record stands in its component's own file. */
  readonly copies: number
  /** Lines above the size limit: kept cut, marked. */
  readonly cutLines: number
  /** Bytes that were seen, but gone before they were read. */
  readonly lostBytes: number
  readonly lastError: string | null
}
