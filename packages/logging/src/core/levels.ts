import { jsonLineHead, LEVELS, severityOf, type Level } from '@pixsim7/record'
import type { BoundFields } from './bound-fields.ts'
import { fieldOfCall } from './call-field.ts'
import { flatText } from './flat-text.ts'

/** The logger under which the library speaks of itself. */
export const OWN_LOGGER = 'pixsim7.logging'

/**
 * Which level is written, by logger and by field. All is decided when rules change, as far as it can be: a logger knows the lowest
 * severity that is worth a look, so a disabled level stays a comparison, and only loggers that a rule by field may concern
 * look at their calls (bench/options.mjs).
 */

/** A rule in force. */
export interface LevelInForce {
  /** Whether it is for the loggers of this name. */
  readonly isFor: (name: string) => boolean
  /** A field and its value as text, where only calls that have them are meant. */
  readonly where: { readonly field: string; readonly text: string } | undefined
  readonly severity: number
}

/** What all loggers of one name share, so that changing a level reaches those that exist. Written by this file only. */
export interface LoggerState {
  readonly name: string
  /** By severity divided by ten: what a JSON line of this logger holds between time and message. */
  readonly heads: readonly string[]
  /** Rules may make it say more, never less; flood control and sampling leave it alone. */
  readonly isProtected: boolean
  /** Below this severity no call is written or recorded, whatever its fields. */
  threshold: number
  /** Lowest severity that is written where no rule by field speaks. */
  writtenFrom: number
  /** Whether a call from the threshold on may still not be written: then severityForCall decides. */
  isLookedAt: boolean
  /** Rules by field for this logger, the deciding one first. */
  fieldRules: readonly LevelInForce[]
}

const states = new Map<string, LoggerState>()
let baseSeverity: number = severityOf('INFO')
let rulesInForce: readonly LevelInForce[] = []
let recording = false
/** Goes before level, rules and recording while a test collects records. */
let forced: number | undefined

/** The state of the loggers called `name`, made at first use. */
export function loggerState(name: string): LoggerState {
  let state = states.get(name)
  if (state === undefined) {
    const heads: string[] = []
    for (const level of LEVELS) heads[severityOf(level) / 10] = flatText(jsonLineHead(level, name))
    state = {
      name,
      heads,
      isProtected: isProtected(name),
      threshold: 0,
      writtenFrom: 0,
      isLookedAt: false,
      fieldRules: [],
    }
    decide(state)
    states.set(name, state)
  }
  return state
}

/** Sets the lowest level that is logged where no rule speaks, for all loggers there are and will be. */
export function setThreshold(level: Level): void {
  baseSeverity = severityOf(level)
  for (const state of states.values()) decide(state)
}

/**
 * Puts rules in force in the place of those before, for all loggers there are and will be. A rule by field wins over one that
 * only names loggers; among equals the last one wins.
 */
export function setLevelRules(rules: readonly LevelInForce[]): void {
  rulesInForce = rules
  for (const state of states.values()) decide(state)
}

/** Lets calls below the level come through to be recorded. */
export function setRecording(isOn: boolean): void {
  recording = isOn
  for (const state of states.values()) decide(state)
}

/** Whether calls below the level may be recorded. */
export function isRecording(): boolean {
  return recording
}

/** Has this level in force whatever else says, until it is called with undefined. For the test sink only. */
export function forceThreshold(level: Level | undefined): void {
  forced = level === undefined ? undefined : severityOf(level)
  for (const state of states.values()) decide(state)
}

/** Loggers whose lines somebody may be glad to see gone. */
function isProtected(name: string): boolean {
  return name === OWN_LOGGER || /^(?:audit|security)(?:\.|$)/.test(name)
}

function decide(state: LoggerState): void {
  if (forced !== undefined) {
    state.threshold = state.writtenFrom = forced
    state.fieldRules = []
    state.isLookedAt = false
    return
  }
  const highest = state.isProtected ? baseSeverity : Infinity
  const fieldRules: LevelInForce[] = []
  let writtenFrom = baseSeverity
  let threshold = Infinity
  for (const rule of rulesInForce) {
    if (!rule.isFor(state.name)) continue
    const severity = Math.min(rule.severity, highest)
    if (rule.where === undefined) writtenFrom = severity
    else {
      fieldRules.unshift({ ...rule, severity })
      threshold = Math.min(threshold, severity)
    }
  }
  state.writtenFrom = writtenFrom
  state.threshold = recording ? 0 : Math.min(threshold, writtenFrom)
  state.fieldRules = fieldRules
  state.isLookedAt = recording || fieldRules.length > 0
}

/**
 * Lowest severity that is written for a call, given its fields: those of the call itself, else of its logger, else of the context. For
 * loggers that are looked at. Never throws.
 */
export function severityForCall(
  state: LoggerState,
  context: BoundFields | undefined,
  bound: BoundFields | undefined,
  first: unknown,
  second: unknown,
  rest: readonly unknown[],
): number {
  for (const rule of state.fieldRules) {
    const { field, text } = rule.where as NonNullable<LevelInForce['where']>
    if (fieldOfCall(field, context, bound, first, second, rest) === text) return rule.severity
  }
  return state.writtenFrom
}
