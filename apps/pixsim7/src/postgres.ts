/** PostgreSQL in the foreground: `npm run postgres`, or `node dist/postgres.js`. */
import { findSettings, LoggingError, readSettings } from '@pixsim7/logging'
import { runPostgres } from './postgres/run-postgres.ts'
import { answerArguments } from './program-arguments.ts'
import { POSTGRES_SETTINGS } from './settings.ts'

const PURPOSE = 'The local PostgreSQL in the foreground: for a backend and a worker without DATABASE_URL.'

async function main(): Promise<void> {
  const settings = readSettings(POSTGRES_SETTINGS, findSettings())
  await runPostgres({ dataFolder: settings.postgresFolder, port: settings.postgresPort })
}

try {
  if (!answerArguments(PURPOSE, POSTGRES_SETTINGS)) await main()
} catch (error) {
  if (!(error instanceof LoggingError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
