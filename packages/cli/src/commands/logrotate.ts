import { Option, type Command } from 'commander'
import { newCommand, run, type Outcome } from '../command.ts'
import { ENVIRONMENTS, logFiles, type Environment } from '../log-files.ts'
import { logrotateConfig } from '../logrotate-config.ts'
import { ownerNames } from '../owner-names.ts'
import type { Console } from '../output/console.ts'

interface LogrotateOptions {
  readonly env?: Environment
  readonly user?: string
  readonly group?: string
  readonly reload?: readonly string[]
}

/** `pixlogs logrotate`: a configuration for logrotate, complete, with this project's paths. */
export function logrotateCommand(): Command {
  const reload = (text: string, earlier: readonly string[] = []) => [...earlier, text]
  return newCommand('logrotate', {
    summary: 'print a configuration for logrotate',
    description:
      'Prints a complete configuration for logrotate with the paths of this project: components daily, errors.log weekly, kept as long as the environment asks for.',
    examples: [
      'pixlogs logrotate',
      'pixlogs logrotate --env staging > pixsim7.logrotate',
      "pixlogs logrotate --user pixsim --group pixsim --reload 'systemctl reload pixsim7-backend'",
    ],
  })
    .addOption(
      new Option(
        '--env <environment>',
        'how long archives are kept; default LOG_ENV, else production',
      ).choices(ENVIRONMENTS),
    )
    .option('--user <name>', "owner of new files; default: the log folder's")
    .option('--group <name>', "group of new files; default: the log folder's")
    .option(
      '--reload <command>',
      'run after each rotation, repeatable; default: systemctl reload of both services',
      reload,
    )
    .action((options: LogrotateOptions) => run({ color: false }, (console) => print(options, console)))
}

async function print(options: LogrotateOptions, console: Console): Promise<Outcome> {
  const files = logFiles()
  const owner = ownerNames(files.folder)
  await console.print([
    logrotateConfig({
      environment: options.env ?? files.environment ?? 'production',
      files,
      user: options.user ?? owner.user,
      group: options.group ?? owner.group,
      reload: options.reload,
    }),
  ])
  return 'found'
}
