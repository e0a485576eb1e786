import type { SlowAnswer } from '@pixsim7/protocol/client'
import { InvalidArgumentError, type Command } from 'commander'
import { ask, newCommand, withCommonOptions, type Asking, type Outcome } from '../command.ts'
import { formatEntry } from '../entries.ts'
import {
  addFilterOptions,
  addTimeOptions,
  count,
  readFilter,
  type CommonOptions,
  type FilterOptions,
  type TimeOptions,
} from '../options.ts'
import type { Console } from '../output/console.ts'
import { countOf, formatCount, formatDuration } from '../output/numbers.ts'
import { jsonDocument, printable } from '../output/printable.ts'
import { formatTable, type Column } from '../output/table.ts'
import { parseDurationOption } from '../time-option.ts'

const DEFAULT_OVER_MS = 100
const DEFAULT_LIMIT = 10
const MOST_ENTRIES = 1000

interface SlowOptions extends CommonOptions, FilterOptions, TimeOptions {
  readonly over: number
  readonly limit: number
}

const COLUMNS: readonly Column[] = [
  { title: 'COUNT', align: 'right' },
  { title: 'P50', align: 'right' },
  { title: 'P95', align: 'right' },
  { title: 'MAX', align: 'right' },
  { title: 'COMPONENT' },
  { title: 'LOGGER', isFlexible: true },
  { title: 'OPERATION', isFlexible: true },
]

/** `pixlogs slow`: which operations take long, and the slowest of them. */
export function slowCommand(): Command {
  const command = newCommand('slow', {
    summary: 'print which operations take long',
    description:
      'Prints which operations take long (by duration_ms or duration_sec), most time in all first; then the slowest entries, the slowest last.',
    examples: [
      'pixlogs slow',
      'pixlogs slow --over 500ms --from today',
      'pixlogs slow component:worker --over 2s --limit 20',
      'pixlogs slow --over 1s --json',
    ],
  })
    .argument('[query...]', 'in the query language (docs/query-language.md); none: everything')
    .option('--over <duration>', 'least duration: 500ms, 1.5s, 2m; inclusive', duration, DEFAULT_OVER_MS)
    .option('-n, --limit <n>', 'most entries printed', limit, DEFAULT_LIMIT)
  addFilterOptions(addTimeOptions(command))
  return withCommonOptions(command).action((query: string[], options: SlowOptions) =>
    ask(options, (asking) => slow(asking, query, options)),
  )
}

function duration(text: string): number {
  const ms = parseDurationOption(text)
  if (ms === undefined) throw new InvalidArgumentError('Expected a duration such as 500ms, 1.5s or 2m.')
  return ms
}

function limit(text: string): number {
  const value = count(text)
  if (value > MOST_ENTRIES) throw new InvalidArgumentError(`Expected at most ${MOST_ENTRIES}.`)
  return value
}

async function slow({ client, console }: Asking, query: string[], options: SlowOptions): Promise<Outcome> {
  const filter = readFilter(query, options)
  const answer = await client.slow({ ...filter, over_ms: options.over, limit: options.limit })
  const over = formatDuration(options.over)
  if (options.json === true) await console.print([jsonDocument(answer)])
  else await printSlow(answer, console)
  if (answer.total === 0) console.say(`Nothing took ${over} or longer.`)
  else
    console.say(
      `${countOf(answer.total, 'entry', 'entries')} took ${over} or longer; ${answer.logs.length === 1 ? 'the slowest is' : `the slowest ${formatCount(answer.logs.length)} are`} shown.`,
    )
  return answer.total === 0 ? 'nothing' : 'found'
}

async function printSlow({ operations, logs }: SlowAnswer, console: Console): Promise<void> {
  if (logs.length === 0) return
  const rows = operations.map((operation) => [
    console.number(operation.count),
    formatDuration(operation.p50_ms),
    formatDuration(operation.p95_ms),
    formatDuration(operation.max_ms),
    printable(operation.component),
    printable(operation.logger),
    printable(operation.message),
  ])
  await console.print(console.withFaintTitle(formatTable(COLUMNS, rows, console.columns)))
  await console.print(['', ...[...logs].reverse().map((entry) => formatEntry(entry, false, console))])
}
