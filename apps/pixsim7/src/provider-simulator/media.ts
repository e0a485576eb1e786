/**
 * The files the simulated provider serves: they depend on the video's number only, so that a restarted simulator still
 * serves the same bytes, and nothing has to be kept.
 */
import { createCipheriv, createHash, createHmac } from 'node:crypto'
import { Readable } from 'node:stream'
import { deflateSync } from 'node:zlib'

const CHUNK_BYTES = 16 * 1024
const MIN_VIDEO_BYTES = 120_000
const MAX_EXTRA_BYTES = 480_000

/** Size of the video file with this number: from 120 to 600 kB. */
export function videoBytes(videoId: number): number {
  return MIN_VIDEO_BYTES + (digestOf(videoId).readUInt32LE(0) % MAX_EXTRA_BYTES)
}

/** The video file with this number in chunks: a `ftyp` box, then one `mdat` box of noise. */
export function streamVideo(videoId: number): Readable {
  return Readable.from(videoChunks(videoId), { objectMode: false })
}

function* videoChunks(videoId: number): Generator<Buffer> {
  const header = Buffer.alloc(32)
  const totalBytes = videoBytes(videoId)
  header.writeUInt32BE(24, 0)
  header.write('ftypisom\0\0\x02\0isommp42', 4, 'latin1')
  header.writeUInt32BE(totalBytes - 24, 24)
  header.write('mdat', 28, 'latin1')
  yield header
  const noise = createCipheriv('aes-128-ctr', digestOf(videoId).subarray(0, 16), Buffer.alloc(16))
  for (let left = totalBytes - header.length; left > 0; left -= CHUNK_BYTES) {
    yield noise.update(Buffer.alloc(Math.min(left, CHUNK_BYTES)))
  }
}

/** A still of the video: a PNG of 16 by 9 pixels in one colour of its own. */
export function thumbnailPng(videoId: number): Buffer {
  const [red = 0, green = 0, blue = 0] = digestOf(videoId)
  const row = Buffer.concat([Buffer.of(0), ...Array.from({ length: 16 }, () => Buffer.of(red, green, blue))])
  const header = Buffer.alloc(13)
  header.writeUInt32BE(16, 0)
  header.writeUInt32BE(9, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.concat(Array.from({ length: 9 }, () => row)))),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(data.length, 0)
  body.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(body), body.length + 4)
  return chunk
}

// zlib.crc32 came with Node 22.
function crc32(bytes: Buffer): number {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1))
  }
  return ~crc >>> 0
}

/** The `Expires` and `Signature` a media address needs, as real providers sign theirs. */
export function signMedia(seed: string, path: string, expiresSec: number): string {
  const signature = createHmac('sha256', seed).update(`${path}:${expiresSec}`).digest('hex')
  return `Expires=${expiresSec}&Signature=${signature}`
}

function digestOf(videoId: number): Buffer {
  return createHash('sha256').update(`video ${videoId}`).digest()
}
