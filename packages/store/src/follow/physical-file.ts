import { constants, statSync } from 'node:fs'
import { lstat, open, stat, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { BigIntStats } from 'node:fs'

/** A file as it stands on disk, whatever it holds. */
export interface PhysicalFile {
  readonly path: string
  /** Device and inode: the same under every name, but used again by the system once a file is gone. */
  readonly key: string
  /** When the inode was made, in nanoseconds; empty where the file system does not say. */
  readonly born: string
  readonly sizeBytes: number
  readonly modifiedMs: number
}

// Windows has neither. Without O_NONBLOCK, a FIFO put in a file's place would hold a thread for ever.
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/**
 * Whether the system tells when files were made: 0 where a file system does not know, and on old systems the last change
 * instead. Asked of places that have been changed since they were made, and of each file seen: one that tells the two apart is
 * enough.
 */
let tellsBirth = [process.execPath, path.parse(process.execPath).root, process.cwd(), tmpdir()].some(
  (place) => {
    const stats = statSync(place, { bigint: true, throwIfNoEntry: false })
    return stats !== undefined && isBirth(stats)
  },
)

function isBirth(stats: BigIntStats): boolean {
  return stats.birthtimeNs > 0n && stats.birthtimeNs !== stats.ctimeNs
}

export function physicalFile(file: string, stats: BigIntStats): PhysicalFile {
  tellsBirth ||= isBirth(stats)
  return {
    path: file,
    key: `${stats.dev}:${stats.ino}`,
    born: tellsBirth && stats.birthtimeNs > 0n ? String(stats.birthtimeNs) : '',
    sizeBytes: Number(stats.size),
    modifiedMs: Number(stats.mtimeNs) / 1e6,
  }
}

/** What is there under a path; undefined when it is no regular file. `followsLinks`: also where a link points to. */
export async function lookUp(file: string, followsLinks: boolean): Promise<PhysicalFile | undefined> {
  const stats = await (followsLinks ? stat : lstat)(file, { bigint: true })
  return stats.isFile() ? physicalFile(file, stats) : undefined
}

/**
 * Opens a file if it is still the one that was seen; undefined when nothing or another one has its name now. The caller
 * closes.
 */
export async function openSame(file: PhysicalFile): Promise<FileHandle | undefined> {
  let handle: FileHandle
  try {
    handle = await open(file.path, OPEN_FLAGS)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const stats = await handle.stat({ bigint: true })
  if (stats.isFile() && physicalFile(file.path, stats).key === file.key) return handle
  await handle.close()
  return undefined
}

/** Whether two sightings of one inode can be one file: an inode that is used again has another birth. */
export function isSameBirth(a: string, b: string): boolean {
  return a === '' || b === '' || a === b
}
