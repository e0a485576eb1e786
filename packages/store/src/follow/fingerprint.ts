import { createHash } from 'node:crypto'

/** Bytes at the beginning of an incarnation that tell it from others. */
export const HEAD_BYTES = 1024
/** Bytes before the place reached that show that what was read is still there. */
export const WINDOW_BYTES = 256

/** What is known of the content read so far: its beginning, and the bytes before the place reached. */
export interface Fingerprint {
  readonly headLength: number
  readonly headHash: string
  /** End of the window: how far was read. */
  readonly end: number
  readonly windowLength: number
  readonly windowHash: string
}

/** Keeps the fingerprint of content while it is read. */
export class FingerprintRecorder {
  #head: Buffer
  #window: Buffer
  #end: number
  #known: Fingerprint | undefined

  /** Goes on behind `end` bytes of content, of which head and window are given. */
  constructor(known: { end: number; head: Buffer; window: Buffer } = NOTHING) {
    this.#head = known.head
    this.#window = known.window
    this.#end = known.end
  }

  /** The last bytes read, at most WINDOW_BYTES. */
  get window(): Buffer {
    return this.#window
  }

  /** Takes the bytes read next. */
  push(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#known = undefined
    this.#end += bytes.length
    if (this.#head.length < HEAD_BYTES) {
      this.#head = Buffer.concat([this.#head, bytes.subarray(0, HEAD_BYTES - this.#head.length)])
    }
    // Copied: a view would hold the whole chunk in memory.
    this.#window =
      bytes.length >= WINDOW_BYTES
        ? Buffer.from(bytes.subarray(bytes.length - WINDOW_BYTES))
        : Buffer.concat([this.#window, bytes]).subarray(-WINDOW_BYTES)
  }

  fingerprint(): Fingerprint {
    this.#known ??= {
      headLength: this.#head.length,
      headHash: hashOf(this.#head),
      end: this.#end,
      windowLength: this.#window.length,
      windowHash: hashOf(this.#window),
    }
    return this.#known
  }
}

const NOTHING = { end: 0, head: Buffer.alloc(0), window: Buffer.alloc(0) }

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32)
}

/** Reads bytes of some content; fewer than asked for at its end. */
export type ReadContent = (position: number, length: number) => Promise<Buffer>

/** Whether content begins with what the fingerprint was taken of; false when it is other content, or shorter. */
export async function hasFingerprint(fingerprint: Fingerprint, read: ReadContent): Promise<boolean> {
  return (await hasHead(fingerprint, read)) && (await hasWindow(fingerprint, read))
}

export async function hasHead(fingerprint: Fingerprint, read: ReadContent): Promise<boolean> {
  const head = await read(0, fingerprint.headLength)
  return head.length === fingerprint.headLength && hashOf(head) === fingerprint.headHash
}

async function hasWindow(fingerprint: Fingerprint, read: ReadContent): Promise<boolean> {
  const { position, length } = windowOf(fingerprint)
  const window = await read(position, length)
  return window.length === length && hashOf(window) === fingerprint.windowHash
}

/** Where the window of a fingerprint lies. */
export function windowOf(fingerprint: Fingerprint): { position: number; length: number } {
  return { position: fingerprint.end - fingerprint.windowLength, length: fingerprint.windowLength }
}
