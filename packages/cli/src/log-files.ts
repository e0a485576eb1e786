import { filePath, LOGGING_SETTINGS, oneOf, readSettings, setting } from '@pixsim7/logging'
import { readdirSync } from 'node:fs'
import path from 'node:path'

export const ENVIRONMENTS = ['development', 'staging', 'production'] as const
export type Environment = (typeof ENVIRONMENTS)[number]

const SETTINGS = {
  folder: LOGGING_SETTINGS.folder,
  errors: LOGGING_SETTINGS.errorFile,
  backend: setting('LOG_FILE', filePath(), { doc: 'File of the backend' }),
  worker: setting('WORKER_LOG_FILE', filePath(), { doc: 'File of the worker' }),
  environment: setting('LOG_ENV', oneOf(ENVIRONMENTS), { doc: 'Environment this machine is' }),
}

/** The log files of this project. */
export interface LogFiles {
  readonly folder: string
  /** Of the components: backend, worker, and whatever else has a file in the folder. */
  readonly components: readonly string[]
  readonly errors: string
  readonly environment: Environment | undefined
}

/** The log files by settings, and those that lie beside them. */
export function logFiles(): LogFiles {
  const {
    folder,
    errors = path.join(folder, 'errors.log'),
    backend,
    worker,
    environment,
  } = readSettings(SETTINGS)
  const named = [backend ?? path.join(folder, 'backend.log'), worker ?? path.join(folder, 'worker.log')]
  const others = listLogs(folder).filter((file) => file !== errors && !named.includes(file))
  return { folder, components: [...named, ...others], errors, environment }
}

function listLogs(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.log') && !name.startsWith('.'))
      .sort()
      .map((name) => path.join(folder, name))
  } catch {
    // Nothing has been logged yet: the files of backend and worker are known all the same.
    return []
  }
}
