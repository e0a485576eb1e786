import { parseLevel, type Level } from '@pixsim7/record'

/**
 * What a levels file says: which level is in force for a while, for loggers and for values of a context. Read by every program
 * that logs while it runs, so the form is checked strictly and bounded: a mistake must not change what is logged.
 */

/** One rule. It names loggers, a field with its value, or both. */
export interface LevelRule {
  /** Names the rule in records and tools; unique in its file. */
  readonly id: string
  /** Name of loggers; `*` stands for any characters: `provider.*`. Undefined for all. */
  readonly logger?: string
  /** Name of a field of the context, the logger or the call: `user_id`. */
  readonly field?: string
  /** The value of the field; compared as text, so 42 and "42" are the same. */
  readonly value?: string | number | boolean
  /** Lowest level that is written. */
  readonly level: Level
  /** ISO 8601 with zone: from then on the rule does nothing. */
  readonly expires_at: string
  /** Who made it. */
  readonly by: string
}

/** What is read, or why nothing of it is. */
export type ParsedLevelRules = { readonly rules: readonly LevelRule[] } | { readonly problem: string }

/** A larger file is refused unread. */
export const MAX_LEVELS_FILE_BYTES = 64 * 1024
/** Each call that a rule by field may concern looks at all of them. */
const MAX_RULES = 100
const MAX_TEXT_CHARACTERS = 200

const VERSION = 1
const RULE_MEMBERS = ['id', 'logger', 'field', 'value', 'level', 'expires_at', 'by']
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/

/** The rules in the text of a levels file; all or, with the first problem found, none. Never throws. */
export function parseLevelRules(text: string): ParsedLevelRules {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (error) {
    // Not the message as it is: it quotes the text.
    return { problem: `it is no JSON (${error instanceof RangeError ? 'too deep' : 'syntax'})` }
  }
  if (!isObject(content)) return { problem: 'it is no JSON object' }
  if (content['version'] !== VERSION)
    return { problem: `its version is ${quote(content['version'])}, expected ${VERSION}` }
  const stranger = Object.keys(content).find((key) => key !== 'version' && key !== 'rules')
  if (stranger !== undefined)
    return { problem: `it has a member ${quote(stranger)}, expected version and rules` }
  const { rules } = content
  if (!Array.isArray(rules)) return { problem: 'its rules are no array' }
  if (rules.length > MAX_RULES)
    return { problem: `it has ${rules.length} rules, expected at most ${MAX_RULES}` }
  const ids = new Set<string>()
  const parsed: LevelRule[] = []
  for (const [index, rule] of rules.entries()) {
    const problem = problemOf(rule)
    if (problem !== undefined) return { problem: `rule ${index + 1}: ${problem}` }
    const { id, level } = rule as LevelRule
    if (ids.has(id)) return { problem: `rule ${index + 1}: the id ${quote(id)} is there twice` }
    ids.add(id)
    parsed.push(Object.freeze({ ...(rule as LevelRule), level: parseLevel(level) as Level }))
  }
  return { rules: parsed }
}

function problemOf(rule: unknown): string | undefined {
  if (!isObject(rule)) return 'it is no JSON object'
  const stranger = Object.keys(rule).find((key) => !RULE_MEMBERS.includes(key))
  if (stranger !== undefined) return `it has a member ${quote(stranger)}, expected ${RULE_MEMBERS.join(', ')}`
  for (const name of ['id', 'level', 'expires_at', 'by'] as const)
    if (!isText(rule[name])) return `${name} is ${quote(rule[name])}, expected a text of at most ${MAX_TEXT_CHARACTERS} characters` // prettier-ignore
  for (const name of ['logger', 'field'] as const)
    if (rule[name] !== undefined && !isText(rule[name])) return `${name} is ${quote(rule[name])}, expected a text of at most ${MAX_TEXT_CHARACTERS} characters` // prettier-ignore
  if (rule['logger'] === undefined && rule['field'] === undefined)
    return 'it has neither logger nor field, expected one of them, or both'
  if ((rule['field'] === undefined) !== (rule['value'] === undefined))
    return 'it has one of field and value, expected both or none'
  if (rule['value'] !== undefined && !isValue(rule['value']))
    return `value is ${quote(rule['value'])}, expected a text, a number, true or false`
  if (parseLevel(rule['level'] as string) === undefined)
    return `level is ${quote(rule['level'])}, expected DEBUG, INFO, WARNING, ERROR or CRITICAL`
  const expiry = rule['expires_at'] as string
  if (!ISO_TIME.test(expiry) || Number.isNaN(Date.parse(expiry)))
    return `expires_at is ${quote(expiry)}, expected a time with zone such as 2026-11-26T12:00:00Z`
  return undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT_CHARACTERS
}

function isValue(value: unknown): boolean {
  return isText(value) || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
}

/** Short, on one line: a problem ends up in records and on terminals. */
function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing'
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** Whether a logger of this name is meant by a pattern; linear in the length of both. */
export function isLoggerMatch(pattern: string, name: string): boolean {
  const parts = pattern.split('*')
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  if (parts.length === 1) return name === pattern
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
    return false
  let place = first.length
  const end = name.length - last.length
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, place)
    if (found === -1 || found + part.length > end) return false
    place = found + part.length
  }
  return true
}
