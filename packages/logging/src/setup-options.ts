import type { Level } from '@pixsim7/record'
import type { Limits } from './core/limits.ts'
import type { RedactionOptions } from './redaction/redactor.ts'
import type { Settings } from './settings/declaration.ts'
import type { FlightRecorderOptions } from './recorder/flight-recorder.ts'
import type { FloodOptions } from './volume/flood-control.ts'
import type { SamplingOptions } from './volume/sampling.ts'
import type { CallSiteMode, ConsoleMode } from './settings/library.ts'

/** How setupLogging sets up logging. What is given here wins over environment and `.env`. */
export interface SetupOptions<S extends Settings = Settings> {
  /** The part of the system this process is: `backend`, `worker`; becomes the name of its file. */
  readonly component: string
  /** Settings of the application itself, read from the same places and checked in the same go. */
  readonly settings?: S
  /** Path of the component's file; relative to the folder of the `.env` or workspace root, as in the environment. */
  readonly file?: string
  /** Path of the file with every ERROR and CRITICAL. */
  readonly errorFile?: string
  readonly level?: Level | Lowercase<Level>
  /** JSON lines instead of plain ones. */
  readonly json?: boolean
  readonly console?: ConsoleMode
  readonly callSite?: CallSiteMode
  /** Longest time a line below ERROR waits to be written; 0 writes each by itself. Default 50. */
  readonly flushIntervalMs?: number
  /** Memory for lines that cannot be written yet. Default 16 MB. */
  readonly memoryBytes?: number
  /**
   * Path of the file with levels that change while the process runs; false for none. Default levels.json in LOG_DIR, which need
   * not exist.
   */
  readonly levelsFile?: string | false
  /** Written as field `service` of every line. */
  readonly service?: string
  /** Written as field `host` of every line. */
  readonly host?: string
  /** More rules for redaction, which is on by default; see RedactionOptions. */
  readonly redaction?: RedactionOptions
  /** How much of a value gets into a line. */
  readonly limits?: Partial<Limits>
  /**
   * Against floods: of the lines below ERROR of one call site only so many are written in an interval, the rest is counted and told in one
   * line. Default off; `{}` for 100 lines a second.
   */
  readonly flood?: FloodOptions
  /** Writes the lines below ERROR of a share of the contexts only, all lines of one or none. Default off. */
  readonly sampling?: SamplingOptions
  /**
   * Flight recorder: lines of a context that are below the level stay in memory and are written, in order and with `recorded: true`, when
   * that context logs an ERROR. Default off; `{}` for 200 lines a context.
   */
  readonly flightRecorder?: FlightRecorderOptions
  /** Mode of files that are created; default 0o640. */
  readonly fileMode?: number
  /** Mode of folders that are created; default 0o750. */
  readonly folderMode?: number
  /**
   * Reopen the files on SIGHUP, as logrotate wants it, instead of ending. Default: only where there is no controlling
   * terminal, so that closing a terminal still ends the programs in it.
   */
  readonly handleSighup?: boolean
  /**
   * Write what is pending before SIGTERM, SIGINT (and SIGHUP, when it is no reload) take effect. Listeners of the application keep
   * the decision what the signal does. Default true.
   */
  readonly handleSignals?: boolean
  /** Log uncaught errors and unhandled rejections as CRITICAL before they take effect. Default true. */
  readonly captureUncaught?: boolean
  /** Log process warnings (deprecations, leaks of listeners) as WARNING. Default true. */
  readonly captureWarnings?: boolean
  /** Log what is given to console.log and its like, instead of printing it. Default false. */
  readonly captureConsole?: boolean
  /**
   * Log each outgoing request of undici, and so of fetch, at DEBUG under the logger `outgoing_http`, with the context of who sent it.
   * Default false.
   */
  readonly captureOutgoingHttp?: boolean
  /** The environment to read; default process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The folder to look for `.env` from; default the working folder. */
  readonly cwd?: string
}
