/** The folder that relative paths are resolved against, and the `.env` that was found. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

export interface BaseFolder {
  /** Folder of the nearest `.env`, else the workspace root, else the working folder. */
  readonly folder: string
  /** The `.env`; undefined when there is none. */
  readonly envFile: string | undefined
}

function isWorkspaceRoot(folder: string): boolean {
  try {
    return 'workspaces' in (JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as object)
  } catch {
    return false // No package.json, or none that says anything about workspaces.
  }
}

function ancestors(folder: string): string[] {
  const parent = path.dirname(folder)
  return parent === folder ? [folder] : [folder, ...ancestors(parent)]
}

/** Looks for `.env` from `workingFolder` up to the workspace root; where there is no workspace root, only in that folder. */
export function findBaseFolder(workingFolder: string): BaseFolder {
  const all = ancestors(path.resolve(workingFolder))
  const root = all.find(isWorkspaceRoot)
  const searched = root === undefined ? all.slice(0, 1) : all.slice(0, all.indexOf(root) + 1)
  const withEnvFile = searched.find((folder) => existsSync(path.join(folder, '.env')))
  const folder = withEnvFile ?? root ?? path.resolve(workingFolder)
  return { folder, envFile: withEnvFile === undefined ? undefined : path.join(withEnvFile, '.env') }
}
