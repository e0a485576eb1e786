import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
} from 'node:fs'
import type { BigIntStats } from 'node:fs'
import path from 'node:path'
import { FilesError, systemCodeOf } from './files-error.ts'
import { makeFolders } from './make-folders.ts'

/** Modes of what is created; what exists keeps its own. The process's umask does not change them. */
export interface FileModes {
  /** Default 0o640: the log's group may read it, others may not. */
  readonly fileMode?: number
  /** Default 0o750. */
  readonly folderMode?: number
}

/** An open log file, at whose end each write lands. */
export interface OpenedLogFile {
  readonly fd: number
  /** Together they say which file it is, whatever it is called. */
  readonly dev: bigint
  readonly ino: bigint
  /** It was not there before. */
  readonly isNew: boolean
  /** It does not end in a newline: some process was killed, or the disk was full, in the middle of a line; see endsInMiddleOfLine. */
  readonly hasTornTail: boolean
}

// Windows has neither flag. Without O_NONBLOCK, opening a FIFO that nobody reads would wait for ever.
const SAFE = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
// Read too, to see whether the last line is whole.
const APPEND = constants.O_RDWR | constants.O_APPEND | SAFE

/** How often a file may vanish and come back while it is opened; more than once is another program's loop. */
const MAX_RACES = 10

/**
 * Opens a log file for appending and creates it, and the folders above it, when missing. Never waits for another process.
 * The caller closes `fd`.
 *
 * @throws FilesError FILES_NOT_A_FILE, FILES_IS_A_LINK, FILES_FOLDER_FAILED, FILES_OPEN_FAILED
 */
export function openLogFile(file: string, modes: FileModes = {}): OpenedLogFile {
  createFolder(file, path.dirname(file), modes.folderMode ?? 0o750)
  const { fd, isNew } = openOrCreate(file, modes.fileMode ?? 0o640)
  try {
    const stats = fstatSync(fd, { bigint: true })
    assertRegular(file, stats)
    return {
      fd,
      dev: stats.dev,
      ino: stats.ino,
      isNew,
      hasTornTail: stats.size > 0n && endsInMiddleOfLine(fd),
    }
  } catch (error) {
    closeSync(fd)
    throw error instanceof FilesError ? error : openFailed(file, error)
  }
}

function createFolder(file: string, folder: string, mode: number): void {
  try {
    makeFolders(folder, mode)
  } catch (error) {
    throw new FilesError(
      'FILES_FOLDER_FAILED',
      file,
      `The folder ${folder} of the log file ${file} could not be made: ${reasonOf(error)}. ` +
        'Make it yourself and let the user who runs this program write there, or set another path.',
      error,
    )
  }
}

function openOrCreate(file: string, mode: number): { fd: number; isNew: boolean } {
  let lastError: unknown
  for (let attempt = 0; attempt < MAX_RACES; attempt += 1) {
    // Looked at before it is opened, since opening a device can already do something.
    const stats = lstatSync(file, { bigint: true, throwIfNoEntry: false })
    try {
      if (stats !== undefined) {
        assertRegular(file, stats)
        return { fd: openExisting(file), isNew: false }
      }
      const fd = openSync(file, APPEND | constants.O_CREAT | constants.O_EXCL, mode)
      if (process.platform !== 'win32') fchmodSync(fd, mode)
      return { fd, isNew: true }
    } catch (error) {
      if (error instanceof FilesError) throw error
      lastError = error
      // Removed or made by another process since it was looked at, or swapped for a link: look again.
      if (!['ENOENT', 'EEXIST', 'ELOOP', 'ENXIO'].includes(systemCodeOf(error) ?? '')) break
    }
  }
  throw openFailed(file, lastError)
}

function openExisting(file: string): number {
  try {
    return openSync(file, APPEND)
  } catch (error) {
    if (systemCodeOf(error) !== 'EACCES') throw error
    // Perhaps it may be written, only not read.
    return openSync(file, (APPEND & ~constants.O_RDWR) | constants.O_WRONLY)
  }
}

function assertRegular(file: string, stats: BigIntStats): void {
  if (stats.isFile()) return
  if (stats.isSymbolicLink()) {
    throw new FilesError(
      'FILES_IS_A_LINK',
      file,
      `The log file ${file} is a symbolic link${targetOf(file)}, which another user could point anywhere. ` +
        'Set the path of the file itself, or remove the link.',
    )
  }
  throw new FilesError(
    'FILES_NOT_A_FILE',
    file,
    `The log file ${file} is ${kindOf(stats)}, expected a regular file. ` +
      'Set the path of a file, or remove what is there; lines for the terminal or another program go through the console output.',
  )
}

function targetOf(link: string): string {
  try {
    return ` to ${realpathSync(link)}`
  } catch {
    // Dangling, or in a folder we may not read: the message does without.
    return ''
  }
}

function kindOf(stats: BigIntStats): string {
  if (stats.isDirectory()) return 'a folder'
  if (stats.isFIFO()) return 'a named pipe'
  return stats.isSocket() ? 'a socket' : 'a device'
}

/**
 * Whether an open file ends in the middle of a line. Now and then this is true while another process is writing whole lines,
 * since its bytes become visible one page after the other: good enough to put a newline in between, not to report a loss.
 */
export function endsInMiddleOfLine(fd: number): boolean {
  try {
    const { size } = fstatSync(fd)
    const last = Buffer.alloc(1)
    return size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a
  } catch {
    // A file we may write but not read: a blank line between is better than two lines in one.
    return true
  }
}

function openFailed(file: string, error: unknown): FilesError {
  return new FilesError(
    'FILES_OPEN_FAILED',
    file,
    `The log file ${file} could not be opened for appending: ${reasonOf(error)}. ` +
      'Let the user who runs this program write to it, or set another path.',
    error,
  )
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
