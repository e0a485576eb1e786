export { setupLogging, formatStartup, type LoggingSetup } from './setup.ts'
export { closeLogging, flushLogging, loggingCounters } from './lifetime.ts'
export type { SetupOptions } from './setup-options.ts'
export { getLogger, type Logger, type LogMethod } from './logger.ts'
export { LogContext } from './log-context.ts'
export { LOGGING_ERROR_CODES, LoggingError, type LoggingErrorCode, type SettingProblem } from './errors.ts'
export type { FileCounters, LineCounters, LoggingCounters } from './counters.ts'
export { readLevelRules, replaceLevelRules, type LevelRule } from '@pixsim7/files'
export type { Limits } from './core/limits.ts'
export type { FlightRecorderOptions } from './recorder/flight-recorder.ts'
export type { FloodOptions } from './volume/flood-control.ts'
export type { SamplingOptions } from './volume/sampling.ts'
export type { RedactionOptions } from './redaction/redactor.ts'
export { redactText } from './redaction/redact-text.ts'
export { fastifyLogger, type FastifyLogger, type FastifyLogMethod } from './adapters/fastify.ts'
export type { CallSiteMode, ConsoleMode } from './settings/library.ts'
export { componentSettings, LOGGING_SETTINGS } from './settings/library.ts'
export {
  describeSettings,
  readSettings,
  setting,
  type Setting,
  type Settings,
  type SettingValues,
} from './settings/declaration.ts'
export { findSettings, type SettingsSource } from './settings/source.ts'
export {
  boolean,
  durationMs,
  filePath,
  integer,
  oneOf,
  port,
  sizeBytes,
  text,
  url,
  type Parser,
} from './settings/parsers.ts'
