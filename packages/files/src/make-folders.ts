import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { systemCodeOf } from './files-error.ts'

/**
 * Makes a folder and those above it that are missing, with exactly this mode whatever the umask; folders that exist keep
 * theirs. Not by mkdir's option `recursive`, which in Node 20 never returns where the system answers ENOENT below a folder that
 * exists, as it does in /proc.
 *
 * @throws What mkdir throws: EACCES, ENOENT, ENOTDIR, EROFS …; EEXIST when something else has the name.
 */
export function makeFolders(folder: string, mode: number): void {
  const target = path.resolve(folder)
  try {
    makeFolder(target, mode)
  } catch (error) {
    const parent = path.dirname(target)
    if (systemCodeOf(error) !== 'ENOENT' || parent === target || existsSync(parent)) throw error
    makeFolders(parent, mode)
    makeFolder(target, mode)
  }
}

function isFolder(file: string): boolean {
  try {
    return statSync(file).isDirectory()
  } catch {
    // The caller has a better error: that of mkdir.
    return false
  }
}

function makeFolder(folder: string, mode: number): void {
  try {
    mkdirSync(folder, { mode })
  } catch (error) {
    // Not by the code alone: read-only systems answer EROFS, drives of Windows EPERM, for folders that exist.
    if (isFolder(folder)) return
    throw error
  }
  // mkdir subtracts the umask.
  if (process.platform !== 'win32') chmodSync(folder, mode)
}
