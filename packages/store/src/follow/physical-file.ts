import { constants } from 'node:fs'
import { lstat, open, stat, type FileHandle } from 'node:fs/promises'
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

export function physicalFile(path: string, stats: BigIntStats): PhysicalFile {
  return {
    path,
    key: `${stats.dev}:${stats.ino}`,
    // Systems that do not know the birth of a file report its last change instead.
    born: stats.birthtimeNs > 0n && stats.birthtimeNs !== stats.ctimeNs ? String(stats.birthtimeNs) : '',
    sizeBytes: Number(stats.size),
    modifiedMs: Number(stats.mtimeNs) / 1e6,
  }
}

/** What is there under a path; undefined when it is no regular file. `followsLinks`: also where a link points to. */
export async function lookUp(path: string, followsLinks: boolean): Promise<PhysicalFile | undefined> {
  const stats = await (followsLinks ? stat : lstat)(path, { bigint: true })
  return stats.isFile() ? physicalFile(path, stats) : undefined
}

/** Opens a file if it is still the one that was seen; undefined when another one has its name now. The caller closes. */
export async function openSame(file: PhysicalFile): Promise<FileHandle | undefined> {
  const handle = await open(file.path, OPEN_FLAGS)
  const stats = await handle.stat({ bigint: true })
  if (stats.isFile() && physicalFile(file.path, stats).key === file.key) return handle
  await handle.close()
  return undefined
}

/** Whether two sightings of one inode can be one file: an inode that is used again has another birth. */
export function isSameBirth(a: string, b: string): boolean {
  return a === '' || b === '' || a === b
}
