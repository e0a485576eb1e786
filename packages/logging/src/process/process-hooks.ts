import { closeSync, constants, openSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { getLogger } from '../logger.ts'

/** What to do at the events of the process. */
export interface ProcessHooks {
  readonly handleSignals: boolean
  readonly handleSighup: boolean | undefined
  readonly captureUncaught: boolean
  readonly captureWarnings: boolean
  /** Writes everything before it returns. */
  readonly drain: () => void
  readonly reopen: () => void
  /** Writes everything; may reject. */
  readonly settle: () => Promise<void>
}

type Undo = () => void

/** Listens to the end of the process, to signals, uncaught errors and warnings. Returns how to stop listening. */
export function watchProcess(hooks: ProcessHooks): Undo {
  const undo: Undo[] = []
  const listen = (event: string, listener: (...args: never[]) => void, isFirst = false) => {
    const emitter: NodeJS.EventEmitter = process
    emitter[isFirst ? 'prependListener' : 'on'](event, listener as (...args: unknown[]) => void)
    undo.push(() => emitter.removeListener(event, listener as (...args: unknown[]) => void))
  }

  listen('exit', hooks.drain)
  if (hooks.captureUncaught) listen('uncaughtExceptionMonitor', logUncaught)
  if (hooks.captureWarnings) listen('warning', logWarning)
  // Signals reach the main thread only.
  if (isMainThread) {
    // Windows knows no reload, and ends a process whose console window was closed whatever it does.
    const isReload = process.platform !== 'win32' && (hooks.handleSighup ?? !hasControllingTerminal())
    if (isReload) listen('SIGHUP', hooks.reopen)
    const ending: NodeJS.Signals[] = isReload ? ['SIGTERM', 'SIGINT'] : ['SIGTERM', 'SIGINT', 'SIGHUP']
    if (hooks.handleSignals)
      for (const signal of ending) listen(signal, () => endBySignal(signal, hooks), true)
  }
  return () => {
    for (const stop of undo) stop()
  }

  /** Node's own effect (message, exit status 1, or the application's listener) follows by itself. */
  function logUncaught(error: unknown, origin: string): void {
    const message = origin === 'unhandledRejection' ? 'Unhandled promise rejection' : 'Uncaught exception'
    const logger = getLogger('process')
    if (error instanceof Error) logger.critical(message, { error })
    else logger.critical(message, { thrown: error })
  }

  function logWarning(warning: Error & { code?: string }): void {
    getLogger('process').warning(warning.message, {
      warning: warning.name,
      ...(warning.code === undefined ? {} : { code: warning.code }),
    })
  }
}

/**
 * Our listener has taken away the signal's own effect. When the application listens too, the decision is its own; else, once everything
 * is written, the signal is sent again without us. This listener runs first, so that listeners for one time are still there to be counted.
 */
function endBySignal(signal: NodeJS.Signals, hooks: ProcessHooks): void {
  const others = process.listenerCount(signal) - 1
  if (others > 0) {
    // What cannot be written now is written later or at exit; the failure has been told where it happened.
    hooks.settle().catch(() => undefined)
    return
  }
  hooks.drain()
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

function hasControllingTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDONLY | (constants.O_NOCTTY ?? 0)))
    return true
  } catch {
    // ENXIO: a service, a container, a child of its own session.
    return false
  }
}
