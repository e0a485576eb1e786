/** Runs the programs of this workspace, from `dist/`, as their users do: as processes. */
import { startNode } from '@pixsim7/testkit'
import type { Program } from '@pixsim7/testkit'
import path from 'node:path'

const DIST = path.join(import.meta.dirname, '..', 'dist')

/** Settings of whoever runs the tests, which must not reach the programs under test. */
const NOT_INHERITED =
  /^(LOGS?_|WORKER_LOG_|ERROR_LOG_|JSON_LOGS|DATABASE_|PIXSIM7_|PIXVERSE_|PROVIDER_|SECRET_KEY|HOST$|PORT$|STORAGE_)/

/** Starts `dist/<name>.js` in a folder; it ends with the test at the latest. */
export function startComponent(
  name: 'api' | 'worker' | 'postgres' | 'provider-simulator',
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Program {
  const foreign = Object.keys(process.env).filter((key) => NOT_INHERITED.test(key))
  return startNode(path.join(DIST, `${name}.js`), [], {
    cwd: options.cwd,
    env: { ...Object.fromEntries(foreign.map((key) => [key, undefined])), ...options.env },
  })
}
