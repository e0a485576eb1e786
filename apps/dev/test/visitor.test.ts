import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Crowd } from '../src/visitor/crowd.ts'
import { createOrder } from '../src/visitor/job-order.ts'
import { choosePrompt } from '../src/visitor/prompts.ts'
import { Random } from '../src/visitor/random.ts'
import { until } from './launcher-harness.ts'

const PROGRAM = path.join(import.meta.dirname, '../dist/visitor/main.js')

interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly authorization: string | undefined
  readonly body: Record<string, unknown>
  readonly atMs: number
}

/** An HTTP server that plays the backend's part in a conversation: it notes each request, and answers as the test wants. */
class Counterpart {
  readonly seen: SeenRequest[] = []
  answer: 'well' | 'unavailable' | 'never' = 'well'
  readonly #server: Server
  #ids = 0

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  count(method: string, url: RegExp): number {
    return this.seen.filter((request) => request.method === method && url.test(request.url)).length
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const part of request.setEncoding('utf8')) text += String(part)
    const { method = '', url = '', headers } = request
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
    this.seen.push({ method, url, authorization: headers.authorization, body, atMs: performance.now() })
    if (this.answer === 'never') return
    if (this.answer === 'unavailable') return void response.writeHead(503).end()
    const isMade = method === 'POST' && /\/(register|accounts|jobs)$/.test(url)
    const status = method === 'DELETE' || url.endsWith('/logout') ? 204 : isMade ? 201 : 200
    const assets = Array.from({ length: 8 }, () => ({ id: ++this.#ids }))
    const answer = { access_token: `token-${++this.#ids}`, id: this.#ids, status: 'processing', assets }
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(status === 204 ? undefined : JSON.stringify(answer))
  }
}

const counterparts: Counterpart[] = []
const programs: ChildProcess[] = []
const endings: AbortController[] = []

async function openCounterpart(): Promise<{ backend: Counterpart; origin: string }> {
  const backend = new Counterpart()
  counterparts.push(backend)
  return { backend, origin: await backend.open() }
}

function startProgram(
  origin: string,
  through: readonly string[] = [],
): { child: ChildProcess; exited: Promise<number | null> } {
  const [command = '', ...args] = [...through, process.execPath, PROGRAM, origin]
  const child = spawn(command, args, { stdio: 'ignore', env: { ...process.env, VISITOR_SEED: 'same' } })
  programs.push(child)
  return { child, exited: new Promise((resolve) => child.once('exit', resolve)) }
}

/** Visitors in this process, a hundred times as busy as the real ones. */
function startCrowd(origin: string): { end: () => Promise<void> } {
  const ending = new AbortController()
  endings.push(ending)
  const crowd = new Crowd({
    origin,
    seed: 'seed',
    runName: 'test',
    visitors: 4,
    meanPauseMs: 5,
    stayMs: 60_000,
    signal: ending.signal,
  })
  const running = crowd.run()
  return {
    end: () => {
      ending.abort()
      return running
    },
  }
}

afterEach(async () => {
  for (const ending of endings.splice(0)) ending.abort()
  for (const child of programs.splice(0)) child.kill('SIGKILL')
  await Promise.all(counterparts.splice(0).map((backend) => backend.close()))
})

describe('visitors', () => {
  it('do everything that users do, well and badly', async () => {
    const { backend, origin } = await openCounterpart()
    const crowd = startCrowd(origin)
    const habits: [string, () => boolean][] = [
      ['register', () => backend.count('POST', /\/auth\/register$/) >= 4],
      ['log in', () => backend.count('POST', /\/auth\/login$/) > 1],
      ['log out', () => backend.count('POST', /\/auth\/logout$/) > 0],
      ['look at themselves', () => backend.count('GET', /\/users\/me$/) > 0],
      ['list jobs', () => backend.count('GET', /\/jobs\?/) > 0],
      ['look after a job', () => backend.count('GET', /\/jobs\/\d+$/) > 0],
      ['ask for a job nobody has', () => backend.count('GET', /\/jobs\/999999999$/) > 0],
      ['browse assets', () => backend.count('GET', /\/assets\?/) > 0],
      ['add accounts and credits', () => backend.count('POST', /\/accounts\/\d+\/credits$/) > 0],
      ['delete assets', () => backend.count('DELETE', /\/assets\/\d+$/) > 0],
      ['download again', () => backend.count('POST', /\/assets\/\d+\/sync$/) > 0],
      ['order jobs', () => backend.count('POST', /\/jobs$/) > 12],
      ['order wrongly', () => backend.seen.some(({ body }) => body['operation_type'] === 'text_to_opera')],
      ['cancel', () => backend.count('DELETE', /\/jobs\/\d+$/) > 0],
      [
        'use a key the provider refuses',
        () => backend.seen.some(({ body }) => String(body['api_key']).startsWith('invalid-')),
      ],
    ]
    for (const [what, isSeen] of habits) await until(`they ${what}`, isSeen)
    await crowd.end()
  })

  it('hit the limits of logins and of orders now and then', async () => {
    const { backend, origin } = await openCounterpart()
    const crowd = startCrowd(origin)
    const inARow = (url: RegExp, most: number) => {
      let run = 0
      const byToken = backend.seen.filter(({ method }) => method === 'POST')
      return byToken.some((request, index) => {
        const former = byToken[index - 1]
        run = url.test(request.url) && former !== undefined && url.test(former.url) ? run + 1 : 0
        return run >= most
      })
    }
    await until('there are too many logins', () => inARow(/\/auth\/login$/, 5))
    await until('there are too many orders', () => inARow(/\/jobs$/, 8))
    await crowd.end()
  })

  it('ask ever more rarely while the backend is away, and come back with it', async () => {
    const { backend, origin } = await openCounterpart()
    backend.answer = 'unavailable'
    const crowd = startCrowd(origin)
    await until('each has asked four times', () => backend.seen.length >= 16)
    const times = backend.seen.map(({ atMs }) => atMs)
    // Pauses of 0.5, 1 and 2 s lie between four questions of one visitor; all four visitors begin within half a second.
    expect((times[15] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(3000)
    backend.answer = 'well'
    await until('they register', () => backend.count('POST', /\/accounts$/) > 0)
    await crowd.end()
  })

  it('end at once on SIGTERM, although the backend never answers', async () => {
    const { backend, origin } = await openCounterpart()
    backend.answer = 'never'
    const { child, exited } = startProgram(origin)
    await until('one asks', () => backend.seen.length > 0)
    const askedAt = performance.now()
    child.kill('SIGTERM')
    expect(await exited).toBe(0)
    // One second is wanted; their requests would wait for fifteen.
    expect(performance.now() - askedAt).toBeLessThan(5000)
  })

  it('end when the launcher has gone', async () => {
    const { backend, origin } = await openCounterpart()
    const { child } = startProgram(origin, ['/bin/sh', '-c', '"$@"; true', 'sh'])
    await until('they have come', () => backend.count('POST', /\/jobs$/) > 0)
    child.kill('SIGKILL')
    let seen = -1
    let quietSince = performance.now()
    await until('it is quiet', () => {
      if (backend.seen.length !== seen) quietSince = performance.now()
      seen = backend.seen.length
      return performance.now() - quietSince > 8000
    })
  })

  it('have other names, passwords and keys each time, and never put them into an address', async () => {
    const secrets: string[][] = []
    for (let round = 0; round < 2; round++) {
      const { backend, origin } = await openCounterpart()
      const { child, exited } = startProgram(origin)
      await until('they have accounts', () => backend.count('POST', /\/accounts$/) >= 4)
      child.kill('SIGTERM')
      await exited
      const found = backend.seen.flatMap(({ body }) => [body['password'], body['api_key'], body['username']])
      const texts = [...new Set(found.filter((text) => typeof text === 'string'))]
      for (const { url } of backend.seen) for (const text of texts) expect(url).not.toContain(text)
      secrets.push(texts)
    }
    expect(secrets[0]?.length).toBeGreaterThanOrEqual(8)
    expect(secrets[0]?.filter((text) => secrets[1]?.includes(text))).toEqual([])
  })
})

describe('orders', () => {
  const orders = (seed: string) => {
    const random = new Random(seed)
    return Array.from({ length: 200 }, (_, index) => createOrder(random, index + 1))
  }

  it('are the same for the same seed, and others for another', () => {
    expect(orders('a')).toEqual(orders('a'))
    expect(orders('a')).not.toEqual(orders('b'))
  })

  it('have the shares of operations that a real installation sees', () => {
    const random = new Random('shares')
    const counts = new Map<string, number>()
    for (let index = 0; index < 20_000; index++) {
      const { operation_type: name } = createOrder(random, index) as { operation_type: string }
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    const expected = {
      text_to_video: 45,
      image_to_video: 38,
      video_extend: 9,
      video_transition: 5,
      fusion: 3,
    }
    for (const [name, percent] of Object.entries(expected)) {
      expect(Math.abs((counts.get(name) ?? 0) / 200 - percent), name).toBeLessThan(1.5)
    }
  })

  it('use only words for mishaps that the simulator knows, a few of them among the first', () => {
    const random = new Random('words')
    const words = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => choosePrompt(random, from + index)).flatMap(
        (prompt) => /\[sim:([a-z0-9-]+?)(?:-once)?\]/.exec(prompt)?.[1] ?? [],
      )
    expect(words(1, 15).length).toBeGreaterThanOrEqual(5)
    const later = words(100, 20_100)
    expect(later.length / 20_000).toBeGreaterThan(0.04)
    expect(later.length / 20_000).toBeLessThan(0.06)
    // The simulator is another workspace, which nothing here may import; its list is read as text.
    const known = readFileSync(
      path.join(import.meta.dirname, '../../pixsim7/src/provider-simulator/outcomes.ts'),
      'utf8',
    )
    for (const word of new Set([...later, ...words(1, 15)])) expect(known).toContain(`  '${word}',`)
  })
})
