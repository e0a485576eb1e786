/**
 * The life of a component: settings and logging, start, readiness, an orderly end on SIGTERM, SIGINT, or when its
 * terminal is closed. Exit status: 0 after an orderly end, 1 when it could not start or did not end in time, 2 after a wrong
 * argument.
 */
import {
  closeLogging,
  componentSettings,
  formatStartup,
  getLogger,
  LoggingError,
  setupLogging,
} from '@pixsim7/logging'
import type { Settings, SettingValues } from '@pixsim7/logging'
import { errorFields } from './error-fields.ts'
import { PostgresError } from './postgres/postgres-error.ts'
import { answerArguments } from './program-arguments.ts'
import { SecretKeyError } from './security/secret-key.ts'
import { StartError } from './start-error.ts'
import { VERSION } from './version.ts'

/** Ending takes longer only when something hangs; then the process goes all the same. */
const STOP_TIMEOUT_MS = 10_000

/**
 * Ctrl-C reaches us from the terminal and again from npm, and `timeout` signals the process and then its group: a signal
 * this soon after the first is the same wish. A later one means that somebody does not want to wait.
 */
const SAME_SIGNAL_MS = 1000

/** A component that serves. */
export interface RunningComponent {
  /** Completes "PixSim7 backend 0.1.0 ready: …". */
  readonly description: string
  /** Finishes what is under way and closes everything. Called once. */
  stop(): Promise<void>
}

export interface Component<S extends Settings> {
  readonly name: string
  /** What it is, in a sentence, for `--help`. */
  readonly purpose: string
  readonly settings: S
  start(settings: SettingValues<S>): Promise<RunningComponent>
}

const logger = getLogger('main')

function isOperatorError(error: unknown): error is Error {
  return error instanceof StartError || error instanceof PostgresError || error instanceof SecretKeyError
}

async function exit(status: number): Promise<never> {
  await closeLogging()
  process.exit(status)
}

/** Runs a component until a signal ends it; returns before that only when `--help` was all that was asked for. */
export async function runComponent<const S extends Settings>(component: Component<S>): Promise<void> {
  const { name, purpose } = component
  if (answerArguments(purpose, component.settings, componentSettings(name))) return
  let settings: SettingValues<S>
  try {
    const setup = setupLogging({
      component: component.name,
      settings: component.settings,
      handleSignals: false,
    })
    settings = setup.settings
    process.stdout.write(`${formatStartup(setup)}\n`)
  } catch (error) {
    if (!(error instanceof LoggingError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
  logger.info('Starting', { version: VERSION, pid: process.pid, node: process.version })

  const starting = start(component, settings)
  let stoppingSinceMs: number | undefined
  const stop = async (signal: NodeJS.Signals) => {
    if (stoppingSinceMs !== undefined) {
      if (performance.now() - stoppingSinceMs > SAME_SIGNAL_MS) process.exit(1)
      return
    }
    const startedAt = performance.now()
    stoppingSinceMs = startedAt
    logger.info('Shutting down', { event: 'service_stopping', signal, version: VERSION, pid: process.pid })
    const timer = setTimeout(() => {
      logger.critical('Shutdown took too long and was cut short', { limit_ms: STOP_TIMEOUT_MS })
      void exit(1)
    }, STOP_TIMEOUT_MS)
    const running = await starting
    try {
      await running.stop()
      const duration_ms = Math.round(performance.now() - startedAt)
      logger.info('Stopped', { event: 'service_stopped', duration_ms, pid: process.pid })
    } catch (error) {
      logger.error('Shutdown left something open', errorFields(error))
      await exit(1)
    }
    clearTimeout(timer)
    await exit(0)
  }
  process.on('SIGTERM', (signal) => void stop(signal))
  process.on('SIGINT', (signal) => void stop(signal))
  // Without a terminal it asks the library to reopen the files; with one, the terminal was closed.
  if (process.listenerCount('SIGHUP') === 0) process.on('SIGHUP', (signal) => void stop(signal))
  const running = await starting
  if (stoppingSinceMs !== undefined) return
  process.stdout.write(`PixSim7 ${component.name} ${VERSION} ready: ${running.description}\n`)
  logger.info('Ready', { event: 'service_started', version: VERSION, pid: process.pid })
}

async function start<S extends Settings>(
  component: Component<S>,
  settings: SettingValues<S>,
): Promise<RunningComponent> {
  try {
    return await component.start(settings)
  } catch (error) {
    logger.critical('Start failed', errorFields(error))
    const text = isOperatorError(error)
      ? error.message
      : `${component.name} could not start: ${String(error)}`
    process.stderr.write(`${text}\n`)
    return exit(1)
  }
}
