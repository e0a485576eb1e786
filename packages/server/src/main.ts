/** The log server as a program: `npm run logs`. */
import {
  closeLogging,
  findSettings,
  formatStartup,
  getLogger,
  LoggingError,
  readSettings,
  setupLogging,
} from '@pixsim7/logging'
import { escapeJsonText, severityOf } from '@pixsim7/record'
import { StoreError } from '@pixsim7/store'
import { readFileSync } from 'node:fs'
import { resetCredentials, type Credentials } from './access/credentials.ts'
import { OWN_COMPONENT, OWN_EVENTS, type WriteLine } from './host/own-log.ts'
import { LogServer } from './log-server.ts'
import { findPanelFolder } from './routes/panel-routes.ts'
import { ServerError } from './server-error.ts'
import {
  assertSafeSecrets,
  describeServerSettings,
  SERVER_SETTINGS,
  type ServerSettings,
} from './settings.ts'
import { localFailureLine, localReadyLine, startupText, readyLine } from './startup-text.ts'

/** After this long a stop that hangs is cut off. */
const STOP_LIMIT_MS = 9500

const USAGE = `Usage: node packages/server/dist/main.js [--reset-password | --local | --help]

Follows log files, keeps them in a store, and serves the panel and the HTTP API.
  --reset-password  generate a new password for the user admin, print it, and end
  --local           no port, only the local socket in LOGS_DATA_DIR, until standard input ends (what pixlogs starts
                    when no log server runs)
`

async function main(args: readonly string[]): Promise<void> {
  const [option, ...rest] = args
  if (
    rest.length > 0 ||
    (option !== undefined && !['--help', '--local', '--reset-password'].includes(option))
  ) {
    throw new ServerError('SERVER_BAD_ARGUMENT', `The argument ${args.join(' ')} is unknown.\n\n${USAGE}`)
  }
  if (option === '--help')
    process.stdout.write(`${USAGE}\nSettings, from the environment or .env:\n${describeServerSettings()}\n`)
  else if (option === '--reset-password') await resetPassword()
  else if (option === '--local') await serveLocally()
  else await serve()
}

async function serve(): Promise<void> {
  const setup = setupLogging({ component: OWN_COMPONENT, settings: SERVER_SETTINGS, handleSignals: false })
  const { settings } = setup
  assertSafeSecrets(settings)
  const logger = getLogger('log_server')
  const writeLine: WriteLine = (level, message, fields) => logger[METHODS[level]](message, fields)
  const version = readVersion()
  const server = new LogServer({ settings, writeLine, panelFolder: findPanelFolder(), version })
  stopOnSignals(server)
  try {
    const credentials = await server.start()
    announce(server, settings, credentials, formatStartup(setup))
    await server.storeOpened
  } catch (error) {
    const event = isKnown(error) ? 'sys_start_failed' : 'sys_crash'
    logger.critical(OWN_EVENTS[event].message, { event, error })
    await server.close()
    throw error
  }
}

/**
 * For one command line, which holds our standard input and ends it when it is done, or dies. Tells it on standard output
 * how the start went; logs to no file, since asking must not change the log.
 */
async function serveLocally(): Promise<void> {
  let server: LogServer | undefined
  try {
    const settings = readSettings(SERVER_SETTINGS)
    server = new LogServer({
      settings,
      writeLine: writeTrouble,
      panelFolder: undefined,
      version: readVersion(),
    })
    const stop = stopOnSignals(server)
    process.stdin.on('end', stop).on('error', stop).resume()
    await server.startLocal()
    process.stdout.write(localReadyLine())
  } catch (error) {
    process.stdout.write(localFailureLine(describe(error), error))
    await server?.close()
    process.exit(1)
  }
}

const writeTrouble: WriteLine = (level, message, fields) => {
  if (severityOf(level) < severityOf('WARNING')) return
  process.stderr.write(`${level} - ${message} | ${escapeJsonText(JSON.stringify(fields))}\n`)
}

const METHODS = {
  DEBUG: 'debug',
  INFO: 'info',
  WARNING: 'warning',
  ERROR: 'error',
  CRITICAL: 'critical',
} as const

/** On the terminal only: the password must reach no log file, so it is never given to the logger. */
function announce(
  server: LogServer,
  settings: ServerSettings,
  credentials: Credentials,
  logsTo: string,
): void {
  const isLaunched = process.env['PIXSIM7_LAUNCHER'] === '1'
  process.stdout.write(
    isLaunched
      ? readyLine(server.url, credentials)
      : startupText({ url: server.url, settings, credentials, logsTo }),
  )
}

/**
 * The first signal stops the server; a second one, or a stop that hangs, ends the process as it is. Returns what stops it
 * without a signal.
 */
function stopOnSignals(server: LogServer): () => void {
  let isStopping = false
  const stop = () => {
    if (isStopping) return
    isStopping = true
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref()
    void server
      .close()
      .then(closeLogging)
      .then(() => process.exit(0))
  }
  const onSignal = () => {
    if (isStopping) process.exit(1)
    stop()
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  // Without a terminal it asks the library to reopen the files; with one, the terminal was closed.
  if (process.listenerCount('SIGHUP') === 0) process.on('SIGHUP', stop)
  return stop
}

async function resetPassword(): Promise<void> {
  const settings = readSettings(SERVER_SETTINGS, findSettings())
  if (settings.adminPassword !== undefined) {
    throw new ServerError(
      'SERVER_BAD_ARGUMENT',
      'LOGS_ADMIN_PASSWORD is set and would replace a generated password at the next start. Change or unset it instead.',
    )
  }
  const { generatedPassword } = await resetCredentials(settings.dataDir)
  process.stdout.write(
    `New password of admin: ${generatedPassword}\nIt holds from the next start of the log server on, and is shown only this once.\n`,
  )
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return (manifest as { version: string }).version
}

/** Mistakes of the user and of the world. */
function isKnown(error: unknown): error is Error {
  return error instanceof ServerError || error instanceof LoggingError || error instanceof StoreError
}

/** What is known is one clear text; anything else is ours and keeps its stack. */
function describe(error: unknown): string {
  return isKnown(error) ? error.message : `BUG: ${error instanceof Error ? error.stack : String(error)}`
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${describe(error)}\n`)
  await closeLogging()
  process.exit(1)
}
