import { totalmem } from 'node:os'
import type { RetentionDays } from './partition-day.ts'
import { StoreError } from './store-error.ts'
import type { StoreEventListener } from './store-event.ts'

/** How to open a store. */
export interface StoreOptions {
  /** Folder of the store; made when missing. One process at a time may have it open. */
  readonly dataDir: string
  /** Files to follow, as patterns with `*`, `?` and `**`: `data/logs/*.log*`. Empty: nothing is followed. */
  readonly files: readonly string[]
  /** Pattern of a path → component, where the name before `.log` is not right. The first match counts. */
  readonly components?: Readonly<Record<string, string>>
  /** The component whose file repeats the errors of all others; default `errors`. */
  readonly errorsComponent?: string
  /** Memory the engine may use; default the smaller of 1 GB and a quarter of the machine's. At least 256 MB. */
  readonly memoryBytes?: number
  /** How often followed files are looked at; default 200, at most 500. A change mostly wakes the follower at once. */
  readonly pollIntervalMs?: number
  /** How long a line may wait for others to be stored with; default 100. */
  readonly flushIntervalMs?: number
  /** After how long a last line without newline is taken as it is; default 30,000. */
  readonly partialLineTimeoutMs?: number
  /** Longest question; default 30,000. */
  readonly queryTimeoutMs?: number
  /** How long records are kept; default for ever. What is older is removed when the store opens and at each full hour. */
  readonly retention?: RetentionDays
  /** Milliseconds since 1970, by which retention goes; default Date.now. Asked once, when the store opens. */
  readonly now?: () => number
  readonly onEvent?: StoreEventListener
}

/** What the engine's process needs of the options. */
export interface EngineOptions {
  readonly dataDir: string
  readonly files: readonly string[]
  readonly components: Readonly<Record<string, string>>
  readonly errorsComponent: string
  readonly memoryBytes: number
  readonly pollIntervalMs: number
  readonly flushIntervalMs: number
  readonly partialLineTimeoutMs: number
  readonly retention: RetentionDays
  /** How far the host's clock is ahead of the machine's. */
  readonly clockOffsetMs: number
}

const MIN_MEMORY_BYTES = 256 * 1024 ** 2
/** A hundred years. */
const MAX_RETENTION_DAYS = 36_525
const MAX_DEFAULT_MEMORY_BYTES = 1024 ** 3

/**
 * The options with their defaults, checked.
 *
 * @throws StoreError STORE_BAD_OPTIONS naming every option that cannot be used.
 */
export function engineOptions(options: StoreOptions): EngineOptions {
  const problems: string[] = []
  const within = (name: string, value: number, min: number, max: number): number => {
    if (!(Number.isFinite(value) && value >= min && value <= max)) {
      problems.push(`${name} is ${value}, expected ${min} to ${max}`)
    }
    return value
  }
  if (options.dataDir === '') problems.push('dataDir is empty, expected the path of a folder')
  if (options.files.some((pattern) => pattern === '')) problems.push('files holds an empty pattern')
  const checked: EngineOptions = {
    dataDir: options.dataDir,
    files: options.files,
    components: options.components ?? {},
    errorsComponent: options.errorsComponent ?? 'errors',
    memoryBytes: within(
      'memoryBytes',
      options.memoryBytes ?? defaultMemoryBytes(),
      MIN_MEMORY_BYTES,
      2 ** 50,
    ),
    pollIntervalMs: within('pollIntervalMs', options.pollIntervalMs ?? 200, 1, 500),
    flushIntervalMs: within('flushIntervalMs', options.flushIntervalMs ?? 100, 0, 10_000),
    partialLineTimeoutMs: within(
      'partialLineTimeoutMs',
      options.partialLineTimeoutMs ?? 30_000,
      0,
      86_400_000,
    ),
    retention: {
      days: retentionDays('days', options.retention?.days ?? null, within),
      errorDays: retentionDays('errorDays', options.retention?.errorDays ?? null, within),
    },
    clockOffsetMs: options.now === undefined ? 0 : Math.round(options.now() - Date.now()),
  }
  if (problems.length > 0) {
    throw new StoreError('STORE_BAD_OPTIONS', `The store was not opened: ${problems.join('; ')}.`)
  }
  return checked
}

/** A fraction of a day would be none: partitions are of days. */
function retentionDays(
  name: keyof RetentionDays,
  days: number | null,
  within: (name: string, value: number, min: number, max: number) => number,
): number | null {
  return days === null ? null : within(`retention.${name}`, Math.ceil(days), 1, MAX_RETENTION_DAYS)
}

function defaultMemoryBytes(): number {
  // What a container may use, where Node knows it; 0 or larger than the machine means no limit.
  const constrained = process.constrainedMemory()
  const total = constrained > 0 && constrained < totalmem() ? constrained : totalmem()
  return Math.max(MIN_MEMORY_BYTES, Math.min(MAX_DEFAULT_MEMORY_BYTES, Math.floor(total / 4)))
}
