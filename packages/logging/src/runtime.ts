import type { Pipeline } from './core/pipeline.ts'
import type { LoggingRuntime } from './logging-runtime.ts'
import { pipelineWithoutSetup } from './sinks/without-setup.ts'

let active: LoggingRuntime | undefined
let activePipeline: Pipeline | undefined

/** What setupLogging built, until closeLogging. */
export function activeRuntime(): LoggingRuntime | undefined {
  return active
}

/** Set by setupLogging and cleared by closeLogging only. */
export function setActiveRuntime(runtime: LoggingRuntime | undefined): void {
  active = runtime
  activePipeline = runtime?.pipeline
}

/** Where loggers send their calls: to what setupLogging made, else to stderr. */
export function currentPipeline(): Pipeline {
  return activePipeline ?? pipelineWithoutSetup()
}
