/** Every setting of every program, from the declarations the programs themselves read. */
import {
  CHOSEN_BY_LAUNCHER,
  LAUNCHER_VARIABLES,
  type Variable,
} from '../../apps/dev/src/settings/variables.ts'
import { SIMULATOR_SETTINGS } from '../../apps/pixsim7/src/provider-simulator/settings.ts'
import { API_SETTINGS, COMPONENT_SETTINGS, POSTGRES_SETTINGS } from '../../apps/pixsim7/src/settings.ts'
import { WORKER_COMPONENT_SETTINGS } from '../../apps/pixsim7/src/worker/worker-settings.ts'
import { componentFileSetting, componentSettings } from '../../packages/logging/src/settings/library.ts'
import { SERVER_SETTINGS } from '../../packages/server/src/settings.ts'

/** What the page needs of a declaration. */
export interface Declared {
  readonly name: string
  readonly default?: string | undefined
  readonly doc: string
  readonly isSecret?: boolean
  readonly parser?: { readonly expected: string }
}

export interface Program {
  /** As the page names it. */
  readonly name: string
  /** The built program, below the root, for asking it for its help. */
  readonly file: string
  readonly settings: readonly Declared[]
}

export interface Group {
  readonly title: string
  /** A sentence below the title. */
  readonly about: string
  readonly settings: readonly Declared[]
}

type Table = Readonly<Record<string, Declared>>

const all = (...tables: Table[]): Declared[] => tables.flatMap((table) => Object.values(table))

/** Every program and what it reads. */
export const PROGRAMS: readonly Program[] = [
  {
    name: 'backend',
    file: 'apps/pixsim7/dist/api.js',
    settings: all(API_SETTINGS, componentSettings('backend')),
  },
  {
    name: 'worker',
    file: 'apps/pixsim7/dist/worker.js',
    settings: all(WORKER_COMPONENT_SETTINGS, componentSettings('worker')),
  },
  {
    name: 'log server',
    file: 'packages/server/dist/main.js',
    settings: all(SERVER_SETTINGS, componentSettings('logserver')),
  },
  {
    name: 'provider simulator',
    file: 'apps/pixsim7/dist/provider-simulator.js',
    settings: all(SIMULATOR_SETTINGS),
  },
  { name: 'PostgreSQL', file: 'apps/pixsim7/dist/postgres.js', settings: all(POSTGRES_SETTINGS) },
  { name: '`npm start`', file: 'apps/dev/dist/main.js', settings: all(LAUNCHER_VARIABLES) },
]

/** The groups of the page. A setting that stands in several is shown in the first of them. */
export const GROUPS: readonly Group[] = [
  {
    title: 'Logging',
    about:
      'Read by every component that uses the library, yours too: a component `x` writes where `X_LOG_FILE` says, and reads all the others.',
    settings: [
      ...['backend', 'worker', 'logserver', 'x'].map(componentFileSetting),
      ...all(componentSettings('backend')),
    ],
  },
  {
    title: 'PostgreSQL',
    about: 'The local one, which is started where `DATABASE_URL` is not set.',
    settings: all(POSTGRES_SETTINGS),
  },
  { title: 'Backend and worker', about: 'What both read.', settings: all(COMPONENT_SETTINGS) },
  { title: 'Backend', about: 'What only the backend reads.', settings: all(API_SETTINGS) },
  { title: 'Worker', about: 'What only the worker reads.', settings: all(WORKER_COMPONENT_SETTINGS) },
  { title: 'Log server', about: 'Store, HTTP API and panel.', settings: all(SERVER_SETTINGS) },
  {
    title: 'Provider simulator',
    about:
      'For development. Started alone it reads only the environment, no `.env`; `npm start` hands them on from there.',
    settings: all(SIMULATOR_SETTINGS),
  },
  {
    title: '`npm start`',
    about:
      'The launcher looks at the variables of the programs it starts, to know where they will listen and write, and at these.',
    settings: all(LAUNCHER_VARIABLES),
  },
]

/** What `npm start` sets where nobody has said anything. */
export const CHOSEN: ReadonlyMap<string, string> = new Map(
  CHOSEN_BY_LAUNCHER.map(({ name, default: text }) => [name, text]),
)

/** Defaults of the launcher that are not those of the program the variable belongs to. */
export function differingDefaults(): string[] {
  const programs = PROGRAMS.filter(({ name }) => name !== '`npm start`')
  return (Object.values(LAUNCHER_VARIABLES) as readonly Variable[]).flatMap(({ name, default: text }) => {
    if (text === undefined || CHOSEN.has(name)) return []
    const own = programs.flatMap(({ settings }) => settings).find((setting) => setting.name === name)
    return own?.default === undefined || own.default === text
      ? []
      : [`${name}: ${text} in the launcher, ${own.default} where it belongs`]
  })
}
