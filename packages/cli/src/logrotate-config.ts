import { badArgument } from './cli-error.ts'
import type { Environment, LogFiles } from './log-files.ts'

/** Days that archives are kept, one file a day; in production 30 to 90 are recommended. */
const DAYS: Readonly<Record<Environment, number>> = { development: 7, staging: 14, production: 30 }
/** Of errors.log, one file a week: 91 days, in every environment. */
const ERROR_WEEKS = 13

const DEFAULT_RELOAD = ['systemctl reload pixsim7-backend', 'systemctl reload pixsim7-worker']

export interface LogrotateOptions {
  readonly environment: Environment
  readonly files: LogFiles
  readonly user: string
  readonly group: string
  /** Commands after a rotation; undefined: systemd reloads backend and worker. */
  readonly reload: readonly string[] | undefined
}

/**
 * The configuration: the block of the specification with this project's paths, and one of its own for errors.log. Files
 * are named one by one, since logrotate refuses a file that two blocks name.
 *
 * @throws CliError CLI_BAD_ARGUMENT for what logrotate would misread
 */
export function logrotateConfig({
  environment,
  files,
  user,
  group,
  reload = DEFAULT_RELOAD,
}: LogrotateOptions): string {
  for (const name of [user, group]) {
    if (!/^[A-Za-z0-9_.-]+\$?$/.test(name)) throw badArgument(`"${name}" is no name of a user or group.`)
  }
  for (const command of reload) {
    if (/[\n\r]/.test(command) || command.trim() === 'endscript')
      throw badArgument('A command of --reload is one line, and not endscript.')
  }
  const script = reload.map((command) => `        ${command}`)
  const block = (paths: readonly string[], schedule: readonly string[]) => [
    ...paths.slice(0, -1).map(quotedPath),
    `${quotedPath(paths.at(-1) ?? '')} {`,
    ...[
      ...schedule,
      'compress',
      'delaycompress',
      'notifempty',
      'missingok',
      `create 0644 ${user} ${group}`,
      'sharedscripts',
      'postrotate',
    ].map((line) => `    ${line}`),
    '        # Reload services after rotation',
    ...script,
    '    endscript',
    '}',
  ]
  return [
    `# PixSim7 Logs, ${environment}: daily files kept ${DAYS[environment]} days${environment === 'production' ? ' (30 to 90 recommended)' : ''}, errors weekly and ${ERROR_WEEKS * 7} days.`,
    '# Made by pixlogs logrotate. Put it into /etc/logrotate.d/pixsim7 and try it: logrotate -d /etc/logrotate.d/pixsim7',
    '# A reload sends SIGHUP; without it the files are reopened too, when the services notice that they were renamed.',
    ...block(files.components, ['daily', `rotate ${DAYS[environment]}`]),
    '',
    ...block([files.errors], ['weekly', `rotate ${ERROR_WEEKS}`]),
  ].join('\n')
}

/** logrotate takes names as patterns, and quotes for names with spaces. */
function quotedPath(file: string): string {
  if (/[\u0000-\u001f"\\]/.test(file))
    throw badArgument(
      `logrotate cannot take the path ${JSON.stringify(file)}: it has control characters, quotes or backslashes.`,
    )
  const literal = file.replace(/[*?[\]{}]/g, '\\$&')
  return /\s/.test(literal) ? `"${literal}"` : literal
}
