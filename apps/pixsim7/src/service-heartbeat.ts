/** The regular sign of life of a component. Whoever reads the log sees by it who runs, and by its absence who does not. */
import { getLogger } from '@pixsim7/logging'
import type { ProviderRegistry } from './provider/provider-registry.ts'

const logger = getLogger('main')

/** What a component knows about what it depends on. */
export interface Dependencies {
  readonly database: { isUp(): boolean }
  readonly providers: ProviderRegistry
}

/** The fields that make a record a heartbeat. A provider that was never asked is not among the dependencies. */
export function heartbeatFields({ database, providers }: Dependencies, intervalMs: number) {
  const states = [
    ['database', database.isUp()],
    ...providers.list().map((one) => [one.providerId, one.isReachable]),
  ]
  return {
    event: 'heartbeat',
    interval_sec: intervalMs / 1000,
    pid: process.pid,
    uptime_sec: Math.floor(process.uptime()),
    dependencies: Object.fromEntries(
      states
        .filter(([, isUp]) => isUp !== undefined)
        .map(([name, isUp]) => [name, isUp === true ? 'up' : 'down']),
    ) as Readonly<Record<string, 'up' | 'down'>>,
  }
}

/** Does `beat` now and after each interval; call what it returns to end that. */
export function startHeartbeat(beat: () => void, intervalMs: number): () => void {
  beat()
  const timer = setInterval(beat, intervalMs)
  return () => clearInterval(timer)
}

/** The heartbeat of a component that has nothing more to tell; call what it returns to end it. */
export function startPlainHeartbeat(dependencies: Dependencies, intervalMs: number): () => void {
  return startHeartbeat(() => logger.info('Heartbeat', heartbeatFields(dependencies, intervalMs)), intervalMs)
}
