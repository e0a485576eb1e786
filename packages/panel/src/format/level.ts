import { LEVELS, type Level } from '@pixsim7/record'

/** The levels as the panel lists them: the most severe first. */
export const LEVELS_HIGH_FIRST: readonly Level[] = [...LEVELS].reverse()

/** A button that chooses a set of levels at once; no levels means all. */
export interface QuickFilter {
  readonly id: 'all' | 'errors' | 'warnings' | 'info' | 'debug'
  readonly label: string
  readonly emoji: string
  /** Whose shape stands in for the emoji where the system has no font for it. */
  readonly shape: Level | null
  readonly levels: readonly Level[]
}

export const QUICK_FILTERS: readonly QuickFilter[] = [
  { id: 'all', label: 'All', emoji: '', shape: null, levels: [] },
  { id: 'errors', label: 'Errors Only', emoji: '🔴', shape: 'ERROR', levels: ['ERROR', 'CRITICAL'] },
  { id: 'warnings', label: 'Warnings', emoji: '⚠️', shape: 'WARNING', levels: ['WARNING'] },
  { id: 'info', label: 'Info', emoji: 'ℹ️', shape: 'INFO', levels: ['INFO'] },
  { id: 'debug', label: 'Debug', emoji: '🐛', shape: 'DEBUG', levels: ['DEBUG'] },
]

/** The levels given, each once, lowest first; all five are the same as none, so that one view has one URL. */
export function normaliseLevels(levels: readonly Level[]): readonly Level[] {
  const chosen = LEVELS.filter((level) => levels.includes(level))
  return chosen.length === LEVELS.length ? [] : chosen
}

/** The quick filter that chooses exactly these levels; undefined when none does. */
export function quickFilterOf(levels: readonly Level[]): QuickFilter | undefined {
  return QUICK_FILTERS.find(
    (filter) =>
      filter.levels.length === levels.length && filter.levels.every((level) => levels.includes(level)),
  )
}

/** Whether an entry of this level is an error to the reader: ERROR and CRITICAL. */
export function isErrorLevel(level: Level): boolean {
  return level === 'ERROR' || level === 'CRITICAL'
}
