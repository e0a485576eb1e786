import type { Level } from '@pixsim7/record'
import { LoggingError } from '../errors.ts'

/** Pino's words and numbers. */
export const PINO_LEVELS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const

/** Words and numbers of a logger's levels; `silent` is there for who asks, but is not listed. */
export interface PinoLevels {
  readonly values: Record<string, number>
  readonly labels: Record<number, string>
}

/**
 * Levels and more of them.
 *
 * @throws LoggingError LOGGING_OPTION_REFUSED
 */
export function levelsWith(custom: Readonly<Record<string, number>>, levels?: PinoLevels): PinoLevels {
  const values: Record<string, number> = { ...PINO_LEVELS, ...levels?.values }
  for (const [word, value] of Object.entries(custom)) {
    const isTaken = Object.hasOwn(values, word) || Object.values(values).includes(value)
    if (typeof value !== 'number' || Number.isNaN(value) || isTaken) throw refusedLevel(word)
    values[word] = value
  }
  const labels = Object.fromEntries(Object.entries(values).map(([word, value]) => [value, word]))
  Object.defineProperty(values, 'silent', { value: Infinity })
  Object.defineProperty(labels, 'Infinity', { value: 'silent' })
  return { values, labels }
}

/** The error for a level that a logger cannot have. */
export function refusedLevel(word: string): LoggingError {
  return new LoggingError(
    'LOGGING_OPTION_REFUSED',
    `customLevels cannot have ${JSON.stringify(word)}: each needs a number, and a name and number that are not taken.`,
  )
}

/** The level of ours that a number of pino's is at or above. */
export function levelOf(value: number): Level {
  if (value < 30) return 'DEBUG'
  return value < 40 ? 'INFO' : value < 50 ? 'WARNING' : value < 60 ? 'ERROR' : 'CRITICAL'
}

/** The number of pino's for a severity of ours: 10 (DEBUG) is 20 there. */
export function valueOf(severity: number): number {
  return severity + 10
}
