import { format } from 'node:util'
import { getLogger } from '../logger.ts'

const METHODS = {
  debug: 'debug',
  log: 'info',
  info: 'info',
  warn: 'warning',
  error: 'error',
  trace: 'debug',
} as const

/**
 * Makes records, under the logger `console`, of what the application and its libraries give to console.log and its like, instead of
 * printing it. Returns how to undo it.
 */
export function captureConsole(): () => void {
  const logger = getLogger('console')
  const originals: Partial<Record<keyof typeof METHODS, (...args: unknown[]) => void>> = {}
  for (const name of Object.keys(METHODS) as (keyof typeof METHODS)[]) {
    originals[name] = console[name]
    console[name] = (...args: unknown[]) => {
      const error = args.find((arg) => arg instanceof Error)
      logger[METHODS[name]](textOf(args), error === undefined ? {} : { error })
    }
  }
  return () => {
    Object.assign(console, originals)
  }
}

function textOf(args: readonly unknown[]): string {
  try {
    return format(...args.map((arg) => (arg instanceof Error ? arg.message : arg)))
  } catch {
    // An object whose inspection throws; the console would have thrown as well.
    return '[unreadable]'
  }
}
