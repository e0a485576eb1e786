import { jsonLineHead, LEVELS, severityOf, type Level } from '@pixsim7/record'
import { flatText } from './flat-text.ts'

/** What all loggers of one name share, so that changing a level reaches those that exist. */
export interface LoggerState {
  readonly name: string
  /** By severity divided by ten: what a JSON line of this logger holds between time and message. */
  readonly heads: readonly string[]
  /** Lowest severity that is logged. Written by applyThreshold only. */
  threshold: number
}

const states = new Map<string, LoggerState>()
let threshold: number = severityOf('INFO')
/** Goes before `threshold` while a test collects records. */
let forced: number | undefined

/** The state of the loggers called `name`, made at first use. */
export function loggerState(name: string): LoggerState {
  let state = states.get(name)
  if (state === undefined) {
    const heads: string[] = []
    for (const level of LEVELS) heads[severityOf(level) / 10] = flatText(jsonLineHead(level, name))
    states.set(name, (state = { name, heads, threshold: forced ?? threshold }))
  }
  return state
}

/** Sets the lowest level that is logged, for all loggers there are and will be. */
export function setThreshold(level: Level): void {
  threshold = severityOf(level)
  applyThreshold()
}

/** Has this level in force whatever setThreshold says, until it is called with undefined. For the test sink only. */
export function forceThreshold(level: Level | undefined): void {
  forced = level === undefined ? undefined : severityOf(level)
  applyThreshold()
}

function applyThreshold(): void {
  for (const state of states.values()) state.threshold = forced ?? threshold
}
