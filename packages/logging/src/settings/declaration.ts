import { LoggingError, settingsError, type SettingProblem } from '../errors.ts'
import { redactText } from '../redaction/redact-text.ts'
import type { Parser } from './parsers.ts'
import { findSettings, type SettingsSource } from './source.ts'

/** One setting, declared once: reading, help text and documentation are made from it. */
export interface Setting<T> {
  /** The variable in the environment, `LOG_LEVEL`. */
  readonly name: string
  readonly parser: Parser<T>
  /** As it would be written in the environment; undefined when there is none. */
  readonly default: string | undefined
  readonly doc: string
  readonly isRequired: boolean
  /** Its value never appears in an error, a startup line or a description. */
  readonly isSecret: boolean
}

interface SettingOptions {
  readonly doc: string
  readonly isSecret?: boolean
}

/**
 * Declares a setting. Empty in the environment counts as not given. Without `default` and `isRequired` its value may be
 * undefined.
 */
export function setting<T>(
  name: string,
  parser: Parser<T>,
  options: SettingOptions & { default: string },
): Setting<T>
export function setting<T>(
  name: string,
  parser: Parser<T>,
  options: SettingOptions & { isRequired: true },
): Setting<T>
export function setting<T>(name: string, parser: Parser<T>, options: SettingOptions): Setting<T | undefined>
export function setting<T>(
  name: string,
  parser: Parser<T>,
  options: SettingOptions & { default?: string; isRequired?: boolean },
): Setting<T> {
  return {
    name,
    parser,
    default: options.default,
    doc: options.doc,
    isRequired: options.isRequired ?? false,
    isSecret: options.isSecret ?? false,
  }
}

/** A table of settings: the key is the name in the program, the setting says the rest. */
export type Settings = Readonly<Record<string, Setting<unknown>>>

/** The values of a table of settings. */
export type SettingValues<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never
}

/** Longest part of a value that an error repeats. */
const MAX_VALUE_CHARACTERS = 200

/**
 * The values of `settings` from the environment, then `.env`, then the defaults. What cannot be used is added to
 * `problems` and its value is undefined: the caller reports all of them together and does not go on.
 */
export function collectSettings<S extends Settings>(
  settings: S,
  source: SettingsSource,
  problems: SettingProblem[],
): SettingValues<S> {
  const values: Record<string, unknown> = {}
  for (const [key, declared] of Object.entries(settings))
    values[key] = collectSetting(declared, source, problems)
  return Object.freeze(values) as SettingValues<S>
}

function collectSetting(
  declared: Setting<unknown>,
  source: SettingsSource,
  problems: SettingProblem[],
): unknown {
  const { name, parser, isSecret } = declared
  const given = source.lookUp(name)
  if (given !== undefined) {
    const value = parser.parse(given.value, source.baseFolder)
    if (value === undefined) {
      problems.push({
        name,
        value: printable(given.value, isSecret),
        source: given.source,
        expected: parser.expected,
      })
    }
    return value
  }
  if (declared.default === undefined) {
    if (declared.isRequired)
      problems.push({ name, value: undefined, source: 'environment', expected: parser.expected })
    return undefined
  }
  const value = parser.parse(declared.default, source.baseFolder)
  if (value === undefined) {
    throw new LoggingError(
      'LOGGING_SETTINGS_INVALID',
      `BUG: the default of ${name}, ${JSON.stringify(declared.default)}, is not ${parser.expected}`,
    )
  }
  return value
}

function printable(value: string, isSecret: boolean): string {
  if (isSecret) return '[redacted]'
  const text = redactText(value)
  return text.length > MAX_VALUE_CHARACTERS ? `${text.slice(0, MAX_VALUE_CHARACTERS)}…` : text
}

/**
 * Reads a table of settings by itself. An application that also sets up logging hands its table to setupLogging
 * instead (`settings`), so that mistakes in both are told together.
 *
 * @throws LoggingError LOGGING_SETTINGS_INVALID, naming every setting that cannot be used.
 */
export function readSettings<S extends Settings>(
  settings: S,
  source: SettingsSource = findSettings(),
): SettingValues<S> {
  const problems: SettingProblem[] = [...source.problemsFor(namesOf(settings))]
  const values = collectSettings(settings, source, problems)
  if (problems.length > 0) throw settingsError(problems)
  return values
}

/** The variables of a table. */
export function namesOf(settings: Settings): string[] {
  return Object.values(settings).map((declared) => declared.name)
}

/** One line for each setting, `NAME=default  what it is (expected form)`, for help texts. */
export function describeSettings(...tables: Settings[]): string {
  return tables
    .flatMap((table) => Object.values(table))
    .map(({ name, default: text, doc, parser }) => `${name}=${text ?? ''}  ${doc} (${parser.expected})`)
    .join('\n')
}
