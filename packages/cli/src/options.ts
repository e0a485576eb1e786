import type { FilterQuery, Parameters } from '@pixsim7/protocol/client'
import { LEVELS, parseLevel } from '@pixsim7/record'
import { InvalidArgumentError, type Command } from 'commander'
import { badArgument } from './cli-error.ts'
import { parseTimeOption, TIME_FORMS } from './time-option.ts'

/** What every command that asks a log server takes. */
export interface CommonOptions {
  readonly url?: string
  readonly token?: string
  readonly json?: boolean
  /** False after --no-color. */
  readonly color: boolean
  readonly utc?: boolean
}

/** Between which times. */
export interface TimeOptions {
  readonly from?: string
  readonly to?: string
}

/** What narrows the question, besides query and times. */
export interface FilterOptions {
  readonly level?: readonly string[]
  readonly component?: readonly string[]
  readonly logger?: string
}

export function addCommonOptions(command: Command): Command {
  return command
    .option('--json', 'print JSON: one entry per line, or one document')
    .option('--utc', 'show and take times in UTC, not in the local zone')
    .option('--no-color', 'no colours, on a terminal too')
    .option('--url <url>', 'address of the log server to ask (PIXLOGS_URL)')
    .option('--token <token>', 'its bearer token (LOGS_API_TOKEN)')
}

export function addTimeOptions(command: Command): Command {
  return command
    .option(
      '--from <time>',
      'not before: 2025-11-11, "2025-11-11 22:30", 22:30, 15m (ago), 2h, today …',
      time,
    )
    .option('--to <time>', 'before, in the same forms', time)
}

export function addFilterOptions(command: Command): Command {
  return command
    .option('--level <level>', 'exactly this level; repeatable, or separated by commas', levels)
    .option('--component <name>', 'component; repeatable, or separated by commas', words)
    .option('--logger <name>', 'logger: its name, or a pattern such as job_*')
}

/** Checked when it is typed; what it means is decided when --utc is known. */
function time(text: string): string {
  if (parseTimeOption(text, new Date()) === undefined)
    throw new InvalidArgumentError(`Expected ${TIME_FORMS}.`)
  return text
}

function levels(text: string, earlier: readonly string[] = []): string[] {
  const names = text.split(',').map((word) => {
    const level = parseLevel(word.trim())
    if (level === undefined) throw new InvalidArgumentError(`Expected one of ${LEVELS.join(', ')}.`)
    return level
  })
  return [...earlier, ...names]
}

function words(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, ...text.split(',').map((word) => word.trim())]
}

/** A whole number of at least one; `all`, where a command takes it, is Infinity. */
export function count(text: string): number {
  const value = Number(text)
  if (/^\d{1,9}$/.test(text) && value >= 1) return value
  throw new InvalidArgumentError('Expected a whole number from 1.')
}

export function countOrAll(text: string): number {
  if (text === 'all') return Infinity
  const value = Number(text)
  if (/^\d{1,9}$/.test(text) && value >= 1) return value
  throw new InvalidArgumentError('Expected a whole number from 1, or all.')
}

/** The filter that query and options mean together. @throws CliError CLI_BAD_ARGUMENT */
export function readFilter(
  query: readonly string[],
  options: FilterOptions & TimeOptions,
  now = new Date(),
): Parameters<FilterQuery> & { readonly q: string | undefined } {
  const from = options.from === undefined ? undefined : parseTimeOption(options.from, now)
  const to = options.to === undefined ? undefined : parseTimeOption(options.to, now)
  if (from !== undefined && to !== undefined && Date.parse(from) >= Date.parse(to)) {
    throw badArgument(`--from ${options.from} is not before --to ${options.to}: nothing lies between them.`)
  }
  const q = query.join(' ').trim()
  return {
    q: q === '' ? undefined : q,
    from,
    to,
    level: options.level === undefined ? undefined : [...options.level],
    component: options.component === undefined ? undefined : [...options.component],
    logger: options.logger,
  }
}
