/**
 * The variables the launcher itself looks at. All but VISITOR_SEED belong to the programs it starts, which say what they mean
 * and refuse bad values; it must know where they will listen and write, and what it need not start. docs/settings.md is made
 * from these tables and from those of the programs; its generator refuses defaults that differ.
 */

/** A variable of the environment or `.env`. */
export interface Variable {
  readonly name: string
  /** As it would be written; undefined when there is none. */
  readonly default?: string
  /** What the launcher does with it. */
  readonly doc: string
  /** Its value is never shown, in other programs' words neither. */
  readonly isSecret?: boolean
}

/** What {@link readLauncherSettings} looks up. */
export const LAUNCHER_VARIABLES = {
  host: { name: 'HOST', default: '0.0.0.0', doc: 'address of the backend' },
  port: { name: 'PORT', default: '8001', doc: 'port of the backend' },
  logsHost: { name: 'LOGS_HOST', default: '127.0.0.1', doc: 'address of log server and panel' },
  logsPort: { name: 'LOGS_PORT', default: '5173', doc: 'port of log server and panel' },
  providerPort: { name: 'PROVIDER_PORT', default: '8090', doc: 'port of the provider simulator' },
  postgresPort: { name: 'PIXSIM7_POSTGRES_PORT', default: '54329', doc: 'port of the local PostgreSQL' },
  postgresFolder: {
    name: 'PIXSIM7_POSTGRES_DIR',
    default: 'data/postgres',
    doc: 'folder of the local PostgreSQL',
  },
  databaseUrl: { name: 'DATABASE_URL', doc: 'when set, no PostgreSQL is started', isSecret: true },
  pixverseBaseUrl: {
    name: 'PIXVERSE_BASE_URL',
    doc: 'when set, no provider simulator and no visitors are started; else that of the simulator',
  },
  backendFile: { name: 'LOG_FILE', default: 'data/logs/backend.log', doc: 'log of the backend' },
  workerFile: { name: 'WORKER_LOG_FILE', default: 'data/logs/worker.log', doc: 'log of the worker' },
  errorFile: { name: 'ERROR_LOG_FILE', default: 'data/logs/errors.log', doc: 'errors of all' },
  json: { name: 'JSON_LOGS', default: 'true', doc: 'the format of the log files; JSON unless it says false' },
  environment: { name: 'LOG_ENV', default: 'development', doc: 'rotation and retention of the log files' },
  console: { name: 'LOG_CONSOLE', default: 'plain', doc: 'what backend and worker print' },
  adminPassword: {
    name: 'LOGS_ADMIN_PASSWORD',
    doc: 'password of the user admin; generated and shown once when not set',
    isSecret: true,
  },
  apiToken: { name: 'LOGS_API_TOKEN', doc: 'handed on to the log server', isSecret: true },
  secretKey: { name: 'SECRET_KEY', doc: 'handed on to backend and worker', isSecret: true },
  visitorSeed: { name: 'VISITOR_SEED', doc: 'repeats who of the visitors does what' },
} as const satisfies Readonly<Record<string, Variable>>

/** Variables the launcher gives a value of its own where the user has said nothing. */
export const CHOSEN_BY_LAUNCHER = [
  LAUNCHER_VARIABLES.json,
  LAUNCHER_VARIABLES.environment,
  LAUNCHER_VARIABLES.console,
] as const

/** One line for each variable, for the help text. */
export function describeVariables(): string {
  const variables: readonly Variable[] = Object.values(LAUNCHER_VARIABLES)
  return variables.map(({ name, default: text, doc }) => `  ${name}=${text ?? ''}  ${doc}`).join('\n')
}
