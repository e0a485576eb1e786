import path from 'node:path'
import { LEVELS, parseLevel, type Level } from '@pixsim7/record'
import { setting, type Setting } from './declaration.ts'
import { boolean, durationMs, filePath, oneOf, sizeBytes, text, type Parser } from './parsers.ts'

/** When call sites are taken. */
export const CALL_SITE_MODES = ['auto', 'always', 'off'] as const
export type CallSiteMode = (typeof CALL_SITE_MODES)[number]

/** What the console gets. */
export const CONSOLE_MODES = ['auto', 'plain', 'json', 'off'] as const
export type ConsoleMode = (typeof CONSOLE_MODES)[number]

function level(): Parser<Level> {
  return { expected: `one of ${LEVELS.join(', ')}`, parse: (value) => parseLevel(value) }
}

/** The settings of the library; the file of the component has a name of its own, see componentFileSetting. */
export const LOGGING_SETTINGS = {
  level: setting('LOG_LEVEL', level(), { default: 'INFO', doc: 'Lowest level that is written' }),
  isJson: setting('JSON_LOGS', boolean(), {
    default: 'false',
    doc: 'JSON lines (production) or plain lines (development)',
  }),
  errorFile: setting('ERROR_LOG_FILE', filePath(), {
    doc: 'Every ERROR and CRITICAL of all components; without it errors.log in LOG_DIR',
  }),
  folder: setting('LOG_DIR', filePath(), {
    default: 'data/logs',
    doc: 'Folder of the log files that have no path of their own',
  }),
  service: setting('LOG_SERVICE', text(), {
    doc: 'Name of the service, written as field `service` when set',
  }),
  host: setting('LOG_HOST', text(), { doc: 'Name of the machine, written as field `host` when set' }),
  console: setting('LOG_CONSOLE', oneOf(CONSOLE_MODES), {
    default: 'auto',
    doc: 'Lines on stdout as well; auto: plain on a terminal, off elsewhere',
  }),
  callSite: setting('LOG_CALL_SITE', oneOf(CALL_SITE_MODES), {
    default: 'auto',
    doc: 'Module, function and line of each call; auto: where the format writes them (JSON), always: on every line',
  }),
  flushIntervalMs: setting('LOG_FLUSH_INTERVAL', durationMs({ max: 10_000 }), {
    default: '50ms',
    doc: 'Longest time a line below ERROR waits to be written; 0 writes each line by itself',
  }),
  levelsFile: setting('LOG_LEVELS_FILE', filePath(), {
    doc: 'Levels that change while the process runs, by logger or field; without it levels.json in LOG_DIR',
  }),
  memoryBytes: setting('LOG_MEMORY', sizeBytes({ min: 64 * 1024 }), {
    default: '16MB',
    doc: 'Memory for lines that cannot be written yet; beyond it the lowest levels are dropped first, and counted',
  }),
} as const

const FORM_OF_COMPONENT = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/

/** Whether a component can be called so: the name becomes part of a file name and of a variable. */
export function isComponentName(name: unknown): name is string {
  return typeof name === 'string' && FORM_OF_COMPONENT.test(name)
}

/** The variable with the path of a component's file: LOG_FILE of the backend, WORKER_LOG_FILE, X_LOG_FILE of x. */
export function componentFileSetting(component: string): Setting<string | undefined> {
  const name =
    component === 'backend' ? 'LOG_FILE' : `${component.toUpperCase().replaceAll('-', '_')}_LOG_FILE`
  return setting(name, filePath(), {
    doc: `Log file of the component ${component}; without it ${component}.log in LOG_DIR`,
  })
}

/** Everything a component reads for logging, the variable of its own file among it: for help texts and documentation. */
export function componentSettings(component: string) {
  return { ...LOGGING_SETTINGS, file: componentFileSetting(component) }
}

/** Where a component writes when its variable does not say. */
export function defaultComponentFile(folder: string, component: string): string {
  return path.join(folder, `${component}.log`)
}
