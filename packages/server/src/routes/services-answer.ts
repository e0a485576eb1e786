import type { ServicesAnswer } from '@pixsim7/protocol'
import { formatTimestamp } from '@pixsim7/record'
import type { ServiceState } from '@pixsim7/store'
import { OWN_COMPONENT } from '../host/own-log.ts'

/**
 * The answer about services. Of itself the log server knows better than its log, which may not be followed, or be read a
 * moment ago: it answers, so it is up.
 */
export function servicesAnswer(
  states: readonly ServiceState[],
  startedAtMs: number,
  nowMs: number,
): ServicesAnswer {
  const told = states.find(({ name, kind }) => kind === 'component' && name === OWN_COMPONENT)
  const itself: ServiceState = {
    name: OWN_COMPONENT,
    kind: 'component',
    status: 'up',
    since: formatTimestamp(startedAtMs * 1000),
    lastSeen: formatTimestamp(nowMs * 1000),
    instances: 1,
    toldBy: [OWN_COMPONENT],
    detail: null,
    entryId: told?.entryId ?? null,
  }
  const components = states.filter((state) => state.kind === 'component' && state !== told)
  const dependencies = states.filter(({ kind }) => kind === 'dependency')
  return {
    services: [...[...components, itself].sort((a, b) => (a.name < b.name ? -1 : 1)), ...dependencies].map(
      (state) => ({
        name: state.name,
        kind: state.kind,
        status: state.status,
        since: state.since,
        last_seen: state.lastSeen,
        instances: state.instances,
        told_by: [...state.toldBy],
        detail: state.detail,
        entry_id: state.entryId,
      }),
    ),
  }
}
