/** The levels of a record, lowest first. */
export const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const

export type Level = (typeof LEVELS)[number]

const SEVERITY: Readonly<Record<Level, number>> = {
  DEBUG: 10,
  INFO: 20,
  WARNING: 30,
  ERROR: 40,
  CRITICAL: 50,
}

/** What other loggers and people call our levels, in upper case. */
const ALIASES: Readonly<Record<string, Level>> = {
  TRACE: 'DEBUG',
  VERBOSE: 'DEBUG',
  SILLY: 'DEBUG',
  HTTP: 'INFO',
  INFORMATION: 'INFO',
  NOTICE: 'INFO',
  WARN: 'WARNING',
  ERR: 'ERROR',
  CRIT: 'CRITICAL',
  FATAL: 'CRITICAL',
  ALERT: 'CRITICAL',
  EMERG: 'CRITICAL',
  PANIC: 'CRITICAL',
}

/** 10 for DEBUG up to 50 for CRITICAL: the numbers of Python's logging, so that levels compare. */
export function severityOf(level: Level): number {
  return SEVERITY[level]
}

/** The level a word names, whatever its case, common aliases included; undefined for any other text. */
export function parseLevel(text: string): Level | undefined {
  const word = text.toUpperCase()
  return Object.hasOwn(SEVERITY, word)
    ? (word as Level)
    : Object.hasOwn(ALIASES, word)
      ? ALIASES[word]
      : undefined
}
