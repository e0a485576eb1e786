import type { FileHandle } from 'node:fs/promises'
import { createGunzip, type Gunzip } from 'node:zlib'
import { messageOf } from '../store-error.ts'
import type { Source, SourceRead } from './source.ts'

/** What an archive may unpack to before it is taken for a bomb. */
export interface ArchiveLimits {
  readonly maxBytes: number
  /** Unpacked by packed bytes; logs reach 10 to 50, gzip at most 1,032. */
  readonly maxRatio: number
}

export const ARCHIVE_LIMITS: ArchiveLimits = { maxBytes: 64 * 1024 ** 3, maxRatio: 400 }

/** The ratio counts from here on: short repetitive logs pack extremely well and harm nobody. */
const RATIO_FREE_BYTES = 64 * 1024 ** 2
const CHUNK_BYTES = 256 * 1024

/**
 * The content of a `.gz` archive, from the beginning on only: what lies before the first position read is unpacked and
 * thrown away. Owns the handle. A damaged archive gives its good part.
 */
export class ArchiveSource implements Source {
  readonly #handle: FileHandle
  readonly #packedBytes: number
  readonly #limits: ArchiveLimits
  #gunzip: Gunzip | undefined
  #chunks: AsyncIterator<Buffer> | undefined
  /** Unpacked bytes given or thrown away so far. */
  #position = 0

  constructor(handle: FileHandle, packedBytes: number, limits: ArchiveLimits = ARCHIVE_LIMITS) {
    this.#handle = handle
    this.#packedBytes = packedBytes
    this.#limits = limits
  }

  async read(position: number): Promise<SourceRead> {
    const chunks = (this.#chunks ??= this.#start())
    for (;;) {
      let bytes: Buffer
      try {
        const { value, done } = await chunks.next()
        if (done === true) {
          return { kind: 'end', problem: null }
        }
        bytes = value
      } catch (error) {
        return { kind: 'end', problem: `it is damaged after ${this.#position} bytes: ${messageOf(error)}` }
      }
      const start = this.#position
      this.#position += bytes.length
      const bomb = this.#bomb()
      if (bomb !== null) return { kind: 'end', problem: bomb }
      if (this.#position > position) {
        const fresh = start < position ? bytes.subarray(position - start) : bytes
        return { kind: 'bytes', bytes: fresh, mayHaveMore: true }
      }
    }
  }

  async close(): Promise<void> {
    this.#gunzip?.destroy()
    this.#gunzip = undefined
    await this.#handle.close()
  }

  #start(): AsyncIterator<Buffer> {
    const packed = this.#handle.createReadStream({ start: 0, autoClose: false, highWaterMark: 64 * 1024 })
    const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
    packed.on('error', (error) => gunzip.destroy(error))
    this.#gunzip = packed.pipe(gunzip)
    return gunzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  #bomb(): string | null {
    if (this.#position > this.#limits.maxBytes) {
      return `it unpacks to more than ${this.#limits.maxBytes} bytes; the rest is not read`
    }
    const ratio = this.#position / Math.max(1, this.#packedBytes)
    if (this.#position > RATIO_FREE_BYTES && ratio > this.#limits.maxRatio) {
      return `it unpacks to more than ${this.#limits.maxRatio} times its size; the rest is not read`
    }
    return null
  }
}
