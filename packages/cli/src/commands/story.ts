import type { Command } from 'commander'
import { ask, newCommand, withCommonOptions, type CommandHelp } from '../command.ts'
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

interface StoryOptions extends CommonOptions, FilterOptions, TimeOptions {
  readonly limit?: number
}

/** `pixlogs job`: all that any component has logged about a job. */
export function jobCommand(): Command {
  return storyCommand('job', 'job_id', {
    summary: 'print the whole story of a job',
    description:
      'Prints everything that any component has logged about a job, across all files, oldest first.',
    examples: ['pixlogs job 123', 'pixlogs job 123 --level error,critical', 'pixlogs job 123 --json'],
  })
}

/** `pixlogs request`: all that any component has logged about a request. */
export function requestCommand(): Command {
  return storyCommand('request', 'request_id', {
    summary: 'print everything about a request',
    description:
      'Prints everything that any component has logged about a request, across all files, oldest first.',
    examples: [
      'pixlogs request 6f1c2d3e-0001-4000-8000-000000000001',
      'pixlogs request 6f1c2d3e-0001-4000-8000-000000000001 --utc',
    ],
  })
}

function storyCommand(name: string, field: 'job_id' | 'request_id', help: CommandHelp): Command {
  const command = newCommand(name, help)
    .argument('<id>', `value of ${field}`)
    .argument('[query...]', 'further conditions, in the query language')
  addFilterOptions(addTimeOptions(command)).option(
    '-n, --limit <n>',
    'most entries printed, the newest of them; default: all',
    countOrAll,
  )
  return withCommonOptions(command).action((id: string, query: string[], options: StoryOptions) =>
    ask(options, (asking) =>
      listEntries(asking, {
        filter: { ...readFilter(query, options), [field]: id },
        limit: options.limit ?? Infinity,
        isJson: options.json === true,
      }),
    ),
  )
}
