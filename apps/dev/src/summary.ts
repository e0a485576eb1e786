/** What the user reads when everything runs. */
import path from 'node:path'
import { urlForPeople } from './services.ts'
import type { LauncherSettings } from './settings/launcher-settings.ts'
import { type BoxRow, drawBox } from './terminal/box.ts'

/** What the log server announces on its standard output when it is ready. */
export interface LogServerAnnouncement {
  readonly url: string
  /** A password generated at this start; null when an earlier one or a setting holds. */
  readonly password: string | null
}

/** Reads the log server's announcement; undefined when there is none that makes sense. */
export function parseAnnouncement(text: string | undefined): LogServerAnnouncement | undefined {
  try {
    const { url, password } = JSON.parse(text ?? '') as Record<string, unknown>
    if (typeof url !== 'string') return undefined
    return { url: url.replace(/\/(logs\/?)?$/, ''), password: typeof password === 'string' ? password : null }
  } catch {
    return undefined // An older or newer log server; the summary does without.
  }
}

export interface SummaryFacts {
  readonly settings: LauncherSettings
  readonly logServer: LogServerAnnouncement | undefined
  readonly hasVisitors: boolean
  readonly tookMs: number
}

function passwordRow({ settings, logServer }: SummaryFacts): BoxRow {
  if (logServer?.password != null) {
    return [
      'Login',
      `user admin, password ${logServer.password}`,
      'Shown this once; set LOGS_ADMIN_PASSWORD to choose your own.',
    ]
  }
  if (settings.hasAdminPassword) return ['Login', 'user admin, password as LOGS_ADMIN_PASSWORD says']
  return [
    'Login',
    'user admin, the password that the first start printed',
    'Forgotten? Set LOGS_ADMIN_PASSWORD in .env and start again.',
  ]
}

/** The box with the addresses, the login, the files and how to stop. Holds a generated password: for the terminal only. */
export function formatSummary(facts: SummaryFacts, columns: number | undefined): string {
  const { settings, logServer, hasVisitors, tookMs } = facts
  const { baseFolder, backend, provider, postgres, logFiles } = settings
  const shorten = (file: string) => {
    const relative = path.relative(baseFolder, file)
    return relative.startsWith('..') ? file : relative
  }
  const logs = logServer?.url ?? urlForPeople(settings.logServer)
  const api = urlForPeople(backend)
  const rows: BoxRow[] = [
    ['Panel', `${logs}/logs`],
    passwordRow(facts),
    ['API', api, `${api}/docs`],
    ['Log API', `${logs}/docs`],
    [
      'Provider',
      provider === undefined ? 'as PIXVERSE_BASE_URL says' : `simulated at ${urlForPeople(provider)}`,
    ],
    [
      'Database',
      postgres === undefined
        ? 'as DATABASE_URL says'
        : `PostgreSQL on port ${postgres.port}, ${shorten(postgres.folder)}`,
    ],
    ['Log files', ...Object.values(logFiles).map(shorten)],
    ['Data', `${settings.dataFolder} (remove it to begin anew)`],
    ['Visitors', hasVisitors ? 'a few make light traffic; without them: npm start -- --no-demo' : 'none'],
    ['Stop', 'Ctrl-C'],
  ]
  return drawBox(`PixSim7 runs (started in ${(tookMs / 1000).toFixed(0)} s)`, rows, columns)
}
