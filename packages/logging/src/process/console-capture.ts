import { format } from 'node:util'
import type { Level } from '@pixsim7/record'
import { isError } from '../core/errors-of-values.ts'
import { logFrom } from '../logger.ts'

/** Logger of what came through the console. */
const LOGGER = 'console'

const LEVELS = {
  debug: 'DEBUG',
  trace: 'DEBUG',
  log: 'INFO',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
} as const satisfies Record<string, Level>

/**
 * Makes records, under the logger `console`, of what the application and its libraries give to console.log and its like,
 * instead of printing it. Returns how to undo it; methods that somebody else has replaced since stay theirs.
 */
export function captureConsole(): () => void {
  const undo = (Object.keys(LEVELS) as (keyof typeof LEVELS)[]).map((name) => {
    const original = console[name]
    const captured = (...args: unknown[]): void => {
      const errors = args.filter(isError)
      logFrom(LOGGER, undefined, LEVELS[name], captured, textOf(args), undefined, errors)
    }
    console[name] = captured
    return () => {
      if (console[name] === captured) console[name] = original
    }
  })
  return () => {
    for (const restore of undo) restore()
  }
}

/** As the console would print it; an error as its message, since its stack becomes the exception. */
function textOf(args: readonly unknown[]): string {
  try {
    return format(...args.map((arg) => (isError(arg) ? arg.message : arg)))
  } catch {
    // An object whose inspection throws; the console would have thrown as well.
    return '[unreadable]'
  }
}
