import { closeSync, fdatasync, fstatSync, lstatSync, write, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { FilesError, FilesWriteError, systemCodeOf } from './files-error.ts'
import { endsInMiddleOfLine, openLogFile, type FileModes, type OpenedLogFile } from './open-log-file.ts'

/** An opened file with what must be known before it may be closed. */
interface Handle extends OpenedLogFile {
  /** Writes and syncs of the thread pool that still use the descriptor. */
  pending: number
  /** No longer the current one: to be closed when nothing is pending. */
  isRetired: boolean
  /** The last byte we know of is not a newline: the next write may have to begin with one. */
  isTailOpen: boolean
  /** The folder's entry of a new file has not been synced yet. */
  isEntryUnsynced: boolean
}

/** How often a write that the system asks to repeat at once (EAGAIN) is repeated; then it is an error like others. */
const MAX_REPEATS = 100
const NEWLINE = 0x0a

/**
 * One log file that is only appended to, also by several processes at a time: each call is one write(2) at the end of the file,
 * so that lines of different processes never mix as long as a buffer holds whole lines. There are no timers in it and no
 * queue: who uses it decides when to write, and writes one buffer after the other. `close()` it.
 */
export class AppendFile {
  readonly path: string
  readonly #modes: FileModes
  #handle: Handle | undefined

  /** @throws FilesError as openLogFile does. */
  constructor(file: string, modes: FileModes = {}) {
    this.path = file
    this.#modes = modes
    this.#handle = openHandle(file, modes)
  }

  /** The file was found ending in the middle of a line when it was last opened. */
  get foundTornTail(): boolean {
    return this.#handle?.hasTornTail ?? false
  }

  get isClosed(): boolean {
    return this.#handle === undefined
  }

  /** Size in bytes, with what other processes have written. */
  sizeBytes(): number {
    return fstatSync(this.#open().fd).size
  }

  /**
   * Appends whole lines; when it returns, write(2) has taken all of them.
   *
   * @throws FilesWriteError which says how much of it got in; FilesError FILES_CLOSED
   */
  writeSync(lines: Uint8Array): void {
    const handle = this.#open()
    const { buffer, addedBytes } = closeTail(handle, lines)
    let position = 0
    let repeats = 0
    while (position < buffer.length) {
      try {
        position += writeSync(handle.fd, buffer, position, buffer.length - position)
      } catch (error) {
        if (systemCodeOf(error) === 'EAGAIN' && repeats < MAX_REPEATS) repeats += 1
        else throw this.#writeFailed(handle, buffer, position, addedBytes, error)
      }
    }
    noteTail(handle, buffer, position)
  }

  /**
   * The same without blocking the event loop. The caller waits for it before the next write, or the order is the thread
   * pool's; it may reopen or close meanwhile: these lines still go to the file that was open.
   *
   * @throws FilesWriteError which says how much of it got in; FilesError FILES_CLOSED
   */
  async write(lines: Uint8Array): Promise<void> {
    const handle = this.#open()
    const { buffer, addedBytes } = closeTail(handle, lines)
    let position = 0
    let repeats = 0
    handle.pending += 1
    try {
      while (position < buffer.length) {
        try {
          position += await writeAt(handle.fd, buffer, position)
        } catch (error) {
          if (systemCodeOf(error) === 'EAGAIN' && repeats < MAX_REPEATS) repeats += 1
          else throw this.#writeFailed(handle, buffer, position, addedBytes, error)
        }
      }
      noteTail(handle, buffer, position)
    } finally {
      release(handle)
    }
  }

  /**
   * Resolves when all that was written before is on the disk, to survive a power cut.
   *
   * @throws FilesError FILES_SYNC_FAILED: what was written since the last sync may be lost, and a second try would not
   *   tell; FILES_CLOSED
   */
  async sync(): Promise<void> {
    const handle = this.#open()
    handle.pending += 1
    try {
      await new Promise<void>((resolve, reject) => {
        fdatasync(handle.fd, (error) => (error === null ? resolve() : reject(error)))
      })
      if (handle.isEntryUnsynced) await syncFolder(path.dirname(this.path))
      handle.isEntryUnsynced = false
    } catch (error) {
      throw new FilesError(
        'FILES_SYNC_FAILED',
        this.path,
        `The log file ${this.path} could not be brought to the disk: ${(error as Error).message}. ` +
          'Look at the disk; lines of the last seconds may be missing after a power cut.',
        error,
      )
    } finally {
      release(handle)
    }
  }

  /**
   * Whether the path names another file than the one that is open, or none: it was renamed or removed, by a rotation or by
   * hand. False while that cannot be found out, since reopening would fail too.
   */
  hasMoved(): boolean {
    const handle = this.#open()
    try {
      const stats = lstatSync(this.path, { bigint: true, throwIfNoEntry: false })
      return stats === undefined || stats.dev !== handle.dev || stats.ino !== handle.ino
    } catch {
      // No right to look into the folder, or its disk is gone.
      return false
    }
  }

  /**
   * Opens the path anew, creating the file when it is missing. When that fails the file open so far stays in use.
   *
   * @throws FilesError as the constructor; FILES_CLOSED
   */
  reopen(): void {
    const previous = this.#open()
    this.#handle = openHandle(this.path, this.#modes)
    retire(previous)
  }

  /** Closes the file once the writes under way have ended. May be called twice. */
  close(): void {
    const handle = this.#handle
    this.#handle = undefined
    if (handle !== undefined) retire(handle)
  }

  #open(): Handle {
    if (this.#handle !== undefined) return this.#handle
    throw new FilesError(
      'FILES_CLOSED',
      this.path,
      `The log file ${this.path} was used after it was closed. Make a new AppendFile to go on.`,
    )
  }

  #writeFailed(
    handle: Handle,
    buffer: Buffer,
    position: number,
    addedBytes: number,
    error: unknown,
  ): FilesError {
    noteTail(handle, buffer, position)
    const writtenBytes = Math.max(0, position - addedBytes)
    const lastNewline = position === 0 ? -1 : buffer.lastIndexOf(NEWLINE, position - 1)
    return new FilesWriteError(
      this.path,
      `${writtenBytes} of ${buffer.length - addedBytes} bytes got into the log file ${this.path}: ` +
        `${(error as Error).message}. Free space or give write access; write again from the first line that is missing.`,
      writtenBytes,
      Math.max(0, lastNewline + 1 - addedBytes),
      error,
    )
  }
}

function openHandle(file: string, modes: FileModes): Handle {
  const opened = openLogFile(file, modes)
  return {
    ...opened,
    pending: 0,
    isRetired: false,
    isTailOpen: opened.hasTornTail,
    isEntryUnsynced: opened.isNew,
  }
}

/**
 * A newline goes before the lines, in the same write(2), when the file does not end in one. Looked at again, since another
 * process may have been in the middle of its write, or have put the newline there by now.
 */
function closeTail(handle: Handle, lines: Uint8Array): { buffer: Buffer; addedBytes: number } {
  const buffer = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength)
  if (buffer.length === 0 || !handle.isTailOpen || !endsInMiddleOfLine(handle.fd))
    return { buffer, addedBytes: 0 }
  return { buffer: Buffer.concat([Buffer.of(NEWLINE), buffer]), addedBytes: 1 }
}

function noteTail(handle: Handle, buffer: Buffer, writtenBytes: number): void {
  if (writtenBytes > 0) handle.isTailOpen = buffer[writtenBytes - 1] !== NEWLINE
}

function writeAt(fd: number, buffer: Buffer, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, buffer, position, buffer.length - position, null, (error, bytes) =>
      error === null ? resolve(bytes) : reject(error),
    )
  })
}

/** A new file is lost in a power cut as long as only its content, not its name, is on the disk. */
async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open folders, and writes names through.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function retire(handle: Handle): void {
  handle.isRetired = true
  if (handle.pending === 0) closeSync(handle.fd)
}

function release(handle: Handle): void {
  handle.pending -= 1
  if (handle.isRetired && handle.pending === 0) closeSync(handle.fd)
}
