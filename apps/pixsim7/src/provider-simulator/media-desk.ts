/** Serves the finished videos and their stills at signed addresses. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { sendJson } from './answers.ts'
import type { Generation } from './generations.ts'
import { signMedia, streamVideo, thumbnailPng, videoBytes } from './media.ts'

const SIGNATURE_LIFE_SEC = 7 * 24 * 3600

export class MediaDesk {
  readonly #seed: string
  readonly #origin: string
  readonly #now: () => number
  readonly #find: (id: number) => Generation | undefined

  constructor(parts: {
    readonly seed: string
    readonly origin: string
    readonly now: () => number
    readonly find: (id: number) => Generation | undefined
  }) {
    this.#seed = parts.seed
    this.#origin = parts.origin
    this.#now = parts.now
    this.#find = parts.find
  }

  videoUrl(videoId: number): string {
    const folder = this.#find(videoId)?.outcome === 'redirect' ? 'moved' : 'media'
    return this.#sign(`/${folder}/${videoId}.mp4`)
  }

  thumbnailUrl(videoId: number): string {
    return this.#sign(`/media/${videoId}.png`)
  }

  /** Answers a request for a file; 403 without a valid signature, 404 for what does not exist. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: URLSearchParams,
  ): Promise<void> {
    const match = /^\/(media|moved)\/(\d{1,15})\.(mp4|png)$/.exec(path)
    if (request.method !== 'GET' || match === null) return sendJson(response, 404, { error: 'no such route' })
    const expiresSec = Number(query.get('Expires'))
    if (query.toString() !== signMedia(this.#seed, path, expiresSec) || expiresSec * 1000 < this.#now()) {
      return sendJson(response, 403, { error: 'the signature is wrong or has expired' })
    }
    const videoId = Number(match[2])
    const outcome = this.#find(videoId)?.outcome
    if (match[1] === 'moved') {
      response.writeHead(302, { location: this.#sign(`/media/${videoId}.mp4`) })
      response.end()
    } else if (match[3] === 'png') {
      await send(response, 'image/png', thumbnailPng(videoId))
    } else if (outcome === 'download-404') {
      sendJson(response, 404, { error: 'no such file' })
    } else if (outcome === 'download-cut') {
      response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': videoBytes(videoId) })
      response.write(Buffer.alloc(Math.floor(videoBytes(videoId) / 2)), () => response.socket?.destroy())
    } else {
      response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': videoBytes(videoId) })
      await sendStream(response, streamVideo(videoId))
    }
  }

  #sign(path: string): string {
    const expiresSec = Math.floor(this.#now() / 1000) + SIGNATURE_LIFE_SEC
    return `${this.#origin}${path}?${signMedia(this.#seed, path, expiresSec)}`
  }
}

async function send(response: ServerResponse, type: string, body: Buffer): Promise<void> {
  response.writeHead(200, { 'content-type': type, 'content-length': body.length })
  await sendStream(response, Readable.from([body]))
}

async function sendStream(response: ServerResponse, stream: Readable): Promise<void> {
  try {
    await pipeline(stream, response)
  } catch {
    // The reader went away in the middle; whoever downloads finds out by the length.
  }
}
