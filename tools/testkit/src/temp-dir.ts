import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { cleanUpAfter, type Lifetime } from './cleanup.ts'

/** Calls `use` with a new empty folder, and removes it, with all that is in it, when `use` has ended in any way. */
export async function withTempDir<T>(use: (dir: string) => T | Promise<T>): Promise<T> {
  const dir = await makeTempDir()
  try {
    return await use(dir)
  } finally {
    await removeTempDir(dir)
  }
}

/** A new empty folder that is removed after the test, or with `file` after the file's last test. */
export async function tempDir(lifetime: Lifetime = 'test'): Promise<string> {
  const dir = await makeTempDir()
  cleanUpAfter(lifetime, () => removeTempDir(dir))
  return dir
}

async function makeTempDir(): Promise<string> {
  // The real path: on macOS the folder for temporary files is behind a link.
  return realpath(await mkdtemp(path.join(tmpdir(), 'pixsim7-test-')))
}

/** Tried repeatedly, since a program that is just ending may still be writing into it. */
function removeTempDir(dir: string): Promise<void> {
  return rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
}
