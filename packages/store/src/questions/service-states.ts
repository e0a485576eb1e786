import { formatTimestamp } from '@pixsim7/record'
import type { ServiceState } from '../log-store.ts'

export type SignEvent =
  | 'service_started'
  | 'service_stopping'
  | 'service_stopped'
  | 'heartbeat'
  | 'dependency_up'
  | 'dependency_down'

/** A record by which a component tells of itself or of what it depends on. */
export interface Sign {
  readonly timeUs: number
  readonly component: string
  /** Which of a component's processes: its host and process id, as text; empty when it does not say. */
  readonly instance: string
  readonly host: string
  readonly event: SignEvent
  readonly statements: readonly { readonly name: string; readonly isUp: boolean }[]
  /** Of a heartbeat; 0 when it does not say. */
  readonly intervalSec: number
  /** Of a heartbeat: for how long the process runs; 0 when it does not say. */
  readonly uptimeSec: number
  readonly message: string
  readonly entryId: string
}

/** So many intervals without a heartbeat, and it is overdue: one may be late, two in a row are not. */
const OVERDUE_INTERVALS = 2.5
/** Of who does not say. */
const USUAL_INTERVAL_SEC = 60
/** A forged interval must neither keep anybody alive for days nor make everybody silent. */
const MIN_INTERVAL_SEC = 1
const MAX_INTERVAL_SEC = 3600
const MAX_SERVICES = 500
/** Who has not beaten for so long is told by its start and its goodbye alone. */
export const HEARTBEAT_LOOK_BACK_US = 24 * 3_600_000_000

/**
 * One process of a component by the newest sign of itself: running until it says goodbye; running and without a sign for
 * longer than OVERDUE_INTERVALS, it is silent. Who announced its end and then fell silent is gone.
 */
interface Instance {
  readonly state: 'running' | 'silent' | 'gone'
  readonly host: string
  readonly startedUs: number | undefined
  readonly last: Sign
  /** Its newest statement on each of what it depends on. */
  readonly statements: ReadonlyMap<string, Statement>
}

interface Statement {
  readonly isUp: boolean
  readonly sign: Sign
  /** Since when it says so without having said the opposite; undefined when before all that is known. */
  readonly sinceUs: number | undefined
}

/**
 * Who runs, from what the log says: components by name, then what they depend on by name.
 *
 * @param signs in any order
 * @param lastRecords time of the last record of each component that wrote any; who tells nothing of itself is unknown
 */
export function serviceStates(
  signs: readonly Sign[],
  lastRecords: ReadonlyMap<string, number>,
  nowUs: number,
): readonly ServiceState[] {
  const components = new Map<string, Instance[]>()
  for (const [component, own] of groupBy(signs, (sign) => sign.component)) {
    // What is said of others by nobody in particular is taken as said by each, until it says otherwise.
    const unsigned = own.filter(({ instance, event }) => instance === '' && isOfOthers(event))
    const signed = own.filter((sign) => !unsigned.includes(sign))
    const instances = [...groupBy(signed, (sign) => sign.instance).values()].flatMap(
      (ofInstance) => instanceOf([...ofInstance, ...unsigned], nowUs) ?? [],
    )
    if (instances.length > 0) components.set(component, instances)
  }
  const silentAbout = [...lastRecords].filter(([component]) => !components.has(component))
  return [
    ...[
      ...[...components].map(([name, instances]) => componentState(name, instances, nowUs)),
      ...silentAbout.map(([name, lastUs]) => unknownComponent(name, lastUs)),
    ].sort(byName),
    ...dependencyStates(components).sort(byName),
  ].slice(0, MAX_SERVICES)
}

/** Undefined for a process that only speaks of others. */
function instanceOf(signs: readonly Sign[], nowUs: number): Instance | undefined {
  const ascending = [...signs].sort((a, b) => a.timeUs - b.timeUs)
  const ofItself = ascending.filter(({ event }) => !isOfOthers(event))
  const last = ofItself.at(-1)
  if (last === undefined) return undefined
  const start = ofItself.findLast(({ event }) => event === 'service_started')
  const beat = ofItself.findLast(({ event }) => event === 'heartbeat')
  const intervalSec = Math.min(
    Math.max(beat?.intervalSec || USUAL_INTERVAL_SEC, MIN_INTERVAL_SEC),
    MAX_INTERVAL_SEC,
  )
  const isOverdue = nowUs - last.timeUs > OVERDUE_INTERVALS * intervalSec * 1_000_000
  const isLeaving = last.event === 'service_stopping'
  const lastEndUs = ofItself.findLast((sign) => sign.event === 'service_stopped' && sign !== last)?.timeUs
  const startedUs =
    start?.timeUs ??
    (beat === undefined || beat.uptimeSec <= 0
      ? undefined
      : beat.timeUs - Math.round(beat.uptimeSec * 1_000_000))
  return {
    state:
      last.event === 'service_stopped' || (isLeaving && isOverdue)
        ? 'gone'
        : isOverdue
          ? 'silent'
          : 'running',
    host: last.host,
    startedUs,
    last,
    // What a process of the same number said in an earlier life does not count.
    statements: statementsOf(
      ascending.filter(({ timeUs }) => lastEndUs === undefined || timeUs > lastEndUs),
      startedUs,
    ),
  }
}

function isOfOthers(event: SignEvent): boolean {
  return event === 'dependency_up' || event === 'dependency_down'
}

