/** The command line of `npm start`. */
import { LauncherError } from './launcher-error.ts'
import { describeVariables } from './settings/variables.ts'

export interface LauncherArguments {
  /** Visitors make traffic; `--no-demo` switches them off. */
  readonly hasDemo: boolean
  readonly wantsHelp: boolean
}

export const HELP = `Starts all of PixSim7 for development: PostgreSQL, log server, provider simulator, backend, worker, and
a few visitors who use it. Ctrl-C stops everything; a second Ctrl-C kills it.

Usage: npm start [-- options]

Options:
  --no-demo   no visitors: nothing happens unless you make it happen
  --help      this text

Settings come from the environment, then from .env. What the parts of PixSim7 read is in docs/settings.md; the launcher looks at
${describeVariables()}

Exit status: 0 stopped on request, 1 could not start or a part failed, 2 wrong arguments, 130 killed by a second Ctrl-C.
`

/**
 * Reads the arguments after the program's name. `npm start --no-demo`, without the `--`, makes the option npm's own, which
 * hands it on as `npm_config_demo`; it is understood too, because the traffic it meant to prevent would start.
 *
 * @throws LauncherError `ARGUMENTS_INVALID` naming every argument that is not known
 */
export function parseArguments(args: readonly string[], environment: NodeJS.ProcessEnv): LauncherArguments {
  const unknown = args.filter((argument) => !['--no-demo', '--help', '-h'].includes(argument))
  if (unknown.length > 0) {
    throw new LauncherError(
      'ARGUMENTS_INVALID',
      `Unknown argument${unknown.length > 1 ? 's' : ''}: ${unknown.join(' ')}`,
    )
  }
  const isSwitchedOffByNpm = ['', 'false'].includes(environment['npm_config_demo'] ?? 'true')
  return {
    hasDemo: !args.includes('--no-demo') && !isSwitchedOffByNpm,
    wantsHelp: args.includes('--help') || args.includes('-h'),
  }
}
