import type { LogClient } from '@pixsim7/protocol/client'
import { Command } from 'commander'
import { openLogSource } from './connect/log-source.ts'
import { addCommonOptions, type CommonOptions } from './options.ts'
import { Console } from './output/console.ts'

/** How a command ended, and its exit status: as with grep; and, ended by a signal, what shells report for that. */
export const EXIT = { found: 0, nothing: 1, error: 2, interrupted: 130, terminated: 143 } as const
export type Outcome = keyof typeof EXIT

/** What a command works with. */
export interface Asking {
  readonly client: LogClient
  readonly console: Console
}

export interface CommandHelp {
  /** For the list of commands. */
  readonly summary: string
  readonly description: string
  /** Command lines; a test runs them. */
  readonly examples: readonly string[]
}

/** A command of pixlogs, without its arguments and options. */
export function newCommand(name: string, { summary, description, examples }: CommandHelp): Command {
  return new Command(name)
    .summary(summary)
    .description(description)
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`)
    .helpOption('-h, --help', 'show this help')
}

/** Runs a command that needs no log server. */
export async function run(
  options: CommonOptions,
  work: (console: Console) => Promise<Outcome>,
): Promise<void> {
  // Before any time is read or shown: all of this process goes by it.
  if (options.utc === true) process.env['TZ'] = 'UTC'
  process.exitCode = EXIT[await work(new Console({ isColourWanted: options.color }))]
}

/** Runs a command against the log server that the options and settings lead to, and lets go of it afterwards. */
export async function ask(options: CommonOptions, work: (asking: Asking) => Promise<Outcome>): Promise<void> {
  await run(options, async (console) => {
    const source = await openLogSource(options, (notice) => console.say(notice))
    try {
      return await work({ client: source.client, console })
    } finally {
      await source.close()
    }
  })
}

/** The command with the options all commands share. */
export function withCommonOptions(command: Command): Command {
  return addCommonOptions(command)
}
