import { activeRuntime, setActiveRuntime } from './runtime.ts'
import type { LoggingCounters } from './counters.ts'

/**
 * Resolves when every line logged before is in its file, that is, when write(2) has returned; with `durable` also fsync, so that
 * it survives a power cut. Without a setup there is nothing to wait for.
 *
 * @throws LoggingError LOGGING_FLUSH_FAILED: a file cannot be written now; the lines are kept and tried again
 */
export async function flushLogging(options: { durable?: boolean } = {}): Promise<void> {
  await activeRuntime()?.flush({ durable: options.durable ?? false })
}

/**
 * Flushes and closes the files and stops listening to the process; setupLogging may be called again afterwards. Safe to call twice.
 * Never rejects: what could not be written is told on stderr. Lines logged after it go to stderr.
 */
export async function closeLogging(): Promise<void> {
  const runtime = activeRuntime()
  if (runtime === undefined) return
  await runtime.close()
  if (activeRuntime() === runtime) setActiveRuntime(undefined)
}

/** Counts since the setup, for health pages; undefined without a setup. */
export function loggingCounters(): LoggingCounters | undefined {
  return activeRuntime()?.counters
}