function statementsOf(ascending: readonly Sign[], startedUs: number | undefined): Map<string, Statement> {
  const statements = new Map<string, Statement>()
  for (const sign of ascending) {
    for (const { name, isUp } of sign.statements) {
      const before = statements.get(name)
      const isTurn = sign.event !== 'heartbeat'
      const sinceUs =
        before?.isUp === isUp ? before.sinceUs : isTurn || before !== undefined ? sign.timeUs : startedUs
      statements.set(name, { isUp, sign, sinceUs })
    }
  }
  return statements
}

function componentState(name: string, instances: readonly Instance[], nowUs: number): ServiceState {
  const newestFirst = [...instances].sort((a, b) => b.last.timeUs - a.last.timeUs)
  const running = newestFirst.filter(({ state }) => state === 'running')
  const newest = running[0] ?? newestFirst[0]
  if (newest === undefined) throw new Error('BUG: a component without instances')
  const common = {
    name,
    kind: 'component' as const,
    lastSeen: formatTimestamp(newest.last.timeUs),
    instances: running.length,
    toldBy: [name],
    entryId: newest.last.entryId,
  }
  if (newest.state === 'running') {
    return { ...common, status: 'up', since: upSince(running), detail: upDetail(newest, instances) }
  }
  const since = formatTimestamp(newest.last.timeUs)
  if (newest.state === 'gone') return { ...common, status: 'down', since, detail: newest.last.message }
  // It may have beaten after its start, before what was looked at.
  return nowUs - newest.last.timeUs > HEARTBEAT_LOOK_BACK_US
    ? {
        ...common,
        status: 'silent',
        since: null,
        detail: 'No heartbeat for a day or longer, and no goodbye.',
      }
    : { ...common, status: 'silent', since, detail: 'No heartbeat since, and no goodbye.' }
}

/** Start of the one that runs longest; null when that is before all that is known. */
function upSince(running: readonly Instance[]): string | null {
  const starts = running.map(({ startedUs }) => startedUs)
  return starts.includes(undefined) ? null : formatTimestamp(Math.min(...(starts as number[])))
}

function upDetail(newest: Instance, instances: readonly Instance[]): string | null {
  const missing = missingInstances(instances)
  if (missing > 0)
    return missing === 1 ? 'One more process is silent.' : `${missing} more processes are silent.`
  return newest.last.event === 'service_stopping' ? newest.last.message : null
}

/** Silent ones in whose place no other was started since, on the same host: each start stands for one of them. */
function missingInstances(instances: readonly Instance[]): number {
  const starts = instances.filter(({ startedUs }) => startedUs !== undefined)
  const silent = instances
    .filter(({ state }) => state === 'silent')
    .sort((a, b) => b.last.timeUs - a.last.timeUs)
  return silent.filter((one) => {
    const index = starts.findIndex(
      (other) => other !== one && other.host === one.host && (other.startedUs ?? 0) > one.last.timeUs,
    )
    if (index !== -1) starts.splice(index, 1)
    return index === -1
  }).length
}

function unknownComponent(name: string, lastUs: number): ServiceState {
  return {
    name,
    kind: 'component',
    status: 'unknown',
    since: null,
    lastSeen: formatTimestamp(lastUs),
    instances: 0,
    toldBy: [],
    detail: 'It writes records, but none that tells whether it runs.',
    entryId: null,
  }
}

/**
 * Down when one that runs says so last; up when all that run do. When nobody runs who spoke of it, nobody knows: the last
 * statement may be out of date.
 */
function dependencyStates(components: ReadonlyMap<string, readonly Instance[]>): ServiceState[] {
  const said = [...components].flatMap(([component, instances]) =>
    instances.flatMap(({ state, statements }) =>
      [...statements].map(([name, statement]) => ({
        name,
        component,
        isHeard: state === 'running',
        ...statement,
      })),
    ),
  )
  return [...groupBy(said, ({ name }) => name)].map(([name, all]): ServiceState => {
    const heard = all.filter(({ isHeard }) => isHeard)
    const down = heard.filter(({ isUp }) => !isUp)
    const deciding = down.length > 0 ? down : heard.length > 0 ? heard : all
    const newest = deciding.reduce((a, b) => (b.sign.timeUs > a.sign.timeUs ? b : a))
    const isKnown = heard.length > 0
    return {
      name,
      kind: 'dependency',
      status: !isKnown ? 'unknown' : down.length > 0 ? 'down' : 'up',
      since: isKnown ? dependencySince(deciding, down.length === 0) : null,
      lastSeen: formatTimestamp(newest.sign.timeUs),
      instances: 0,
      toldBy: [...new Set(deciding.map(({ component }) => component))].sort(),
      detail: isKnown
        ? down.length > 0
          ? newest.sign.message
          : null
        : `Nobody who depends on it runs; the last word was ${newest.isUp ? 'up' : 'down'}.`,
      entryId: newest.sign.entryId,
    }
  })
}

/** Down since the first who says so; up since the last of those who all do. Null when that is before all that is known. */
function dependencySince(deciding: readonly Statement[], isUp: boolean): string | null {
  const sinces = deciding.map(({ sinceUs }) => sinceUs ?? Number.NEGATIVE_INFINITY)
  const sinceUs = isUp ? Math.max(...sinces) : Math.min(...sinces)
  return Number.isFinite(sinceUs) ? formatTimestamp(sinceUs) : null
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

function byName(a: ServiceState, b: ServiceState): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}
