import { LEVELS, severityOf, type Level } from '@pixsim7/record'
import type { Pipeline } from './core/pipeline.ts'
import type { SeverityCounts } from './core/severity-counts.ts'
import type { FileSink } from './sinks/file-sink.ts'

/** Counts since the setup. */
export interface LineCounters {
  /** Lines that reached the file. */
  readonly written: number
  /** Lines lost: no room in memory while the disk could not take them. */
  readonly dropped: number
  /** Values taken out because they were secrets; those of a context count once. */
  readonly redacted: number
  /** Lines held back by flood control or sampling. */
  readonly suppressed: number
  /** Writes that failed, by the most severe line that waited; the lines were kept and tried again. */
  readonly failed: number
}

/** The counts of one file. */
export interface FileCounters extends LineCounters {
  /** Absolute path. */
  readonly file: string
  readonly levels: Readonly<Record<Level, LineCounters>>
}

/**
 * The counts of all files: `written`, `dropped` and `failed` are the sums over the files; `redacted` and `suppressed` happen once to a
 * record, whichever files it goes to.
 */
export interface LoggingCounters extends LineCounters {
  /** The component's file, then the errors file. */
  readonly files: readonly FileCounters[]
}

const KINDS = ['written', 'dropped', 'redacted', 'suppressed', 'failed'] as const

/** The counts of now. */
export function countersOf(
  pipeline: Pipeline,
  componentSink: FileSink,
  errorsSink: FileSink,
): LoggingCounters {
  const files = [
    countersOfFile(pipeline, componentSink, 0),
    countersOfFile(pipeline, errorsSink, severityOf('ERROR')),
  ]
  const sum = (kind: 'written' | 'dropped' | 'failed') => files.reduce((total, file) => total + file[kind], 0)
  return {
    written: sum('written'),
    dropped: sum('dropped'),
    redacted: pipeline.redactor.redactedCount,
    suppressed: pipeline.suppressed.total,
    failed: sum('failed'),
    files,
  }
}

/** @param fromSeverity Records from this severity on go to the file. */
function countersOfFile(pipeline: Pipeline, sink: FileSink, fromSeverity: number): FileCounters {
  const of = (counts: SeverityCounts, severity: number) => (severity < fromSeverity ? 0 : counts.of(severity))
  const levels = Object.fromEntries(
    LEVELS.map((level) => {
      const severity = severityOf(level)
      const counters: LineCounters = {
        written: sink.written.of(severity),
        dropped: sink.dropped.of(severity),
        redacted: of(pipeline.redacted, severity),
        suppressed: of(pipeline.suppressed, severity),
        failed: sink.failed.of(severity),
      }
      return [level, counters]
    }),
  ) as Record<Level, LineCounters>
  const sum = (kind: keyof LineCounters) => LEVELS.reduce((total, level) => total + levels[level][kind], 0)
  return {
    file: sink.file.path,
    written: sum('written'),
    dropped: sum('dropped'),
    redacted: sum('redacted'),
    suppressed: sum('suppressed'),
    // Also those of an empty batch, which only found out that the file cannot be opened.
    failed: sink.failed.total,
    levels,
  }
}

/**
 * The counts as fields of the record `counters`. By file and level only what is not 0, levels in lower case, since the commands
 * of the specification look for levels by their upper case words.
 */
export function counterFields(counters: LoggingCounters): object {
  const files = counters.files.map(({ file, levels }) => {
    const kinds: Record<string, Record<string, number>> = {}
    for (const kind of KINDS) {
      for (const level of LEVELS) {
        const count = levels[level][kind]
        if (count !== 0) (kinds[kind] ??= {})[level.toLowerCase()] = count
      }
    }
    return { file, ...kinds }
  })
  return { ...counters, files }
}
