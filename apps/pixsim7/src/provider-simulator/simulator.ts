/**
 * A provider of generated videos that exists only on this machine: a real HTTP server that speaks the Pixverse contract,
 * with its delays, its refusals, its broken answers and its files. It keeps everything in memory and logs nothing: it
 * plays somebody else's machine.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerError, answerSuccess, answerWrongly, sendJson } from './answers.ts'
import { GenerateDesk } from './generate-desk.ts'
import { isOperation } from './generate-request.ts'
import { Generations } from './generations.ts'
import { MediaDesk } from './media-desk.ts'
import { pauseFor } from './pause.ts'
import { Purses } from './purse.ts'
import { logNormal, seededRandom } from './random.ts'
import { answerResult } from './result.ts'
import type { SimulatorSettings } from './settings.ts'
import { answerUpload } from './upload.ts'

/** Where the API begins, below the address of the server. */
export const API_PATH = '/openapi/v2'

/** A running simulator; whoever started it closes it. */
export interface ProviderSimulator {
  /** `http://127.0.0.1:8090`, without a slash at the end. */
  readonly origin: string
  /** What `PIXVERSE_BASE_URL` is set to. */
  readonly baseUrl: string
  readonly purses: Purses
  readonly generations: Generations
  /** Stops at once: open connections are cut. */
  close(): Promise<void>
}

/**
 * Starts a simulator.
 *
 * @param now milliseconds since 1970; decides how far generations are, and is for tests
 * @throws what listening throws, `EADDRINUSE` among it
 */
export async function startSimulator(
  settings: SimulatorSettings,
  now: () => number = Date.now,
): Promise<ProviderSimulator> {
  const purses = new Purses(settings, now)
  const generations = new Generations(now)
  const server = createServer()
  await listen(server, settings)
  const origin = `http://${settings.host}:${(server.address() as AddressInfo).port}`
  const media = new MediaDesk({ seed: settings.seed, origin, now, find: (id) => generations.find(id) })
  const generate = new GenerateDesk({ settings, now, purses, generations })
  let requests = 0

  const serveApi = async (
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ): Promise<void> => {
    const random = seededRandom(`${settings.seed} answer ${requests++}`)
    const pause = () =>
      settings.answerMs > 0 ? pauseFor(logNormal(random, settings.answerMs, 0.5)) : Promise.resolve()
    const key = headerOf(request, 'api-key')
    if (!purses.isKnown(key)) return answerError(response, 'invalidKey')
    const traceId = headerOf(request, 'ai-trace-id')
    if (traceId === undefined || traceId === '') return answerError(response, 'badParameter', 'Ai-trace-id')
    const operation = /^\/video\/(\w+)\/generate$/.exec(path)?.[1]
    const videoId = /^\/video\/result\/([^/]+)$/.exec(path)?.[1]
    if (request.method === 'POST' && operation !== undefined && isOperation(operation)) {
      return generate.answer(request, response, { operation, key, traceId, pause })
    }
    await pause()
    if (request.method === 'POST' && (path === '/image/upload' || path === '/media/upload')) {
      return answerUpload(request, response, path)
    }
    if (request.method === 'GET' && videoId !== undefined) {
      return answerResult(response, { videoId, key, generations, purses, media })
    }
    if (request.method === 'GET' && path === '/account/balance') {
      return answerSuccess(response, {
        account_id: 1,
        credit_monthly: 0,
        credit_package: purses.credits(key),
      })
    }
    sendJson(response, 404, { error: 'no such route' })
  }

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!URL.canParse(request.url ?? '/', origin)) return sendJson(response, 400, { error: 'bad address' })
    const { pathname, searchParams } = new URL(request.url ?? '/', origin)
    const answered = pathname.startsWith(`${API_PATH}/`)
      ? serveApi(request, response, pathname.slice(API_PATH.length))
      : media.answer(request, response, pathname, searchParams)
    // A mistake of the simulator itself must not end it: it looks like the provider's own error 500.
    answered.catch(() => (response.headersSent ? response.destroy() : answerWrongly(response, 'http-500')))
  })

  return {
    origin,
    baseUrl: `${origin}${API_PATH}`,
    purses,
    generations,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server, settings: SimulatorSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(settings.port, settings.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}
