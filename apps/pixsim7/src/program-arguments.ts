/** The command line of the application's programs: none takes any but `--help`. */
import { describeSettings } from '@pixsim7/logging'
import type { Settings } from '@pixsim7/logging'

/**
 * Answers `--help` with what the program is and the settings it reads, and refuses any other argument. True when that was all
 * there is to do; the exit status is then set: 0 after the help, 2 after a wrong argument.
 */
export function answerArguments(purpose: string, ...tables: Settings[]): boolean {
  const args = process.argv.slice(2)
  if (args.length === 0) return false
  const isHelp = args.every((argument) => argument === '--help' || argument === '-h')
  const help = `${purpose}\nIt takes no arguments. Settings, from the environment or .env:\n${describeSettings(...tables)}\n`
  if (isHelp) process.stdout.write(help)
  else process.stderr.write(`Unknown argument: ${args.join(' ')}\n\n${help}`)
  process.exitCode = isHelp ? 0 : 2
  return true
}
