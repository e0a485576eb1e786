/** `npm start`: starts all of PixSim7, and stops it on Ctrl-C. See {@link HELP} for its use. */
import { HELP, parseArguments } from './arguments.ts'
import { findProblems } from './checks/checks.ts'
import { runLauncher } from './launcher.ts'
import { LauncherError } from './launcher-error.ts'
import { listServices } from './services.ts'
import { readLauncherSettings } from './settings/launcher-settings.ts'
import { formatSummary, parseAnnouncement } from './summary.ts'
import { createMask } from './terminal/mask-secrets.ts'
import { Screen } from './terminal/screen.ts'

async function main(): Promise<number> {
  const { hasDemo, wantsHelp } = parseArguments(process.argv.slice(2), process.env)
  if (wantsHelp) {
    process.stdout.write(HELP)
    return 0
  }
  if (process.platform === 'win32') {
    throw new LauncherError(
      'START_REFUSED',
      'PixSim7 as a whole runs on Linux and macOS; on Windows use WSL 2.',
    )
  }
  const { settings, problems } = readLauncherSettings(process.env, process.cwd())
  const services = listServices(settings, { hasVisitors: hasDemo })
  const hasVisitors = services.some(({ name }) => name === 'visitors')
  const programs = services.flatMap(({ command }) => command.filter((word) => word.endsWith('.js')))
  const screen = new Screen(process.stdout, createMask(settings.secrets))
  return runLauncher(
    {
      cwd: settings.baseFolder,
      dataFolder: settings.dataFolder,
      services,
      environment: { ...process.env, ...settings.defaults },
      findProblems: async () => [...problems, ...(await findProblems(settings, programs))],
      summarise: (announcementOf, tookMs) => {
        const logServer = parseAnnouncement(announcementOf('logs'))
        return formatSummary(
          { settings, logServer, hasVisitors, tookMs },
          process.stdout.columns || undefined,
        )
      },
      lastWords: (announcementOf) => {
        const password = parseAnnouncement(announcementOf('logs'))?.password
        if (password == null) return undefined
        return `The log server's password of user admin, generated just now and shown this once: ${password}`
      },
    },
    screen,
  )
}

/** Ends with the status once everything printed has left: `process.exit` alone cuts off what a pipe has not taken yet. */
function end(status: number): void {
  process.exitCode = status
  process.stdout.write('', () => process.stderr.write('', () => process.exit(status)))
}

// A closed terminal must not end the launcher before it has stopped what it started.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})
try {
  end(await main())
} catch (error) {
  if (!(error instanceof LauncherError)) throw error
  process.stderr.write(`\n${error.message}\n${error.code === 'ARGUMENTS_INVALID' ? `\n${HELP}` : ''}`)
  end(error.code === 'ARGUMENTS_INVALID' ? 2 : 1)
}
