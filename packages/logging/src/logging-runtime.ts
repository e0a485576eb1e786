import { performance } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'
import type { AppendFile } from '@pixsim7/files'
import type { Level } from '@pixsim7/record'
import { Pipeline, type LogEvent } from './core/pipeline.ts'
import { setRecording } from './core/levels.ts'
import { counterFields, countersOf, type LoggingCounters } from './counters.ts'
import { LoggingError } from './errors.ts'
import { changeFields, LevelFollower } from './levels/level-follower.ts'
import { captureConsole } from './process/console-capture.ts'
import { captureOutgoingHttp } from './process/outgoing-http.ts'
import { watchProcess } from './process/process-hooks.ts'
import { notice } from './sinks/notices.ts'
import { consoleSink } from './sinks/console-sink.ts'
import { FileOutput } from './sinks/file-output.ts'
import { FileSink } from './sinks/file-sink.ts'
import type { SinkEvents } from './sinks/sink-events.ts'
import { LineMemory } from './sinks/line-memory.ts'
import type { DroppedLines } from './sinks/pending-lines.ts'
import type { CallSiteMode, ConsoleMode } from './settings/library.ts'
import type { SetupOptions } from './setup-options.ts'

/** What a runtime is made of; the settings are checked, the files open. */
export interface RuntimeConfig {
  readonly component: string
  readonly componentFile: AppendFile
  readonly errorsFile: AppendFile
  readonly isJson: boolean
  readonly level: Level
  readonly console: ConsoleMode
  readonly callSite: CallSiteMode
  readonly flushIntervalMs: number
  readonly memoryBytes: number
  /** Undefined: no live levels. */
  readonly levelsFile: string | undefined
  readonly service: string | undefined
  readonly host: string | undefined
  readonly options: SetupOptions
}

/** How long the end of a process may be held up by a slow disk. */
const LAST_DRAIN_MS = 5000
/** Few are enough: each report of a flush is rarer than the one before. */
const MAX_LAST_FLUSHES = 4
const COUNTERS_INTERVAL_MS = 60_000
/** A disk that is slow now and then would otherwise fill the log with the news of it. */
const SLOW_REPORT_INTERVAL_MS = 30_000

/** Everything that lives between setupLogging and closeLogging. */
export class LoggingRuntime {
  readonly pipeline: Pipeline
  readonly #config: RuntimeConfig
  readonly #files: FileOutput
  readonly #undo: (() => void)[] = []
  #ownQueue: (() => void)[] = []
  /** When a sink was last reported as slow. */
  readonly #slowSinceMs = new Map<FileSink, number>()
  #lastCounters = ''
  #lastSuppressed = 0
  #isClosed = false

  constructor(config: RuntimeConfig) {
    this.#config = config
    const memory = new LineMemory(config.memoryBytes)
    const events = this.#sinkEvents()
    const sinkOptions = { flushIntervalMs: config.flushIntervalMs, mayWriteAsync: isMainThread }
    this.#files = new FileOutput(
      new FileSink(config.componentFile, memory, sinkOptions, events),
      new FileSink(config.errorsFile, memory, sinkOptions, events),
      config.isJson,
      config.component,
    )
    const terminal = consoleSink(config.console)
    if (terminal !== undefined) this.#undo.push(() => terminal.close())
    this.pipeline = new Pipeline({
      output: {
        write: (event: LogEvent, isUrgent: boolean) => {
          this.#files.write(event, isUrgent)
          terminal?.write(event, isUrgent)
          if (this.#ownQueue.length > 0) this.#logQueued()
        },
      },
      hasCallSites:
        config.callSite === 'always' ||
        (config.callSite === 'auto' && (config.isJson || config.console === 'json')),
      redaction: config.options.redaction,
      limits: config.options.limits,
      flood: config.options.flood,
      sampling: config.options.sampling,
      flightRecorder: config.options.flightRecorder,
      resource: {
        ...(config.service === undefined ? {} : { service: config.service }),
        ...(config.host === undefined ? {} : { host: config.host }),
      },
      onFault: (error) => notice('fault', `a line was lost inside the library: ${String(error)}`),
    })
  }

