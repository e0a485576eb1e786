import type { Command } from 'commander'
import { ask, newCommand, withCommonOptions } from '../command.ts'
import { listEntries } from '../entries.ts'
import {
  addFilterOptions,
  addTimeOptions,
  countOrAll,
  readFilter,
  type CommonOptions,
  type FilterOptions,
  type TimeOptions,
} from '../options.ts'

const DEFAULT_LIMIT = 100

interface SearchOptions extends CommonOptions, FilterOptions, TimeOptions {
  readonly limit: number
  readonly reverse?: boolean
}

/** `pixlogs search`: the entries that match, oldest first. */
export function searchCommand(): Command {
  const command = newCommand('search', {
    summary: 'print entries that match, newest last',
    description:
      'Prints the entries that match: oldest first and newest last, as in a file. Of more than --limit, the newest.',
    examples: [
      'pixlogs search timeout',
      'pixlogs search \'"Failed to submit job"\' --from today',
      "pixlogs search 'level>=warning component:worker' --from 2h",
      "pixlogs search 'duration_ms:>500' --limit all --json | head -n 3",
      'pixlogs search job_id:123 -- -heartbeat',
    ],
  }).argument('[query...]', 'in the query language (docs/query-language.md); none: everything')
  addFilterOptions(addTimeOptions(command))
    .option('-n, --limit <n>', 'most entries printed, the newest of them; or all', countOrAll, DEFAULT_LIMIT)
    .option('-r, --reverse', 'newest first')
  return withCommonOptions(command).action((query: string[], options: SearchOptions) =>
    ask(options, (asking) =>
      listEntries(asking, {
        filter: readFilter(query, options),
        limit: options.limit,
        isJson: options.json === true,
        isReversed: options.reverse === true,
      }),
    ),
  )
}
