import type { Command } from 'commander'
import { ask, newCommand, withCommonOptions, type Asking, type Outcome } from '../command.ts'
import { sayAbout } from '../entries.ts'
import { addFilterOptions, readFilter, type CommonOptions, type FilterOptions } from '../options.ts'
import { formatCount } from '../output/numbers.ts'
import { jsonDocument } from '../output/printable.ts'

interface CountOptions extends CommonOptions, FilterOptions {}

type Filter = ReturnType<typeof readFilter>

/** `pixlogs count`: how many entries match. */
export function countCommand(): Command {
  const command = newCommand('count', 'count the entries that match', [
    'pixlogs count level:error --from today',
  ]).argument('[query...]', 'in the query language (docs/query-language.md); none: everything')
  addFilterOptions(command)
  return withCommonOptions(command).action((query: string[], options: CountOptions) =>
    ask(options, (asking) => countAll(asking, readFilter(query, options), options)),
  )
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
  await console.print([
    json === true
      ? jsonDocument({ total, total_is_exact })
      : console.isTerminal
        ? formatCount(total)
        : String(total),
  ])
  return total === 0 ? 'nothing' : 'found'
}
