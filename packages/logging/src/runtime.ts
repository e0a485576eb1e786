import type { Pipeline } from './core/pipeline.ts'
import type { LoggingRuntime } from './logging-runtime.ts'
import { pipelineWithoutSetup } from './sinks/without-setup.ts'

let active: LoggingRuntime | undefined
/** Of a test that collects its records; goes before what setupLogging made. */
let collecting: Pipeline | undefined
/** The one that is in force; undefined while neither of the two is there. */
let activePipeline: Pipeline | undefined

/** What setupLogging built, until closeLogging. */
export function activeRuntime(): LoggingRuntime | undefined {
  return active
}

/** Set by setupLogging and cleared by closeLogging only. */
export function setActiveRuntime(runtime: LoggingRuntime | undefined): void {
  active = runtime
  activePipeline = collecting ?? runtime?.pipeline
}

/** Whether a test collects records at the moment. */
export function isCollecting(): boolean {
  return collecting !== undefined
}

/** Set and cleared by the test sink only. */
export function setCollectingPipeline(pipeline: Pipeline | undefined): void {
  collecting = pipeline
  activePipeline = pipeline ?? active?.pipeline
}

/** Where loggers send their calls: to the test that collects them, to what setupLogging made, else to stderr. */
export function currentPipeline(): Pipeline {
  return activePipeline ?? pipelineWithoutSetup()
}
