import { Option, type Command } from 'commander'
import { badArgument } from '../cli-error.ts'
import { ask, newCommand, withCommonOptions, type Asking, type Outcome } from '../command.ts'
import { sayAbout } from '../entries.ts'
import { INTERVAL_NAMES, type IntervalName } from '../local-intervals.ts'
import {
  addFilterOptions,
  addTimeOptions,
  count,
  readFilter,
  type CommonOptions,
  type FilterOptions,
  type TimeOptions,
} from '../options.ts'
import { formatCount } from '../output/numbers.ts'
import { jsonDocument, printable } from '../output/printable.ts'
import { formatTable } from '../output/table.ts'
import { countPer } from './count-per.ts'

interface CountOptions extends CommonOptions, FilterOptions, TimeOptions {
  readonly by?: string
  readonly per?: IntervalName
  readonly limit?: number
}

export type Filter = ReturnType<typeof readFilter>

/** `pixlogs count`: how many entries match, in all, for each value of a field, or over time. */
export function countCommand(): Command {
  const command = newCommand('count', {
    summary: 'count entries, by field or over time',
    description:
      'Counts the entries that match: in all, for each value of a field, or for each minute, hour or day.',
    examples: [
      'pixlogs count level:error --from today',
      'pixlogs count --by component',
      "pixlogs count 'level>=warning' --by logger --limit 5",
      'pixlogs count timeout --per hour',
      'pixlogs count --per minute --from 15m --json',
    ],
  })
    .argument('[query...]', 'in the query language (docs/query-language.md); none: everything')
    .option('--by <field>', 'for each value of any field, the most frequent first')
    .addOption(
      new Option('--per <interval>', 'for each minute, hour or day').choices(INTERVAL_NAMES).conflicts('by'),
    )
    .option('-n, --limit <n>', 'with --by: most values printed', count)
  addFilterOptions(addTimeOptions(command))
  return withCommonOptions(command).action((query: string[], options: CountOptions) => {
    if (options.limit !== undefined && options.by === undefined) throw badArgument('--limit goes with --by.')
    return ask(options, (asking) => {
      const filter = readFilter(query, options)
      if (options.by !== undefined) return countBy(asking, filter, options.by, options)
      if (options.per !== undefined) return countPer(asking, filter, options.per, options.json === true)
      return countAll(asking, filter, options)
    })
  })
}

async function countAll(
  { client, console }: Asking,
  filter: Filter,
  { json }: CountOptions,
): Promise<Outcome> {
  const answer = await client.logs({ ...filter, limit: 1 })
  sayAbout(answer, filter.q ?? '', console)
  const { total, total_is_exact } = answer
  if (!total_is_exact) console.say('There are at least so many.')
  await console.print([json === true ? jsonDocument({ total, total_is_exact }) : console.number(total)])
  return total === 0 ? 'nothing' : 'found'
}

/** As `sort | uniq -c | sort -rn` prints it: the number, then the value. */
async function countBy(
  { client, console }: Asking,
  filter: Filter,
  field: string,
  { json, limit = Infinity }: CountOptions,
): Promise<Outcome> {
  const [answer, { facets }] = await Promise.all([
    client.logs({ ...filter, limit: 1 }),
    client.facets({ ...filter, fields: field }),
  ])
  sayAbout(answer, filter.q ?? '', console)
  const values = (facets[field] ?? []).slice(0, limit)
  const rest = answer.total - values.reduce((sum, value) => sum + value.count, 0)
  if (json === true) {
    await console.print([jsonDocument({ field, values, others: rest, total: answer.total })])
  } else {
    const rows = values.map((value) => [console.number(value.count), printable(value.value)])
    await console.print(formatTable([{ title: '', align: 'right' }, { title: '' }], rows, Infinity))
  }
  if (answer.total === 0) console.say('Nothing found.')
  else if (rest > 0)
    console.say(
      `${formatCount(rest)} more of ${formatCount(answer.total)} have another value of ${field}, or none.`,
    )
  return values.length === 0 ? 'nothing' : 'found'
}
