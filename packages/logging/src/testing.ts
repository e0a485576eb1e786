/**
 * `@pixsim7/logging/testing`: what was logged, in memory, for tests with Vitest, node:test or any other runner. The records are those
 * a JSON file would hold, so a test sees names of fields, redaction, limits and context as they will be.
 */
import { parseJsonLine, parseLevel, type Level, type LogRecord } from '@pixsim7/record'
import { jsonLineOf } from './core/event-lines.ts'
import { Pipeline } from './core/pipeline.ts'
import { forceThreshold } from './core/levels.ts'
import { LoggingError } from './errors.ts'
import { isCollecting, setCollectingPipeline } from './runtime.ts'
import { notice } from './sinks/notices.ts'
import type { SetupOptions } from './setup-options.ts'

export type { Level, LogRecord }

/** How records are collected; the options that setupLogging knows as well mean the same. */
export interface CollectOptions extends Pick<SetupOptions, 'redaction' | 'limits' | 'service' | 'host'> {
  /** The lowest level that is collected. Default DEBUG. */
  readonly level?: Level | Lowercase<Level>
  /** Take module, function and line of each call. Default true. */
  readonly hasCallSites?: boolean
  /** How many records are kept; beyond it the oldest go, and `droppedCount` says how many. Default 10,000. */
  readonly maxRecords?: number
}

/** What was logged since the collection began, or was cleared. */
export interface CollectedLogs {
  /** In the order they were logged. A new array each time. */
  readonly records: readonly LogRecord[]
  /** Their messages, which is what most tests compare. */
  readonly messages: readonly string[]
  /** Records that were logged and had no room. */
  readonly droppedCount: number
  /** Forgets what was collected. */
  clear(): void
}

/** A collection that has to be stopped. */
export interface Collection extends CollectedLogs {
  /** Gives logging back to what setupLogging made, if anything did, with its level. What was collected stays. Safe to call twice. */
  stop(): void
}

/** The hooks of a test runner: those of Vitest, node:test, Jest and Mocha all fit. */
export interface TestHooks {
  readonly beforeEach: (hook: () => void) => unknown
  readonly afterEach: (hook: () => void) => unknown
}

/**
 * Collects, from now on until `stop`, what all loggers of this process log: nothing of it is written to a file or the console, also
 * when setupLogging has been or will be called. Tests that run at the same time in one process share one collection.
 *
 * @throws LoggingError LOGGING_ALREADY_COLLECTING; LOGGING_SETTINGS_INVALID for options that cannot be used
 */
export function collectLogs(options: CollectOptions = {}): Collection {
  if (isCollecting()) {
    throw new LoggingError(
      'LOGGING_ALREADY_COLLECTING',
      'collectLogs was called while records are collected already. Stop the first collection, or use it.',
    )
  }
  const { level, maxRecords } = checkOptions(options)
  let records: LogRecord[] = []
  let droppedCount = 0
  const pipeline = new Pipeline({
    hasCallSites: options.hasCallSites ?? true,
    redaction: options.redaction,
    limits: options.limits,
    resource: {
      ...(options.service === undefined ? {} : { service: options.service }),
      ...(options.host === undefined ? {} : { host: options.host }),
    },
    output: {
      write(event) {
        const record = parseJsonLine(jsonLineOf(event))
        if (record === undefined) throw new Error('BUG: a line of the library is no record')
        if (records.length >= maxRecords) {
          records.shift()
          droppedCount++
        }
        records.push(record)
      },
    },
    onFault: (error) => notice('fault', `a line was lost inside the library: ${String(error)}`),
  })
  forceThreshold(level)
  setCollectingPipeline(pipeline)
  let isStopped = false
  return {
    get records() {
      return [...records]
    },
    get messages() {
      return records.map(({ message }) => message)
    },
    get droppedCount() {
      return droppedCount
    },
    clear() {
      records = []
      droppedCount = 0
    },
    stop() {
      if (isStopped) return
      isStopped = true
      setCollectingPipeline(undefined)
      forceThreshold(undefined)
    },
  }
}

/**
 * Collects anew for each test of a file: call it at the top of the file, or in a `describe`, with the hooks of the runner.
 * Outside of a test there are no records.
 *
 * @throws As collectLogs does, inside the hook.
 */
export function collectLogsOfEachTest(hooks: TestHooks, options: CollectOptions = {}): CollectedLogs {
  let current: Collection | undefined
  hooks.beforeEach(() => {
    current = collectLogs(options)
  })
  hooks.afterEach(() => {
    current?.stop()
    current = undefined
  })
  return {
    get records() {
      return current?.records ?? []
    },
    get messages() {
      return current?.messages ?? []
    },
    get droppedCount() {
      return current?.droppedCount ?? 0
    },
    clear() {
      current?.clear()
    },
  }
}

function checkOptions(options: CollectOptions): { level: Level; maxRecords: number } {
  const level = parseLevel(options.level ?? 'DEBUG')
  const maxRecords = options.maxRecords ?? 10_000
  if (level === undefined || !(maxRecords >= 1)) {
    throw new LoggingError(
      'LOGGING_SETTINGS_INVALID',
      `collectLogs cannot use level ${String(options.level)} with maxRecords ${String(options.maxRecords)}: ` +
        'a level is DEBUG, INFO, WARNING, ERROR or CRITICAL, maxRecords a number from 1 on.',
    )
  }
  return { level, maxRecords }
}