  /** Listens to the process and says that logging has started. */
  start(): void {
    const { options } = this.#config
    this.#undo.push(
      watchProcess({
        handleSignals: options.handleSignals ?? true,
        handleSighup: options.handleSighup,
        captureUncaught: options.captureUncaught ?? true,
        captureWarnings: options.captureWarnings ?? true,
        drain: () => this.drainSync(),
        reopen: () => this.reopen(),
        settle: () => this.flush({ durable: false }),
      }),
    )
    if (options.captureConsole === true) this.#undo.push(captureConsole())
    if (options.captureOutgoingHttp === true) this.#undo.push(captureOutgoingHttp())
    const timer = setInterval(() => this.#logCounters(), COUNTERS_INTERVAL_MS).unref()
    this.#undo.push(() => clearInterval(timer))
    this.pipeline.logOwn('INFO', 'logging_started', 'Logging started', {
      files: [this.#config.componentFile.path, this.#config.errorsFile.path],
      log_level: this.#config.level.toLowerCase(),
      format: this.#config.isJson ? 'json' : 'plain',
      call_sites: this.#config.callSite,
    })
    this.#followLevels()
    if (options.flightRecorder !== undefined) {
      setRecording(true)
      this.#undo.push(() => setRecording(false))
    }
  }

  #followLevels(): void {
    const { levelsFile } = this.#config
    if (levelsFile === undefined) return
    const follower = new LevelFollower(levelsFile, {
      changed: (change) =>
        this.pipeline.logOwn('INFO', 'level_changed', 'Level changed', changeFields(change)),
      ignored: (reason) =>
        this.pipeline.logOwn('WARNING', 'levels_file_ignored', 'Levels file ignored', {
          file: levelsFile,
          reason,
        }),
    })
    this.#undo.push(() => follower.close())
  }

