import type { Credentials } from './access/credentials.ts'
import type { ServerSettings } from './settings.ts'

export interface StartupFacts {
  readonly url: string
  readonly settings: ServerSettings
  readonly credentials: Credentials
  /** Which files the log server itself logs to, as the logging library says it. */
  readonly logsTo: string
}

/** What the log server tells on the terminal when it has started. */
export function startupText({ url, settings, credentials, logsTo }: StartupFacts): string {
  return [
    `PixSim7 Logs: ${url}/logs (API: ${url}/docs)`,
    `  follows ${settings.files.join(', ')}`,
    `  stores in ${settings.dataDir}`,
    `  ${logsTo}`,
    `  ${passwordText(credentials)}`,
    '',
  ].join('\n')
}

function passwordText({ origin, generatedPassword }: Credentials): string {
  switch (origin) {
    case 'generated':
      return `Sign in as admin with the password ${generatedPassword} (shown only this once; only its hash is kept)`
    case 'setting':
      return 'Sign in as admin with LOGS_ADMIN_PASSWORD'
    case 'kept':
      return 'Sign in as admin with the password of the first start. Forgotten? Set LOGS_ADMIN_PASSWORD, or run: node packages/server/dist/main.js --reset-password'
  }
}

/** One line for a program that started the log server and shows this itself; it must not write it to a file. */
export function readyLine(url: string, { generatedPassword }: Credentials): string {
  return `PIXSIM7_READY ${JSON.stringify({ url, password: generatedPassword })}\n`
}

/** What a log server for one command line prints when it answers. */
export function localReadyLine(): string {
  return `PIXSIM7_READY {}\n`
}

/** And when it cannot start: the error's code, for which some starts are tried again, and its text. */
export function localFailureLine(message: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return `PIXSIM7_FAILED ${JSON.stringify({ code, message })}\n`
}
