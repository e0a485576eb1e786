import path from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { AppendFile, FilesError } from '@pixsim7/files'
import { parseLevel, type Level } from '@pixsim7/record'
import { setThreshold } from './core/levels.ts'
import { LoggingError, settingsError, type SettingProblem } from './errors.ts'
import { LoggingRuntime } from './logging-runtime.ts'
import { activeRuntime, setActiveRuntime } from './runtime.ts'
import { collectSettings, namesOf, type Settings, type SettingValues } from './settings/declaration.ts'
import {
  CALL_SITE_MODES,
  componentSettings,
  CONSOLE_MODES,
  defaultComponentFile,
  isComponentName,
  LOGGING_SETTINGS,
} from './settings/library.ts'
import { FLIGHT_RECORDER_EXPECTED, isFlightRecorderOptions } from './recorder/flight-recorder.ts'
import { FLOOD_EXPECTED, isFloodOptions } from './volume/flood-control.ts'
import { isSamplingOptions, SAMPLING_EXPECTED } from './volume/sampling.ts'
import { findSettings } from './settings/source.ts'
import type { SetupOptions } from './setup-options.ts'

/** What setupLogging found and did. */
export interface LoggingSetup<S extends Settings = Settings> {
  readonly component: string
  /** Absolute path of the component's file. */
  readonly file: string
  /** Absolute path of the file with every ERROR and CRITICAL of all components. */
  readonly errorFile: string
  readonly level: Level
  readonly isJson: boolean
  /** The `.env` that was read; undefined when there is none. */
  readonly envFile: string | undefined
  /** What relative paths were resolved against. */
  readonly baseFolder: string
  /** Values of the application's own settings. */
  readonly settings: SettingValues<S>
}

/**
 * Sets up logging for this process: reads the environment and the nearest `.env`, opens the component's file and the errors
 * file, and takes care of the end of the process. Call it once, first of all. closeLogging undoes it.
 *
 * @throws LoggingError LOGGING_SETTINGS_INVALID naming all settings, of the library and the application, that cannot be
 *   used, files that cannot be written among them; LOGGING_ALREADY_SET_UP
 */
