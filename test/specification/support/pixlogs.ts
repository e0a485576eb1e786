/** The program `pixlogs`, as it is called once it is installed. */
import { mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'

const PROGRAM = path.join(import.meta.dirname, '../../../packages/cli/bin/pixlogs.js')

/** Makes a folder with it below `folder`, to be put before the PATH. */
export function makePixlogs(folder: string): string {
  const programs = path.join(folder, 'pixlogs-program')
  mkdirSync(programs)
  symlinkSync(PROGRAM, path.join(programs, 'pixlogs'))
  return programs
}
