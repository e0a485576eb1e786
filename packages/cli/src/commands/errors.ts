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

interface ErrorsOptions extends CommonOptions, FilterOptions, TimeOptions {
  readonly job?: string
  readonly limit: number
}

/** `pixlogs errors`: ERROR and CRITICAL of all components. */
export function errorsCommand(): Command {
  const command = newCommand('errors', {
    summary: 'print ERROR and CRITICAL with their stacks',
    description: 'Prints the ERROR and CRITICAL entries of all components, newest last, with their stacks.',
    examples: [
      'pixlogs errors',
      'pixlogs errors --job 123',
      'pixlogs errors --from today --component worker',
      'pixlogs errors timeout --limit 5',
    ],
  })
    .argument('[query...]', 'further conditions, in the query language')
    .option('--job <id>', 'of this job only')
  addFilterOptions(addTimeOptions(command)).option(
    '-n, --limit <n>',
    'most entries printed, the newest of them; or all',
    countOrAll,
    DEFAULT_LIMIT,
  )
  return withCommonOptions(command).action((query: string[], options: ErrorsOptions) =>
    ask(options, (asking) =>
      listEntries(asking, {
        filter: {
          ...readFilter(query, options),
          level: options.level === undefined ? ['ERROR', 'CRITICAL'] : [...options.level],
          job_id: options.job,
        },
        limit: options.limit,
        isJson: options.json === true,
      }),
    ),
  )
}
