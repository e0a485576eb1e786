import { Command, CommanderError, type Argument } from 'commander'
import { LoggingError } from '@pixsim7/logging'
import { ProtocolError } from '@pixsim7/protocol/client'
import { CliError } from './cli-error.ts'
import { EXIT } from './command.ts'
import { countCommand } from './commands/count.ts'
import { errorsCommand } from './commands/errors.ts'
import { searchCommand } from './commands/search.ts'
import { tailCommand } from './commands/tail.ts'
import { doctorCommand } from './commands/doctor.ts'
import { logrotateCommand } from './commands/logrotate.ts'
import { rpmCommand } from './commands/rpm.ts'
import { servicesCommand } from './commands/services.ts'
import { slowCommand } from './commands/slow.ts'
import { statsCommand } from './commands/stats.ts'
import { jobCommand, requestCommand } from './commands/story.ts'
import { printableLines } from './output/printable.ts'

/** Commands in the order help lists them. */
const COMMANDS = [
  searchCommand,
  tailCommand,
  countCommand,
  errorsCommand,
  jobCommand,
  requestCommand,
  slowCommand,
  rpmCommand,
  statsCommand,
  servicesCommand,
  doctorCommand,
  logrotateCommand,
]

/** Runs pixlogs with arguments (without node and script); leaves its exit status in `process.exitCode`. Never rejects. */
export async function runPixlogs(args: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync(args, { from: 'user' })
  } catch (error) {
    // Help that was asked for ends this way too, with status 0.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.found : EXIT.error
    else fail(error)
  }
}

function buildProgram(): Command {
  const program = new Command('pixlogs')
    .description('Ask the logs of your services: words, fields, levels, times.')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp({
      subcommandTerm: (command) =>
        [command.name(), ...command.registeredArguments.map(argumentTerm)].join(' '),
    })
    .addHelpText('after', `\n${EPILOGUE}`)
  for (const make of COMMANDS) program.addCommand(make())
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .configureOutput({ outputError: (text, write) => write(printableLines(adviceFor(text, command))) })
  }
  return program
}

function argumentTerm(argument: Argument): string {
  const name = argument.variadic ? `${argument.name()}...` : argument.name()
  return argument.required ? `<${name}>` : `[${name}]`
}

const EPILOGUE = `Data goes to standard output, words to standard error.
Exit status: 0 something found, 1 nothing found, 2 error.

Without --url the log server of this project is asked; where none runs, pixlogs
starts one for the length of the command.

pixlogs COMMAND --help shows options and examples of a command.`

/** Commander's own sentence, and what to do. */
function adviceFor(text: string, command: Command): string {
  const sentence = text.replace(/^error: /, 'pixlogs: ')
  const hint =
    text.includes("unknown option '-") && command.registeredArguments.length > 0
      ? 'A word of the query that begins with a dash goes behind --, as in: pixlogs search timeout -- -retry\n'
      : ''
  const name = command.name() === 'pixlogs' ? 'pixlogs --help' : `pixlogs ${command.name()} --help`
  return `${sentence}${hint}Try: ${name}\n`
}

/** Mistakes of the user and of the world are one clear text; anything else is ours and keeps its stack. */
function fail(error: unknown): void {
  process.exitCode = EXIT.error
  process.stderr.write(`pixlogs: ${printableLines(describe(error))}\n`)
}

function describe(error: unknown): string {
  if (error instanceof CliError || error instanceof LoggingError) return error.message
  if (error instanceof ProtocolError) return describeRefusal(error)
  return `BUG: ${error instanceof Error ? error.stack : String(error)}`
}

function describeRefusal({ code, message, cause, status }: ProtocolError): string {
  if (cause instanceof CliError) return cause.message
  switch (code) {
    case 'unauthorized':
      return 'The log server refuses the token, or was given none. Set LOGS_API_TOKEN (or --token) to the one it was started with.'
    case 'network':
      return `${message}\nStart it (npm run logs), or correct --url, PIXLOGS_URL, LOGS_HOST or LOGS_PORT.`
    case 'not_found':
      return `${message}\nIs the log server of the same version as pixlogs? This one answered ${status}.`
    default:
      return message
  }
}
