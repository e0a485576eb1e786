/** Where the files of assets lie: `{base}/user/{user id}/assets/{asset id}.mp4`. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { AssetError } from './asset-error.ts'

const EXTENSIONS: Readonly<Record<string, string>> = {
  'video/mp4': '.mp4',
  'video/webm': '.webm',
  'image/jpeg': '.jpg',
  'image/png': '.png',
}

/** Files on their way lie here, under names of their own, on the same file system as where they go. */
const PARTIAL_FOLDER = '.partial'
/** A file that nobody has added to for so long belongs to a process that was killed. */
const ABANDONED_AFTER_MS = 24 * 3600 * 1000

export interface StoredFile {
  readonly bytes: number
  /** In hexadecimal digits. */
  readonly sha256: string
}

/** The path of an asset's file below the base folder, with `/` on every platform; as kept in `assets.local_path`. */
export function assetPath(
  asset: { readonly id: number; readonly user_id: number },
  mimeType: string,
): string {
  return `user/${asset.user_id}/assets/${asset.id}${EXTENSIONS[mimeType] ?? '.mp4'}`
}

/**
 * Writes a stream to a file, hashing on the way. It appears under its name only when it is complete and on disk, so that two
 * who fetch the same asset at once do no harm.
 *
 * @throws AssetError STORAGE_FULL once more than `maxBytes` come; whatever the stream or the disk throws
 */
export async function storeFile(
  basePath: string,
  relativePath: string,
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<StoredFile> {
  const file = path.join(basePath, relativePath)
  const partial = path.join(
    basePath,
    PARTIAL_FOLDER,
    `${path.basename(file)}.${randomBytes(6).toString('hex')}`,
  )
  await mkdir(path.dirname(partial), { recursive: true, mode: 0o750 })
  await mkdir(path.dirname(file), { recursive: true, mode: 0o750 })
  const hash = createHash('sha256')
  let bytes = 0
  try {
    const handle = await open(partial, 'w', 0o640)
    try {
      for await (const chunk of chunks) {
        bytes += chunk.byteLength
        if (bytes > maxBytes) {
          throw new AssetError(
            'STORAGE_FULL',
            `The file has more than the ${maxBytes} bytes there is room for`,
          )
        }
        hash.update(chunk)
        await writeWhole(handle, chunk)
      }
      // Before the rename: a power cut must not leave an empty file under the final name.
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(partial, file)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
  return { bytes, sha256: hash.digest('hex') }
}

async function writeWhole(
  handle: { write(data: Uint8Array): Promise<{ bytesWritten: number }> },
  chunk: Uint8Array,
): Promise<void> {
  // A write may be short when the disk is nearly full; the next one then says so.
  for (let rest = chunk; rest.byteLength > 0;) {
    const { bytesWritten } = await handle.write(rest)
    rest = rest.subarray(bytesWritten)
  }
}

/** Size of a stored file; undefined when it is not there. */
export async function storedBytes(basePath: string, relativePath: string): Promise<number | undefined> {
  try {
    return (await stat(path.join(basePath, relativePath))).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Removes a stored file; nothing happens when it is not there. */
export async function removeStoredFile(basePath: string, relativePath: string): Promise<void> {
  await rm(path.join(basePath, relativePath), { force: true })
}

/** Removes what killed processes left of their downloads; returns how many files that were. */
export async function removeAbandonedFiles(basePath: string, nowMs: number): Promise<number> {
  const folder = path.join(basePath, PARTIAL_FOLDER)
  let removed = 0
  for (const name of await listFolder(folder)) {
    const file = path.join(folder, name)
    const modifiedMs = (await stat(file).catch(() => undefined))?.mtimeMs ?? Infinity
    if (nowMs - modifiedMs < ABANDONED_AFTER_MS) continue
    await rm(file, { force: true })
    removed++
  }
  return removed
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
