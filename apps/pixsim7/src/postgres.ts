/** PostgreSQL in the foreground: `npm run postgres`, or `node dist/postgres.js`. */
import { findSettings, LoggingError, readSettings } from '@pixsim7/logging'
import { runPostgres } from './postgres/run-postgres.ts'
import { POSTGRES_SETTINGS } from './settings.ts'

try {
  const settings = readSettings(POSTGRES_SETTINGS, findSettings())
  await runPostgres({ dataFolder: settings.postgresFolder, port: settings.postgresPort })
} catch (error) {
  if (!(error instanceof LoggingError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
