import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { drawOutcome, DEFAULT_SHARES, findTrigger } from './outcomes.ts'
import { logNormal, seededRandom } from './random.ts'
import { defaultSimulatorSettings, readSimulatorSettings, type SimulatorSettings } from './settings.ts'
import { startSimulator, type ProviderSimulator } from './simulator.ts'

/** A simulator that answers at once, whose clock stands still until `clock.ms` is moved. */
const clock = { ms: Date.parse('2026-01-01T00:00:00Z') }
const open: ProviderSimulator[] = []

async function start(settings: Partial<SimulatorSettings> = {}): Promise<ProviderSimulator> {
  const simulator = await startSimulator(
    {
      ...defaultSimulatorSettings(),
      port: 0,
      answerMs: 0,
      shares: {},
      poorShare: 0,
      firstVideoId: 700_000_000_000,
      ...settings,
    },
    () => clock.ms,
  )
  open.push(simulator)
  return simulator
}

afterEach(async () => {
  for (const simulator of open.splice(0)) await simulator.close()
})

interface Answer {
  readonly ErrCode: number
  readonly ErrMsg: string
  readonly Resp: Readonly<Record<string, never>>
}

let traces = 0

function post(
  simulator: ProviderSimulator,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
) {
  return fetch(`${simulator.baseUrl}/${path}`, {
    method: 'POST',
    headers: {
      'api-key': 'key-1',
      'ai-trace-id': `trace-${traces++}`,
      'content-type': 'application/json',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

function text(prompt: string): Record<string, unknown> {
  return { prompt, model: 'v5', duration: 5, quality: '360p', aspect_ratio: '16:9' }
}

async function submit(
  simulator: ProviderSimulator,
  prompt: string,
  headers?: Record<string, string>,
): Promise<Answer> {
  return (await (await post(simulator, 'video/text/generate', text(prompt), headers)).json()) as Answer
}

async function result(simulator: ProviderSimulator, videoId: number, key = 'key-1') {
  const response = await fetch(`${simulator.baseUrl}/video/result/${videoId}`, {
    headers: { 'api-key': key, 'ai-trace-id': `trace-${traces++}` },
  })
  return (await response.json()) as {
    ErrCode: number
    Resp: { status: number; url: string; first_frame: string }
  }
}

async function accepted(simulator: ProviderSimulator, prompt: string): Promise<number> {
  const answer = await submit(simulator, prompt)
  expect(answer.ErrCode, answer.ErrMsg).toBe(0)
  return Number(answer.Resp['video_id'])
}

describe('the provider simulator', () => {
  it('takes a generation, runs it for its time, then serves the video and its still at signed addresses', async () => {
    const simulator = await start()
    const videoId = await accepted(simulator, 'a fox [sim:ok]')
    expect((await result(simulator, videoId)).Resp.status).toBe(9)
    clock.ms += 4_000
    expect((await result(simulator, videoId)).Resp.status).toBe(5)
    clock.ms += 2_000
    const done = await result(simulator, videoId)
    expect(done.Resp).toMatchObject({ status: 1, outputWidth: 640, outputHeight: 360 })

    const video = await fetch(done.Resp.url)
    const bytes = Buffer.from(await video.arrayBuffer())
    expect(video.headers.get('content-length')).toBe(String(bytes.length))
    expect(bytes.length).toBeGreaterThan(100_000)
    expect(bytes.subarray(4, 12).toString('latin1')).toBe('ftypisom')
    expect(bytes.readUInt32BE(24)).toBe(bytes.length - 24)
    const again = Buffer.from(await (await fetch(done.Resp.url)).arrayBuffer())
    const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')
    expect(sha256(again)).toBe(sha256(bytes))

    const still = Buffer.from(await (await fetch(done.Resp.first_frame)).arrayBuffer())
    expect(still.subarray(1, 4).toString('latin1')).toBe('PNG')
    expect((await fetch(done.Resp.url.replace(/Signature=./, 'Signature=x'))).status).toBe(403)
  })

  it.each([
    ['no key', { 'api-key': '' }, 10005],
    ['a refused key', { 'api-key': 'invalid-7' }, 10005],
    ['no trace id', { 'ai-trace-id': '' }, 400017],
  ])('refuses %s inside HTTP 200', async (_name, headers, code) => {
    const response = await post(await start(), 'video/text/generate', text('x'), headers)
    expect(response.status).toBe(200)
    expect(((await response.json()) as Answer).ErrCode).toBe(code)
  })

  it.each([
    ['text', {}, 0],
    ['text', { prompt: '' }, 400017],
    ['text', { prompt: 'p'.repeat(2049) }, 400018],
    ['text', { negative_prompt: 'p'.repeat(2049) }, 400019],
    ['text', { duration: 6 }, 400017],
    ['text', { quality: '4k' }, 400017],
    ['text', { aspect_ratio: '2:1' }, 400017],
    ['img', {}, 400017],
    ['img', { img_id: 5 }, 0],
    ['transition', { first_frame_img: 5 }, 400017],
    ['transition', { first_frame_img: 5, last_frame_img: 6 }, 0],
    ['extend', {}, 400017],
    ['extend', { source_video_id: 5 }, 0],
    ['fusion', { image_references: [] }, 400017],
    ['fusion', { image_references: [{ type: 'subject', img_id: 5, ref_name: 'a' }] }, 0],
  ])('answers video/%s/generate with %j by code %i', async (operation, change, code) => {
    const response = await post(await start(), `video/${operation}/generate`, { ...text('x'), ...change })
    expect(((await response.json()) as Answer).ErrCode).toBe(code)
  })

  it('answers the same trace id with the same video and bills it once', async () => {
    const simulator = await start({ credits: 10 })
    const first = await submit(simulator, 'x', { 'ai-trace-id': 'same' })
    const second = await submit(simulator, 'x', { 'ai-trace-id': 'same' })
    expect(second.Resp).toEqual(first.Resp)
    expect(simulator.generations.list()).toHaveLength(1)
    expect(simulator.purses.credits('key-1')).toBe(9)
  })

  it('limits what one key runs at once, and not the others', async () => {
    const simulator = await start({ slots: 2 })
    await accepted(simulator, 'one')
    await accepted(simulator, 'two')
    expect((await submit(simulator, 'three')).ErrCode).toBe(500044)
    expect((await submit(simulator, 'three', { 'api-key': 'key-2' })).ErrCode).toBe(0)
    clock.ms += 3_600_000
    expect((await submit(simulator, 'three')).ErrCode).toBe(0)
  })

  it('bills credits, gives back what failed, and regains them by the hour', async () => {
    const simulator = await start({ credits: 2, creditsPerHour: 1 })
    const failing = await accepted(simulator, '[sim:fail]')
    await accepted(simulator, '[sim:ok]')
    expect((await submit(simulator, 'x')).ErrCode).toBe(500090)
    clock.ms += 20_000
    expect((await result(simulator, failing)).Resp.status).toBe(8)
    await result(simulator, failing)
    const balance = await fetch(`${simulator.baseUrl}/account/balance`, {
      headers: { 'api-key': 'key-1', 'ai-trace-id': 'b' },
    })
    expect(((await balance.json()) as Answer).Resp).toMatchObject({ credit_package: 1 })
    clock.ms += 3_600_000
    expect(simulator.purses.credits('key-1')).toBe(2)
  })

  it('has poor customers among its keys, the same ones each time', async () => {
    const credits = async () => {
      const { purses } = await start({ credits: 200, poorShare: 0.15 })
      return Array.from({ length: 200 }, (_, n) => purses.credits(`key-${n}`))
    }
    const amounts = await credits()
    expect(new Set(amounts)).toEqual(new Set([200, 10]))
    expect(amounts.filter((amount) => amount === 10).length).toBeGreaterThan(15)
    expect(amounts.filter((amount) => amount === 10).length).toBeLessThan(50)
    expect(await credits()).toEqual(amounts)
  })

  it.each([
    ['[sim:busy]', 500069],
    ['[sim:too-many]', 500044],
    ['[sim:no-credits]', 500090],
    ['[sim:moderated]', 500063],
    ['[sim:bad-parameter]', 400017],
    ['[sim:unauthorized]', 10005],
  ])('refuses a prompt with %s by code %i', async (prompt, code) => {
    expect((await submit(await start(), `a cat ${prompt}`)).ErrCode).toBe(code)
  })

  it.each([
    ['[sim:fail]', 8],
    ['[sim:filtered]', 7],
    ['[sim:unknown-status]', 42],
    ['[sim:endless]', 5],
  ])('ends a prompt with %s in status %i', async (prompt, status) => {
    const simulator = await start()
    const videoId = await accepted(simulator, prompt)
    clock.ms += 24 * 3_600_000
    expect((await result(simulator, videoId)).Resp.status).toBe(status)
  })

  it('answers garbage, half an answer, HTTP 500 or nothing at all where the prompt asks for it', async () => {
    const simulator = await start()
    const ask = (prompt: string, init: RequestInit = {}) =>
      fetch(`${simulator.baseUrl}/video/text/generate`, {
        method: 'POST',
        headers: { 'api-key': 'key-1', 'ai-trace-id': `trace-${traces++}` },
        body: JSON.stringify(text(prompt)),
        ...init,
      })
    expect(await (await ask('[sim:garbage]')).text()).toContain('<h1>')
    const cut = await (await ask('[sim:cut]')).text()
    expect(() => JSON.parse(cut)).toThrow()
    expect((await ask('[sim:http-500]')).status).toBe(500)
    await expect(ask('[sim:reset]')).rejects.toThrow()
    await expect(ask('[sim:timeout]', { signal: AbortSignal.timeout(200) })).rejects.toThrow(/timeout/i)
    expect(simulator.generations.list()).toHaveLength(0)
  })

  it('lets a trigger with -once befall the first request with that prompt only', async () => {
    const simulator = await start()
    expect((await submit(simulator, 'a [sim:busy-once]')).ErrCode).toBe(500069)
    expect((await submit(simulator, 'a [sim:busy-once]')).ErrCode).toBe(0)
    expect((await submit(simulator, 'b [sim:busy-once]')).ErrCode).toBe(500069)
  })

  it('accepts a request whose answer is lost, and answers its trace id later', async () => {
    const simulator = await start()
    const lost = { 'ai-trace-id': 'lost' }
    await expect(submit(simulator, '[sim:lost-answer]', lost)).rejects.toThrow()
    expect((await submit(simulator, '[sim:lost-answer]', lost)).Resp['video_id']).toBe(
      simulator.generations.list()[0]?.id,
    )
  })

  it('accepts a request whose answer is slow, and answers its trace id at once', async () => {
    const simulator = await start({ slowGenerationMs: 600_000 })
    const slow = { 'ai-trace-id': 'slow' }
    const waiting = submit(simulator, '[sim:slow-answer]', slow).catch(() => 'cut')
    while (simulator.generations.list().length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect((await submit(simulator, '[sim:slow-answer]', slow)).ErrCode).toBe(0)
    expect(simulator.generations.list()).toHaveLength(1)
    await simulator.close()
    expect(await waiting).toBe('cut')
  })

  it('answers the first question for a result wrongly where the prompt asks for it', async () => {
    const simulator = await start()
    const videoId = await accepted(simulator, '[sim:poll-500]')
    const ask = () =>
      fetch(`${simulator.baseUrl}/video/result/${videoId}`, {
        headers: { 'api-key': 'key-1', 'ai-trace-id': 't' },
      })
    expect((await ask()).status).toBe(500)
    expect((await ask()).status).toBe(200)
  })

  it.each([
    ['[sim:download-404]', async (url: string) => expect((await fetch(url)).status).toBe(404)],
    ['[sim:download-cut]', async (url: string) => expect((await fetch(url)).arrayBuffer()).rejects.toThrow()],
    [
      '[sim:redirect]',
      async (url: string) => {
        expect((await fetch(url, { redirect: 'manual' })).status).toBe(302)
        expect((await (await fetch(url)).arrayBuffer()).byteLength).toBeGreaterThan(100_000)
      },
    ],
  ])('serves the file of a prompt with %s as it says', async (prompt, check) => {
    const simulator = await start()
    const videoId = await accepted(simulator, prompt)
    clock.ms += 20_000
    await check((await result(simulator, videoId)).Resp.url)
  })

  it('does not show one key the videos of another', async () => {
    const simulator = await start()
    const videoId = await accepted(simulator, 'x')
    expect((await result(simulator, videoId, 'key-2')).ErrCode).toBe(400017)
    expect((await result(simulator, 123_456)).ErrCode).toBe(400017)
  })

  it('numbers uploads by their content, files and addresses alike', async () => {
    const simulator = await start()
    const upload = async (form: FormData) => {
      const response = await fetch(`${simulator.baseUrl}/image/upload`, {
        method: 'POST',
        headers: { 'api-key': 'key-1', 'ai-trace-id': 'u' },
        body: form,
      })
      return (await response.json()) as Answer
    }
    const file = new FormData()
    file.set('image', new Blob(['picture']), 'a.png')
    const url = new FormData()
    url.set('image_url', 'https://example.com/a.png')
    const [a, b, c] = [await upload(file), await upload(url), await upload(new FormData())]
    expect(a.Resp['img_id']).toBeTypeOf('number')
    expect(b.Resp['img_id']).not.toBe(a.Resp['img_id'])
    expect(c.ErrCode).toBe(400017)
  })

  it('survives what is no request of ours', async () => {
    const simulator = await start()
    expect(((await (await post(simulator, 'video/text/generate', '[')).json()) as Answer).ErrCode).toBe(
      400017,
    )
    expect(
      ((await (await post(simulator, 'video/text/generate', ' '.repeat(2 ** 21))).json()) as Answer).ErrCode,
    ).toBe(400017)
    expect((await fetch(`${simulator.origin}/media/1.mp4`)).status).toBe(403)
    expect((await fetch(`${simulator.origin}/etc/passwd`)).status).toBe(404)
    expect((await submit(simulator, 'x')).ErrCode).toBe(0)
  })
})

describe('chance', () => {
  it('gives the same outcomes for the same seed and about the shares it was given', () => {
    const draw = (seed: string) =>
      Array.from({ length: 4000 }, (_, number) =>
        drawOutcome(seededRandom(`${seed} ${number}`), DEFAULT_SHARES),
      )
    expect(draw('a')).toEqual(draw('a'))
    expect(draw('a')).not.toEqual(draw('b'))
    const count = (outcome: string) => draw('a').filter((drawn) => drawn === outcome).length / 4000
    expect(count('fail')).toBeGreaterThan(0.05)
    expect(count('fail')).toBeLessThan(0.09)
    expect(count('ok')).toBeGreaterThan(0.75)
  })

  it('spreads times log-normally around their median', () => {
    const random = seededRandom('times')
    const times = Array.from({ length: 4000 }, () => logNormal(random, 10, 0.4)).sort((a, b) => a - b)
    expect(times[2000]).toBeGreaterThan(9)
    expect(times[2000]).toBeLessThan(11)
    expect(times[3960]).toBeGreaterThan(20)
    expect(times[3960]).toBeLessThan(32)
  })

  it('finds the trigger word of a prompt', () => {
    expect(findTrigger('a [sim:fail] b')).toEqual({ outcome: 'fail', isOnce: false })
    expect(findTrigger('a [sim:http-500-once] b')).toEqual({ outcome: 'http-500', isOnce: true })
    expect(findTrigger('a [sim:nonsense] b')).toBeUndefined()
  })
})

describe('the settings', () => {
  it('come from the environment', () => {
    const settings = readSimulatorSettings({ PROVIDER_PORT: '0', PROVIDER_SHARES: 'fail=0.5, busy=0.1' })
    expect(settings).toMatchObject({ port: 0, host: '127.0.0.1', shares: { fail: 0.5, busy: 0.1 } })
    expect(readSimulatorSettings({ PROVIDER_SHARES: 'none' }).shares).toEqual({})
  })

  it('report all mistakes at once', () => {
    const read = () =>
      readSimulatorSettings({
        PROVIDER_PORT: 'x',
        PROVIDER_SLOTS: '-1',
        PROVIDER_SHARES: 'fail=0.9,busy=0.9,odd=1',
      })
    expect(read).toThrow(/PROVIDER_PORT="x"[\s\S]*PROVIDER_SLOTS="-1"[\s\S]*PROVIDER_SHARES="fail=0\.9/)
    expect(() => readSimulatorSettings({ PROVIDER_SHARES: 'fail=0.9,busy=0.9' })).toThrow(
      'add up to at most 1',
    )
  })
})
