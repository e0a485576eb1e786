import path from 'node:path'
import type { SettingProblem } from '../errors.ts'
import { redactText } from '../redaction/redact-text.ts'
import { findEnvFile, findWorkspaceRoot, type EnvFile } from './env-file.ts'

/** Where settings come from: the environment, then the nearest `.env`. */
export interface SettingsSource {
  /** The `.env` that was found, if any. */
  readonly envFile: string | undefined
  /** What relative paths are resolved against: the folder of the `.env`, else the workspace root, else the working folder. */
  readonly baseFolder: string
  /** The text of a variable and where it stands; undefined when it is not given or empty. */
  lookUp(name: string): { readonly value: string; readonly source: string } | undefined
  /** What keeps the `.env` from being used for these variables. */
  problemsFor(names: readonly string[]): readonly SettingProblem[]
}

/**
 * Finds the settings of this process. Reads `.env` from `cwd` upwards, as far as the workspace root; without a workspace root
 * only in `cwd` itself. Never throws: a `.env` that cannot be read is told by problemsFor.
 */
export function findSettings(
  options: { env?: Readonly<Record<string, string | undefined>>; cwd?: string } = {},
): SettingsSource {
  const environment = options.env ?? process.env
  const cwd = options.cwd ?? process.cwd()
  const root = findWorkspaceRoot(cwd)
  let file: EnvFile | undefined
  let readError: Error | undefined
  try {
    file = findEnvFile(cwd, root ?? cwd)
  } catch (error) {
    readError = error as Error
  }
  return {
    envFile: file?.path,
    baseFolder: file === undefined ? (root ?? cwd) : path.dirname(file.path),
    lookUp(name) {
      const own = environment[name]
      if (own !== undefined && own.trim() !== '') return { value: own.trim(), source: 'environment' }
      const value = file?.values.get(name)
      return file === undefined || value === undefined || value === ''
        ? undefined
        : { value, source: file.path }
    },
    problemsFor(names) {
      if (readError !== undefined) {
        return [
          { name: '.env', value: '', source: cwd, expected: `a readable file, got ${readError.message}` },
        ]
      }
      return (file?.unusableLines ?? [])
        .filter(({ text }) =>
          names.some((name) =>
            text
              .trimStart()
              .replace(/^export\s+/, '')
              .startsWith(name),
          ),
        )
        .map(({ number, text }) => ({
          name: `line ${number}`,
          value: redactText(text),
          source: file?.path ?? '',
          expected: 'NAME=value, with quotes closed',
        }))
    },
  }
}
