/** What PixSim7 consists of: the programs that `npm start` starts, in the order of starting; they are stopped in the opposite one. */
import path from 'node:path'
import { postmasterPidFile } from './checks/checks.ts'
import type { ServiceDefinition } from './service.ts'
import type { LauncherSettings, Listener } from './settings/launcher-settings.ts'

/** Folder of the workspaces whose programs are started. */
const WORKSPACES = path.resolve(import.meta.dirname, '../../..')

/** Limits against waiting for ever on a busy machine, not measurements: initialising PostgreSQL or opening a big store takes seconds. */
const START_TIMEOUT_MS = 180_000
const STOP_TIMEOUT_MS = 15_000
/** Longer than PostgreSQL's own limit for an orderly end. */
const POSTGRES_STOP_TIMEOUT_MS = 40_000
/** The engine writes out what it holds. */
const LOG_SERVER_STOP_TIMEOUT_MS = 30_000
const VISITOR_STOP_TIMEOUT_MS = 3000

const EVERY_ADDRESS = new Set(['0.0.0.0', '::'])
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

function urlAt(name: string, port: number): string {
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

/** Address under which a program on this machine reaches a listener. */
export function urlOf({ host, port }: Listener): string {
  return urlAt(EVERY_ADDRESS.has(host) ? '127.0.0.1' : host, port)
}

/** Address of a listener for the browser of somebody who sits at this machine. */
export function urlForPeople({ host, port }: Listener): string {
  return urlAt(EVERY_ADDRESS.has(host) || LOOPBACK.has(host) ? 'localhost' : host, port)
}

function program(...parts: string[]): readonly [string, string] {
  return [process.execPath, path.join(WORKSPACES, ...parts)]
}

/** The same, with the places of log calls written into the code when it is loaded, so that they cost nothing later. */
function programWithCallSites(...parts: string[]): readonly [string, ...string[]] {
  const hook = path.join(WORKSPACES, 'packages/logging/dist/register.js')
  return [process.execPath, '--import', hook, path.join(WORKSPACES, ...parts)]
}

/** The services that these settings call for. */
export function listServices(
  settings: LauncherSettings,
  options: { readonly hasVisitors: boolean },
): ServiceDefinition[] {
  const { backend, logServer, postgres, provider, logFiles } = settings
  const limits = { startTimeoutMs: START_TIMEOUT_MS, stopTimeoutMs: STOP_TIMEOUT_MS, environment: {} }
  const services: (ServiceDefinition | undefined)[] = [
    postgres && {
      ...limits,
      name: 'postgres',
      title: 'PostgreSQL',
      command: program('apps/pixsim7/dist/postgres.js'),
      after: [],
      readiness: { kind: 'line', pattern: '^PostgreSQL .*ready' },
      stopTimeoutMs: POSTGRES_STOP_TIMEOUT_MS,
      serverPidFile: postmasterPidFile(postgres.folder),
    },
    {
      ...limits,
      name: 'logs',
      title: 'Log server',
      command: program('packages/server/dist/main.js'),
      environment: { PIXSIM7_LAUNCHER: '1' },
      after: [],
      readiness: {
        kind: 'line',
        pattern: '^PIXSIM7_READY (\{.*\})\s*$',
        // It listens before its store has opened; the panel is of use from then on.
        confirmation: {
          kind: 'http',
          url: `${urlOf(logServer)}/api/v1/health`,
          pattern: '"status":"(?!starting)',
        },
      },
      stopTimeoutMs: LOG_SERVER_STOP_TIMEOUT_MS,
    },
    provider && {
      ...limits,
      name: 'provider',
      title: 'Provider simulator',
      command: program('apps/pixsim7/dist/provider-simulator.js'),
      environment: settings.providerEnvironment,
      after: [],
      readiness: { kind: 'line', pattern: '^Provider simulator ready' },
    },
    {
      ...limits,
      name: 'backend',
      title: 'Backend',
      command: programWithCallSites('apps/pixsim7/dist/api.js'),
      after: ['postgres'],
      readiness: { kind: 'line', pattern: '^PixSim7 backend \\S+ ready' },
      logFile: logFiles.backend,
    },
    {
      ...limits,
      name: 'worker',
      title: 'Worker',
      command: programWithCallSites('apps/pixsim7/dist/worker.js'),
      // The backend creates the tables.
      after: ['backend', 'provider'],
      readiness: { kind: 'line', pattern: '^PixSim7 worker \\S+ ready' },
      logFile: logFiles.worker,
    },
    options.hasVisitors && provider !== undefined
      ? {
          ...limits,
          name: 'visitors',
          title: 'Visitors',
          command: [...program('apps/dev/dist/visitor/main.js'), urlOf(backend)],
          after: ['backend', 'worker', 'logs'],
          readiness: { kind: 'line', pattern: '^Visitors ready' },
          stopTimeoutMs: VISITOR_STOP_TIMEOUT_MS,
        }
      : undefined,
  ]
  return services.filter((service) => service !== undefined)
}
