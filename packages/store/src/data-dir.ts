import path from 'node:path'
import { makeFolders } from '@pixsim7/files'
import { StoreError, messageOf } from './store-error.ts'

const FOLDER_MODE = 0o750

/**
 * Makes the folder of a store when it is missing; a host that keeps files of its own there calls it before openStore does.
 *
 * @returns Its absolute path.
 * @throws StoreError STORE_BAD_OPTIONS
 */
export function makeDataDir(dataDir: string): string {
  const folder = path.resolve(dataDir)
  try {
    makeFolders(folder, FOLDER_MODE)
  } catch (error) {
    throw new StoreError(
      'STORE_BAD_OPTIONS',
      `The folder ${folder} of the store cannot be made: ${messageOf(error)}. Make it yourself or give another one.`,
      error,
    )
  }
  return folder
}