  get counters(): LoggingCounters {
    return countersOf(this.pipeline, this.#files.component, this.#files.errors)
  }

  /** See flushLogging. */
  async flush(options: { durable: boolean }): Promise<void> {
    const failures: Error[] = []
    for (const sink of [this.#files.component, this.#files.errors]) {
      try {
        await sink.settle()
        if (options.durable) await sink.file.sync()
      } catch (error) {
        failures.push(error as Error)
      }
    }
    if (failures.length === 0) return
    throw new LoggingError(
      'LOGGING_FLUSH_FAILED',
      `Not all lines could be written: ${failures.map(({ message }) => message).join(' ')} ` +
        'They are kept in memory and written as soon as it works.',
      { cause: failures[0] },
    )
  }

  /** Writes what is pending before it returns, within five seconds; from then on each line is written at once. */
  drainSync(): void {
    if (this.#isClosed) return
    this.pipeline.isEnding = true
    this.#logSuppressed()
    const deadlineMs = performance.now() + LAST_DRAIN_MS
    this.#files.component.drainSync(deadlineMs)
    this.#files.errors.drainSync(deadlineMs)
    this.#logQueued()
    const lost = this.#files.component.pendingCount + this.#files.errors.pendingCount
    if (lost > 0) notice('lost', `${lost} lines could not be written before the end of the process`)
  }

  reopen(): void {
    this.#files.component.reopen()
    this.#files.errors.reopen()
    this.#logQueued()
  }

  /** Flushes, stops listening and closes the files. Never rejects: what could not be written is counted and told on stderr. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#logSuppressed()
    try {
      // What a sink reports of a flush is a line too (its disk is slow, is fast again), hence flushed in its turn; not without end.
      for (let round = 0; round < MAX_LAST_FLUSHES; round++) {
        await this.flush({ durable: false })
        this.#logQueued()
        if (this.#files.component.pendingCount + this.#files.errors.pendingCount === 0) break
      }
    } catch (error) {
      notice('close', (error as Error).message)
    }
    this.#isClosed = true
    for (const undo of this.#undo.splice(0).reverse()) undo()
    this.pipeline.close()
    const lost = this.#files.component.close() + this.#files.errors.close()
    if (lost > 0) notice('lost', `${lost} lines could not be written before logging was closed`)
  }

  /** What sinks report is logged after the write during which it came up. */
  #sinkEvents(): SinkEvents {
    const log = (level: Level, event: string, message: string, fields: object) => {
      if (this.#ownQueue.length === 0) queueMicrotask(() => this.#logQueued())
      this.#ownQueue.push(() => this.pipeline.logOwn(level, event, message, fields))
    }
    return {
      slow: (sink, writeMs, isAsync) => {
        const nowMs = performance.now()
        if (isAsync) {
          if (nowMs - (this.#slowSinceMs.get(sink) ?? -Infinity) < SLOW_REPORT_INTERVAL_MS) return
          this.#slowSinceMs.set(sink, nowMs)
        } else if (!this.#slowSinceMs.has(sink)) return
        const message = isAsync
          ? 'Disk is slow, writing asynchronously'
          : 'Disk has recovered, writing synchronously'
        log(isAsync ? 'WARNING' : 'INFO', 'slow_disk', message, {
          file: sink.file.path,
          write_ms: Math.round(writeMs),
          mode: isAsync ? 'async' : 'sync',
        })
      },
      failed: (sink, error) => {
        notice(`write ${sink.file.path}`, `${error.message} Lines wait in memory.`)
        log('ERROR', 'write_failed', 'Log file cannot be written', {
          file: sink.file.path,
          reason: error.message,
        })
      },
      recovered: (sink, failedForMs) => {
        notice(`write ${sink.file.path} again`, `${sink.file.path} is written again`)
        log('WARNING', 'write_recovered', 'Log file is written again', {
          file: sink.file.path,
          failed_for_ms: failedForMs,
        })
      },
      dropped: (sink, dropped, reason) => this.#logDropped(sink, dropped, reason, log),
      reopened: (sink, reason) => {
        log('INFO', 'file_reopened', 'Log file reopened', { file: sink.file.path, reason })
      },
    }
  }

  #logDropped(
    sink: FileSink,
    dropped: DroppedLines,
    reason: string,
    log: (level: Level, event: string, message: string, fields: object) => void,
  ): void {
    notice(`dropped ${sink.file.path}`, `${dropped.total} lines for ${sink.file.path} were dropped`)
    for (const [severity, count] of dropped.countBySeverity) {
      log('WARNING', 'lines_dropped', 'Lines were dropped', {
        file: sink.file.path,
        count,
        dropped_level: wordOf(severity),
        reason,
        since: new Date(dropped.sinceMs),
      })
    }
  }

  #logQueued(): void {
    while (this.#ownQueue.length > 0) {
      const queue = this.#ownQueue
      this.#ownQueue = []
      for (const log of queue) log()
    }
  }

  /** At the end there is no next minute: what was suppressed since the last report is told now. */
  #logSuppressed(): void {
    this.pipeline.reportSuppressed()
    if (this.pipeline.suppressed.total !== this.#lastSuppressed) this.#logCounters()
  }

  #logCounters(): void {
    const counters = this.counters
    // Not the lines written: this one would be a change to report next time.
    const { dropped, redacted, suppressed, failed } = counters
    const text = [dropped, redacted, suppressed, failed, this.pipeline.eventCount].join(' ')
    if (text === this.#lastCounters) return
    this.#lastCounters = text
    this.#lastSuppressed = suppressed
    this.pipeline.logOwn('INFO', 'counters', 'Logging counters', counterFields(counters))
  }
}

/** Lower case, as the commands of the specification look for levels by their upper case words. */
function wordOf(severity: number): string {
  return ['debug', 'info', 'warning', 'error', 'critical'][severity / 10 - 1] ?? String(severity)
}
