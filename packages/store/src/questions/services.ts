import type { QueryOptions, ServiceState } from '../log-store.ts'
import { LOGS_TABLE } from '../schema.ts'
import { sqlStrings, sqlTime } from '../sql/literal.ts'
import { formatKey, keyOf, type KeyRow } from './entry-key.ts'
import { HEARTBEAT_LOOK_BACK_US, serviceStates, type Sign, type SignEvent } from './service-states.ts'
import type { SqlRunner } from './sql-runner.ts'

/** Starts, goodbyes and turns of what is depended on are rare. */
const TURN_LOOK_BACK_US = 30 * 24 * 3_600_000_000
/** Clocks of several machines differ; what is further ahead is forged or mistaken, and would count as alive for ever. */
const CLOCK_SKEW_US = 60_000_000

/** Rows of one component, event and dependency; enough to find where the present state began. */
const MAX_TURNS_OF_KIND = 50
/** One component that writes nonsense must not push the others out. */
const MAX_SIGNS_OF_COMPONENT = 200
const MAX_SIGNS = 2000
const MAX_COMPONENTS = 500
/** Characters of a message, and bytes of the list of what a component depends on. */
const MAX_TEXT = 300
const MAX_DEPENDENCIES_BYTES = 4096

const TURNS: readonly SignEvent[] = [
  'service_started',
  'service_stopping',
  'service_stopped',
  'dependency_up',
  'dependency_down',
]

interface SignRow extends KeyRow {
  readonly time_us: number
  readonly component: string
  readonly host: string
  readonly pid: string
  readonly event: SignEvent
  readonly dependency: string
  readonly interval_sec: number
  readonly uptime_sec: number
  readonly dependencies: string
  readonly text: string
}

const SIGN_COLUMNS =
  'timestamp, file, offset, toUnixTimestamp64Micro(timestamp) AS time_us, component, host, ' +
  "substring(JSONExtractRaw(fields, 'pid'), 1, 32) AS pid, event, " +
  "leftUTF8(JSONExtractString(fields, 'dependency'), 64) AS dependency, " +
  "JSONExtractFloat(fields, 'interval_sec') AS interval_sec, JSONExtractFloat(fields, 'uptime_sec') AS uptime_sec, " +
  `substring(JSONExtractRaw(fields, 'dependencies'), 1, ${MAX_DEPENDENCIES_BYTES}) AS dependencies, ` +
  `leftUTF8(message, ${MAX_TEXT}) AS text`

const NEWEST_FIRST = 'ORDER BY timestamp DESC, file DESC, offset DESC'

/** See LogStore.services. */
export async function services(
  runner: SqlRunner,
  nowUs: number,
  options: QueryOptions = {},
): Promise<readonly ServiceState[]> {
  const signs = (events: readonly SignEvent[], lookBackUs: number, limitBy: string) =>
    runner.rows<SignRow>(
      `SELECT * FROM (SELECT ${SIGN_COLUMNS} FROM ${LOGS_TABLE} WHERE event IN ${sqlStrings(events)} ` +
        `AND timestamp >= ${sqlTime(nowUs - lookBackUs)} AND timestamp <= ${sqlTime(nowUs + CLOCK_SKEW_US)} ` +
        `${NEWEST_FIRST} LIMIT ${limitBy}) ` +
        `${NEWEST_FIRST} LIMIT ${MAX_SIGNS_OF_COMPONENT} BY component LIMIT ${MAX_SIGNS}`,
      options,
    )
  const [turns, heartbeats, components] = await Promise.all([
    signs(TURNS, TURN_LOOK_BACK_US, `${MAX_TURNS_OF_KIND} BY component, event, dependency`),
    signs(['heartbeat'], HEARTBEAT_LOOK_BACK_US, '1 BY component, host, pid'),
    // By whole days, as the projection `daily` has them.
    runner.rows<{ component: string; last_us: number }>(
      `SELECT component, toUnixTimestamp64Micro(max(timestamp)) AS last_us FROM ${LOGS_TABLE} ` +
        `WHERE toDate32(timestamp) >= toDate32(${sqlTime(nowUs - HEARTBEAT_LOOK_BACK_US)}) ` +
        `GROUP BY component ORDER BY last_us DESC LIMIT ${MAX_COMPONENTS}`,
      options,
    ),
  ])
  return serviceStates(
    [...turns, ...heartbeats].map(signOf),
    new Map(components.map(({ component, last_us: lastUs }) => [component, Math.min(lastUs, nowUs)])),
    nowUs,
  )
}

function signOf(row: SignRow): Sign {
  return {
    timeUs: row.time_us,
    component: row.component,
    instance: row.host === '' && row.pid === '' ? '' : `${row.host} ${row.pid}`,
    host: row.host,
    event: row.event,
    statements: statementsOf(row),
    intervalSec: row.interval_sec,
    uptimeSec: row.uptime_sec,
    message: row.text,
    entryId: formatKey(keyOf(row)),
  }
}

/** What a record says of others: by its kind, or in the list of a heartbeat. Whatever is no such list says nothing. */
function statementsOf(row: SignRow): Sign['statements'] {
  if (row.event === 'dependency_up' || row.event === 'dependency_down') {
    return row.dependency === '' ? [] : [{ name: row.dependency, isUp: row.event === 'dependency_up' }]
  }
  return parseDependencies(row.dependencies)
}

const MAX_DEPENDENCIES = 50

function parseDependencies(json: string): Sign['statements'] {
  let list: unknown
  try {
    list = JSON.parse(json)
  } catch {
    // Absent, or longer than is read.
    return []
  }
  if (typeof list !== 'object' || list === null) return []
  return Object.entries(list)
    .filter(([name, state]) => name !== '' && name.length <= 64 && (state === 'up' || state === 'down'))
    .slice(0, MAX_DEPENDENCIES)
    .map(([name, state]) => ({ name, isUp: state === 'up' }))
}