export function setupLogging<const S extends Settings = Record<string, never>>(
  options: SetupOptions<S>,
): LoggingSetup<S> {
  if (activeRuntime() !== undefined) {
    throw new LoggingError(
      'LOGGING_ALREADY_SET_UP',
      'setupLogging was called a second time. Call it once per process, or closeLogging first.',
    )
  }
  const problems: SettingProblem[] = []
  const source = findSettings({
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  const component = isComponentName(options.component) ? options.component : 'invalid'
  const declared = componentSettings(component)
  const own = (options.settings ?? {}) as S
  problems.push(...source.problemsFor([...namesOf(declared), ...namesOf(own)]))
  checkOptions(options, problems)
  const values = collectSettings(declared, source, problems)
  const settings = collectSettings(own, source, problems)

  const folder = values.folder ?? source.baseFolder
  const place = (option: string | undefined, value: string | undefined, fallback: string) =>
    option !== undefined && isPath(option) ? path.resolve(source.baseFolder, option) : (value ?? fallback)
  const file = place(options.file, values.file, defaultComponentFile(folder, component))
  const errorFile = place(options.errorFile, values.errorFile, path.join(folder, 'errors.log'))
  const levelsFile =
    options.levelsFile === false
      ? undefined
      : place(options.levelsFile, values.levelsFile, path.join(folder, 'levels.json'))
  if (levelsFile === file || levelsFile === errorFile) {
    problems.push({
      name: 'LOG_LEVELS_FILE',
      value: levelsFile,
      source: 'the same path twice',
      expected: 'another file than those of the lines',
    })
  }
  if (file === errorFile) {
    problems.push({
      name: 'ERROR_LOG_FILE',
      value: errorFile,
      source: 'the same path twice',
      expected: `another file than that of the ${component}`,
    })
  }
  const level = (options.level === undefined ? values.level : parseLevel(options.level)) ?? 'INFO'
  const describeFile = (name: string, value: string) => ({
    name,
    value,
    source: source.lookUp(name)?.source ?? 'default or option',
  })
  // A file whose path cannot even be told is not opened: its problem is in the list already.
  const canTell = (option: string | undefined) => option === undefined || isPath(option)
  const files = [
    isComponentName(options.component) && canTell(options.file)
      ? open(file, options, describeFile(declared.file.name, file), problems)
      : undefined,
    canTell(options.errorFile)
      ? open(errorFile, options, describeFile('ERROR_LOG_FILE', errorFile), problems)
      : undefined,
  ] as const
  const [componentFile, errorsFile] = files
  if (problems.length > 0 || componentFile === undefined || errorsFile === undefined) {
    for (const opened of files) opened?.close()
    throw settingsError(problems)
  }

  const isJson = options.json ?? values.isJson
  const runtime = new LoggingRuntime({
    component,
    componentFile,
    errorsFile,
    isJson,
    level,
    console: options.console ?? values.console,
    callSite: options.callSite ?? values.callSite,
    // A worker thread sees neither exit nor signals, so it must not hold lines back.
    flushIntervalMs: isMainThread ? (options.flushIntervalMs ?? values.flushIntervalMs) : 0,
    memoryBytes: options.memoryBytes ?? values.memoryBytes,
    levelsFile,
    service: options.service ?? values.service,
    host: options.host ?? values.host,
    options,
  })
  setThreshold(level)
  setActiveRuntime(runtime)
  runtime.start()
  return {
    component,
    file,
    errorFile,
    level,
    isJson,
    envFile: source.envFile,
    baseFolder: source.baseFolder,
    settings,
  }
}

function open(
  file: string,
  options: SetupOptions,
  described: Omit<SettingProblem, 'expected'>,
  problems: SettingProblem[],
): AppendFile | undefined {
  try {
    return new AppendFile(file, {
      ...(options.fileMode === undefined ? {} : { fileMode: options.fileMode }),
      ...(options.folderMode === undefined ? {} : { folderMode: options.folderMode }),
    })
  } catch (error) {
    const reason = error instanceof FilesError ? error.message : String(error)
    problems.push({ ...described, expected: `a file this program can append to. ${reason}` })
    return undefined
  }
}

function isPath(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !value.includes('\0')
}

/** Options come from code, but code without types and values from elsewhere exist. */
function checkOptions(options: SetupOptions, problems: SettingProblem[]): void {
  const check = (name: keyof SetupOptions, isValid: (value: unknown) => boolean, expected: string) => {
    const value = options[name]
    if (value === undefined || isValid(value)) return
    problems.push({ name, value: String(value), source: 'option of setupLogging', expected })
  }
  if (!isComponentName(options.component)) {
    problems.push({
      name: 'component',
      value: String(options.component),
      source: 'option of setupLogging',
      expected: 'a word of letters, digits, - and _ that begins with a letter',
    })
  }
  const isCount = (value: unknown) => typeof value === 'number' && value >= 0 && Number.isFinite(value)
  check(
    'level',
    (value) => typeof value === 'string' && parseLevel(value) !== undefined,
    LOGGING_SETTINGS.level.parser.expected,
  )
  check('console', (value) => CONSOLE_MODES.includes(value as never), `one of ${CONSOLE_MODES.join(', ')}`)
  check(
    'callSite',
    (value) => CALL_SITE_MODES.includes(value as never),
    `one of ${CALL_SITE_MODES.join(', ')}`,
  )
  check('json', (value) => typeof value === 'boolean', 'true or false')
  check('flushIntervalMs', isCount, 'a number of milliseconds from 0 on')
  check(
    'memoryBytes',
    (value) => isCount(value) && (value as number) >= 64 * 1024,
    'a number of bytes, at least 65536',
  )
  check('flood', isFloodOptions, FLOOD_EXPECTED)
  check('flightRecorder', isFlightRecorderOptions, FLIGHT_RECORDER_EXPECTED)
  check('sampling', isSamplingOptions, SAMPLING_EXPECTED)
  check('file', isPath, 'a path')
  check('levelsFile', (value) => value === false || isPath(value), 'a path, or false')
  check('errorFile', isPath, 'a path')
}

/**
 * What a component says about its files when it starts, one line without newline: `backend logs to /srv/app/data/logs/backend.log +
 * /srv/app/data/logs/errors.log (plain, INFO and above; settings from the environment and /srv/app/.env)`.
 */
export function formatStartup(setup: LoggingSetup): string {
  const from = setup.envFile === undefined ? 'the environment' : `the environment and ${setup.envFile}`
  const format = setup.isJson ? 'JSON' : 'plain'
  return `${setup.component} logs to ${setup.file} + ${setup.errorFile} (${format}, ${setup.level} and above; settings from ${from})`
}
