/**
 * A provider that keeps nothing to itself: a real HTTP server with Pixverse's contract whose refusals, answers and addresses
 * hold secrets, the key it was asked with among them. The prompt says how it behaves.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface TalkativeProvider {
  /** For PIXVERSE_BASE_URL. */
  readonly baseUrl: string
  /** Everything it was told, so that a test can see that secrets did reach it. */
  readonly heard: readonly string[]
  close(): Promise<void>
}

/** What it says, by the word in square brackets that a prompt begins with: `[broken]`, `[refuse 2]`. */
export interface Sayings {
  /** Messages of the refusal with code 400017; the prompt says which one. */
  readonly refuse: readonly string[]
  /** Message of the refusal with code 10005: the key is told to be wrong, and repeated. */
  readonly unauthorized: string
  /** Body of an answer with HTTP status 500. */
  readonly broken: string
  /** An answer with status 200 that is no JSON. */
  readonly garbage: string
  /** Message with a code nobody knows. */
  readonly unknown: string
  /** The status of a generation, which nobody understands. */
  readonly status: string
  /** User information and query of the address of the finished video: `user:password`, `token=…`. */
  readonly userInfo: string
  readonly query: string
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

export async function startTalkativeProvider(sayings: Sayings): Promise<TalkativeProvider> {
  const heard: string[] = []
  const words: string[] = []
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`

  const send = (response: ServerResponse, code: number, message: string, resp: object = {}) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ ErrCode: code, ErrMsg: message, Resp: resp }))
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? ''
    const key = String(request.headers['api-key'])
    const body = await readText(request)
    heard.push(`${url} ${JSON.stringify(request.headers)} ${body}`)
    if (url.endsWith('/account/balance')) return send(response, 0, 'Success', { credit_package: 90 })
    if (url.endsWith('/upload')) return send(response, 0, 'Success', { img_id: 5, media_id: 5 })
    if (url.includes('/file/')) {
      response.writeHead(404, { 'set-cookie': 'session=of-the-provider' })
      return void response.end(sayings.broken)
    }
    const videoId = /\/video\/result\/(\d+)$/.exec(url)?.[1]
    if (videoId !== undefined) return result(response, videoId)
    const [, word = 'ok', number] = /"prompt":"\[(\w+) ?(\d*)\]/.exec(body) ?? []
    switch (word) {
      case 'refuse':
        return send(response, 400017, sayings.refuse[Number(number)] ?? 'nothing')
      case 'unauthorized':
        return send(response, 10005, `the key ${key} is wrong; ${sayings.unauthorized}`)
      case 'unknown':
        return send(response, 999, sayings.unknown)
      case 'broken':
        response.writeHead(500, { 'www-authenticate': sayings.userInfo })
        return void response.end(sayings.broken)
      case 'garbage':
        return void response.end(sayings.garbage)
      default:
        return send(response, 0, 'Success', { video_id: words.push(word) })
    }
  }

  function result(response: ServerResponse, videoId: string): void {
    const word = words[Number(videoId) - 1]
    if (word === 'status') return send(response, 0, 'Success', { status: sayings.status })
    // A fetch refuses addresses with user information, in words that repeat the address.
    const userInfo = word === 'address' ? `${sayings.userInfo}@` : ''
    const address = `http://${userInfo}${host}/file/${videoId}.mp4?${sayings.query}`
    send(response, 0, 'Success', { status: 1, url: address, outputWidth: 1, outputHeight: 1 })
  }

  return {
    baseUrl: `http://${host}/openapi/v2`,
    heard,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
