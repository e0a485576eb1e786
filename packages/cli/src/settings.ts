import { filePath, port, readSettings, setting, text, url, type SettingValues } from '@pixsim7/logging'

/** What the command line takes from the environment and `.env`; the log server's own settings have the same meaning there. */
export const CLI_SETTINGS = {
  url: setting('PIXLOGS_URL', url(['http:', 'https:']), {
    doc: 'Address of the log server that pixlogs asks; without it the one of this project',
  }),
  apiToken: setting('LOGS_API_TOKEN', text(), {
    isSecret: true,
    doc: 'Bearer token of the log server',
  }),
  host: setting('LOGS_HOST', text(), { default: '127.0.0.1', doc: 'Address the log server listens at' }),
  port: setting('LOGS_PORT', port(), { default: '5173', doc: 'Port the log server listens at' }),
  dataDir: setting('LOGS_DATA_DIR', filePath(), {
    default: 'data/store',
    doc: 'Folder of the store, with the local socket of its log server',
  }),
  files: setting('LOGS_FILES', text(), { doc: 'Log files the log server follows' }),
}
export type CliSettings = SettingValues<typeof CLI_SETTINGS>

/** @throws LoggingError LOGGING_SETTINGS_INVALID, naming every setting that cannot be used. */
export function readCliSettings(): CliSettings {
  return readSettings(CLI_SETTINGS)
}

/** Where a log server with these settings can be reached from this machine. */
export function addressOf({ host, port }: Pick<CliSettings, 'host' | 'port'>): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}
