/** What the launcher itself must know of the settings: where the programs will listen and write, and what it need not start. */
import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { findBaseFolder } from './base-folder.ts'
import { parseEnvFile } from './env-file.ts'
import { CHOSEN_BY_LAUNCHER, LAUNCHER_VARIABLES, type Variable } from './variables.ts'

/** Far more than any real one; a log file given this name by mistake is not read into memory. */
const MAX_ENV_FILE_BYTES = 1024 * 1024

/** An address some service will listen on, and the variable that changes its port. */
export interface Listener {
  readonly title: string
  readonly host: string
  readonly port: number
  readonly variable: string
}

export interface LauncherSettings {
  readonly baseFolder: string
  /** Everything the launcher keeps itself: its pid file. */
  readonly dataFolder: string
  readonly backend: Listener
  readonly logServer: Listener
  /** Undefined when PIXVERSE_BASE_URL names another provider. */
  readonly provider: Listener | undefined
  /** Undefined when DATABASE_URL names another database. */
  readonly postgres: (Listener & { readonly folder: string }) | undefined
  /** Absolute paths of the three log files, as the programs will resolve them. */
  readonly logFiles: { readonly backend: string; readonly worker: string; readonly errors: string }
  /** LOGS_ADMIN_PASSWORD is set. */
  readonly hasAdminPassword: boolean
  /** The user's DATABASE_URL; may hold a password. */
  readonly databaseUrl: string | undefined
  /** The provider simulator's settings: it plays somebody else's machine and reads no `.env`. */
  readonly providerEnvironment: Readonly<Record<string, string>>
  /** What the programs are given on top of our own environment. */
  readonly defaults: Readonly<Record<string, string>>
  /** Values of the user's settings that must never be shown. */
  readonly secrets: readonly string[]
}

export interface SettingsReading {
  readonly settings: LauncherSettings
  /** What is wrong, one sentence each, with what to do. The settings then hold defaults in these places. */
  readonly problems: readonly string[]
}

type LookUp = (name: string) => string | undefined

function readEnvFile(file: string | undefined, problems: string[]): ReadonlyMap<string, string> {
  if (file === undefined) return new Map()
  try {
    const { size } = statSync(file)
    if (size > MAX_ENV_FILE_BYTES) {
      problems.push(
        `${file} is ${size} bytes long; a file of settings has at most ${MAX_ENV_FILE_BYTES}. Is it something else?`,
      )
      return new Map()
    }
    const { values, unusableLines } = parseEnvFile(readFileSync(file, 'utf8'))
    if (unusableLines.length > 0) {
      problems.push(
        `${file}, line ${unusableLines.join(', ')}: expected NAME=value with its quotes closed, or a comment.`,
      )
    }
    return values
  } catch (error) {
    problems.push(
      `${file} cannot be read: ${(error as Error).message}. Mend its permissions, or remove it to use the defaults.`,
    )
    return new Map()
  }
}

function readPort(
  lookUp: LookUp,
  variable: { readonly name: string; readonly default: string },
  problems: string[],
): number {
  const text = lookUp(variable.name) ?? variable.default
  const port = Number(text)
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port
  problems.push(`${variable.name}=${text}: expected a port number from 1 to 65535.`)
  return Number(variable.default)
}

function checkDatabaseUrl(url: string | undefined, problems: string[]): void {
  if (url === undefined) return
  const protocol = URL.canParse(url) ? new URL(url).protocol : ''
  if (protocol !== 'postgres:' && protocol !== 'postgresql:') {
    problems.push(
      'DATABASE_URL: expected postgres://user:password@host:port/database; remove it to use a local PostgreSQL.',
    )
  }
}

/** What the launcher sets where the user has said nothing: JSON is the panel's format, and development has its own retention. */
function chooseDefaults(lookUp: LookUp, provider: Listener | undefined): Record<string, string> {
  const wanted: Record<string, string> = Object.fromEntries(
    CHOSEN_BY_LAUNCHER.map(({ name, default: text }) => [name, text]),
  )
  if (provider !== undefined) {
    wanted[LAUNCHER_VARIABLES.pixverseBaseUrl.name] = `http://127.0.0.1:${provider.port}/openapi/v2`
  }
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => lookUp(name) === undefined))
}

/** Reads what the launcher needs from `environment`, then from the nearest `.env`. Never throws: mistakes are returned. */
export function readLauncherSettings(environment: NodeJS.ProcessEnv, workingFolder: string): SettingsReading {
  const problems: string[] = []
  const { folder: baseFolder, envFile } = findBaseFolder(workingFolder)
  const fromFile = readEnvFile(envFile, problems)
  const lookUp: LookUp = (name) => environment[name]?.trim() || fromFile.get(name)?.trim() || undefined
  const variables = LAUNCHER_VARIABLES
  type WithDefault = Variable & { readonly default: string }
  const valueOf = (variable: WithDefault) => lookUp(variable.name) ?? variable.default
  const file = (variable: WithDefault) => path.resolve(baseFolder, valueOf(variable))
  const listener = (title: string, host: string, variable: WithDefault): Listener => ({
    title,
    host,
    variable: variable.name,
    port: readPort(lookUp, variable, problems),
  })

  const databaseUrl = lookUp(variables.databaseUrl.name)
  checkDatabaseUrl(databaseUrl, problems)
  const provider =
    lookUp(variables.pixverseBaseUrl.name) === undefined
      ? listener('provider simulator', '127.0.0.1', variables.providerPort)
      : undefined
  const settings: LauncherSettings = {
    baseFolder,
    dataFolder: path.join(baseFolder, 'data'),
    backend: listener('backend', valueOf(variables.host), variables.port),
    logServer: listener('log server', valueOf(variables.logsHost), variables.logsPort),
    provider,
    postgres:
      databaseUrl === undefined
        ? {
            ...listener('PostgreSQL', '127.0.0.1', variables.postgresPort),
            folder: file(variables.postgresFolder),
          }
        : undefined,
    logFiles: {
      backend: file(variables.backendFile),
      worker: file(variables.workerFile),
      errors: file(variables.errorFile),
    },
    hasAdminPassword: lookUp(variables.adminPassword.name) !== undefined,
    databaseUrl,
    providerEnvironment: Object.fromEntries(
      [...fromFile].filter(
        ([name, value]) => name.startsWith('PROVIDER_') && value !== '' && !environment[name]?.trim(),
      ),
    ),
    defaults: chooseDefaults(lookUp, provider),
    secrets: (Object.values(variables) as readonly Variable[])
      .filter(({ isSecret }) => isSecret === true)
      .flatMap(({ name }) => lookUp(name) ?? []),
  }
  return { settings, problems: [...problems, ...findClashes(settings)] }
}

/** Two services that were given one port. */
function findClashes(settings: LauncherSettings): string[] {
  const listeners = [settings.backend, settings.logServer, settings.provider, settings.postgres].filter(
    (one) => one !== undefined,
  )
  return listeners.flatMap((one, index) =>
    listeners
      .slice(index + 1)
      .filter((other) => other.port === one.port)
      .map(
        (other) =>
          `Port ${one.port} is set for both ${one.title} (${one.variable}) and ${other.title} (${other.variable}).`,
      ),
  )
}
