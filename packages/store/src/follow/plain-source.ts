import type { FileHandle } from 'node:fs/promises'
import { readFully } from './read-fully.ts'
import type { Source, SourceRead } from './source.ts'

/** Bytes per read: larger ones cost memory, smaller ones calls; other files wait meanwhile. */
export const READ_BYTES = 1024 * 1024

/**
 * A plain file that is being written. Owns the handle: while it is open, the system cannot use the inode again, so the
 * content can only be changed in place.
 */
export class PlainSource implements Source {
  readonly #handle: FileHandle
  #modifiedMs = Number.NaN
  #isClosed = false

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** Bytes the file has now. */
  async sizeBytes(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  async read(position: number, expected: Buffer): Promise<SourceRead> {
    const { size, mtimeMs } = await this.#handle.stat()
    if (size < position) return { kind: 'replaced', sizeBytes: size }
    if (size === position && mtimeMs === this.#modifiedMs) return { kind: 'nothing' }
    // In one read with what stood before: a file that was emptied and written anew beyond this place shows there.
    const start = position - expected.length
    const length = Math.min(size - position, READ_BYTES) + expected.length
    const bytes = await readFully(this.#handle, start, length)
    if (bytes.length < expected.length || !bytes.subarray(0, expected.length).equals(expected)) {
      return { kind: 'replaced', sizeBytes: (await this.#handle.stat()).size }
    }
    this.#modifiedMs = mtimeMs
    const fresh = bytes.subarray(expected.length)
    if (fresh.length === 0) return { kind: 'nothing' }
    return { kind: 'bytes', bytes: fresh, mayHaveMore: position + fresh.length < size }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#handle.close()
  }
}
