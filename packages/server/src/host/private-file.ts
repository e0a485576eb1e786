import { randomBytes } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'

/** Readable by its owner only: what stands in these files opens the log server. */
const PRIVATE_MODE = 0o600

/**
 * Replaces a file as a whole: a new file beside it is written, flushed to the disk and renamed over it, then the folder
 * is flushed. After a crash at any moment the old or the new content stands there, never a part.
 */
export async function replacePrivateFile(file: string, content: string): Promise<void> {
  const temporary = path.join(
    path.dirname(file),
    `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`,
  )
  try {
    // Exclusive, so that a planted link of that name is never followed.
    const handle = await open(temporary, 'wx', PRIVATE_MODE)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(path.dirname(file))
}

/** Content of a file; undefined when there is none. */
export async function readPrivateFile(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Windows cannot open a folder; there the rename itself has to do. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
