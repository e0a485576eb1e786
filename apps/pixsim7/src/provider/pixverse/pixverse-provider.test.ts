import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { defaultSimulatorSettings, type SimulatorSettings } from '../../provider-simulator/settings.ts'
import { startSimulator, type ProviderSimulator } from '../../provider-simulator/simulator.ts'
import type { ProviderCredentials } from '../provider.ts'
import { ProviderError } from '../provider-error.ts'
import { createProviderRegistry } from '../provider-registry.ts'
import { PixverseProvider } from './pixverse-provider.ts'
import { parsePixverseStatus } from './status.ts'

const closing: (() => Promise<void>)[] = []
const clock = { ms: Date.now() }
const ACCOUNT: ProviderCredentials = { accountId: 4, secrets: { api_key: 'key-secret-1' } }

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function connect(
  settings: Partial<SimulatorSettings> = {},
  timeoutMs = 30_000,
): Promise<{ simulator: ProviderSimulator; provider: PixverseProvider }> {
  const simulator = await startSimulator(
    { ...defaultSimulatorSettings(), port: 0, answerMs: 0, shares: {}, poorShare: 0, ...settings },
    () => clock.ms,
  )
  closing.push(() => simulator.close())
  return { simulator, provider: new PixverseProvider({ baseUrl: simulator.baseUrl, timeoutMs }) }
}

/** A provider in front of a server that answers as `listener` says. */
async function connectTo(listener: RequestListener): Promise<PixverseProvider> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  return new PixverseProvider({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    timeoutMs: 30_000,
  })
}

function execute(provider: PixverseProvider, prompt: string, traceId: string = randomUUID()) {
  return provider.execute({
    operation: 'text_to_video',
    credentials: ACCOUNT,
    payload: provider.mapParameters('text_to_video', { prompt }),
    traceId,
  })
}

async function failure(promise: Promise<unknown>): Promise<ProviderError> {
  const outcome = await promise.then(
    (value) => new Error(`resolved with ${JSON.stringify(value)}`),
    (error: unknown) => error,
  )
  expect(outcome).toBeInstanceOf(ProviderError)
  return outcome as ProviderError
}

describe('the Pixverse client', () => {
  it('submits, follows and finishes a generation', async () => {
    const { provider } = await connect()
    const accepted = await execute(provider, 'a fox [sim:ok]')
    expect(accepted).toMatchObject({ status: 'processing', providerVideoId: accepted.providerJobId })
    expect((await provider.checkStatus(ACCOUNT, accepted.providerJobId)).status).toBe('processing')
    clock.ms += 60_000
    const done = await provider.checkStatus(ACCOUNT, accepted.providerJobId)
    expect(done).toMatchObject({ status: 'completed', width: 640, height: 360, errorMessage: null })
    expect(done.videoUrl).toMatch(/\.mp4\?Expires=/)
    expect(done.thumbnailUrl).toMatch(/\.png\?Expires=/)
    expect((await fetch(done.videoUrl ?? '')).status).toBe(200)
  })

  it.each([
    ['[sim:busy]', 'PROVIDER_RATE_LIMIT', true],
    ['[sim:too-many]', 'PROVIDER_RATE_LIMIT', true],
    ['[sim:no-credits]', 'PROVIDER_QUOTA_EXCEEDED', true],
    ['[sim:moderated]', 'PROVIDER_CONTENT_FILTERED', false],
    ['[sim:bad-parameter]', 'PROVIDER_INVALID_REQUEST', false],
    ['[sim:unauthorized]', 'PROVIDER_AUTH_FAILED', true],
    ['[sim:garbage]', 'PROVIDER_BAD_ANSWER', true],
    ['[sim:cut]', 'PROVIDER_BAD_ANSWER', true],
    ['[sim:http-500]', 'PROVIDER_UNAVAILABLE', true],
    ['[sim:reset]', 'PROVIDER_UNAVAILABLE', true],
    ['[sim:lost-answer]', 'PROVIDER_UNAVAILABLE', true],
  ] as const)('turns %s into %s, retryable %s', async (prompt, code, isRetryable) => {
    const { provider } = await connect()
    const error = await failure(execute(provider, prompt))
    expect(error).toMatchObject({ code, isRetryable, providerId: 'pixverse' })
    expect(error.message).not.toContain('key-secret-1')
  })

  it('keeps the cause of a broken connection and of an answer that is no JSON', async () => {
    const { provider } = await connect()
    expect((await failure(execute(provider, '[sim:reset]'))).cause).toBeInstanceOf(TypeError)
    expect((await failure(execute(provider, '[sim:cut]'))).cause).toBeInstanceOf(SyntaxError)
  })

  it('gives up after its time-out', async () => {
    const { provider } = await connect({}, 200)
    const error = await failure(execute(provider, '[sim:timeout]'))
    expect(error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', isAnswerUnknown: true })
    expect(error.message).toContain('200 ms')
  })

  it('gives up when it is told to', async () => {
    const { provider } = await connect()
    const controller = new AbortController()
    const submission = failure(
      provider.execute({
        operation: 'text_to_video',
        credentials: ACCOUNT,
        payload: { ...provider.mapParameters('text_to_video', { prompt: '[sim:timeout]' }) },
        traceId: 'x',
        signal: controller.signal,
      }),
    )
    controller.abort(new Error('the worker stops'))
    expect((await submission).message).toContain('the worker stops')
  })

  it('repeats a request whose answer was lost without a second generation', async () => {
    const { simulator, provider } = await connect()
    const traceId = randomUUID()
    await failure(execute(provider, '[sim:lost-answer]', traceId))
    const accepted = await execute(provider, '[sim:lost-answer]', traceId)
    expect(simulator.generations.list().map((generation) => String(generation.id))).toEqual([
      accepted.providerJobId,
    ])
  })

  it.each([
    ['[sim:fail]', 'failed'],
    ['[sim:filtered]', 'filtered'],
    ['[sim:endless]', 'processing'],
  ])('reports a generation with %s as %s', async (prompt, status) => {
    const { provider } = await connect()
    const { providerJobId } = await execute(provider, prompt)
    clock.ms += 60_000
    expect((await provider.checkStatus(ACCOUNT, providerJobId)).status).toBe(status)
  })

  it('refuses to take an unknown status for processing', async () => {
    const { provider } = await connect()
    const { providerJobId } = await execute(provider, '[sim:unknown-status]')
    clock.ms += 60_000
    const error = await failure(provider.checkStatus(ACCOUNT, providerJobId))
    expect(error).toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
    expect(error.message).toContain('42')
  })

  it.each([
    ['[sim:poll-500]', 'PROVIDER_UNAVAILABLE'],
    ['[sim:poll-garbage]', 'PROVIDER_BAD_ANSWER'],
  ])('survives one wrong answer of a generation with %s', async (prompt, code) => {
    const { provider } = await connect()
    const { providerJobId } = await execute(provider, prompt)
    expect(await failure(provider.checkStatus(ACCOUNT, providerJobId))).toMatchObject({ code })
    clock.ms += 60_000
    expect((await provider.checkStatus(ACCOUNT, providerJobId)).status).toBe('completed')
  })

  it('tells a video that does not exist from a failure', async () => {
    const { provider } = await connect()
    const error = await failure(provider.checkStatus(ACCOUNT, '123'))
    expect(error).toMatchObject({ code: 'PROVIDER_JOB_NOT_FOUND', isRetryable: false })
  })

  it('asks for the credits of an account', async () => {
    const { provider } = await connect({ credits: 7 })
    await execute(provider, 'x')
    expect(await provider.fetchBalance(ACCOUNT)).toEqual({ creditType: 'webapi', amount: 6 })
    const paying = { accountId: 5, secrets: { api_key_paid: 'paid' } }
    expect(await provider.fetchBalance(paying)).toEqual({ creditType: 'openapi', amount: 7 })
  })

  it('cannot cancel', async () => {
    const { provider } = await connect()
    expect(await provider.cancel()).toBe(false)
  })

  it.each([
    ['image_to_video', { image_url: 'https://example.com/a.png' }],
    ['video_extend', { video_url: 'https://example.com/a.mp4' }],
    [
      'video_transition',
      { image_url: 'https://example.com/a.png', last_image_url: 'https://example.com/b.png' },
    ],
    ['fusion', { image_urls: ['https://example.com/a.png', 'https://example.com/b.png'] }],
  ] as const)('uploads the inputs of %s and submits their numbers', async (operation, inputs) => {
    const { provider, simulator } = await connect()
    const payload = provider.mapParameters(operation, { prompt: 'x', ...inputs })
    await provider.execute({ operation, credentials: ACCOUNT, payload, traceId: randomUUID() })
    expect(simulator.generations.list()).toHaveLength(1)
  })

  it('prefers the paid key, and says when there is none', async () => {
    const { provider, simulator } = await connect()
    const request = {
      operation: 'text_to_video',
      payload: provider.mapParameters('text_to_video', { prompt: 'x' }),
    } as const
    const both = { accountId: 1, secrets: { api_key: 'free', api_key_paid: 'paid' } }
    await provider.execute({ ...request, credentials: both, traceId: 'a' })
    expect(simulator.generations.list()[0]?.key).toBe('paid')
    const none = { accountId: 1, secrets: { jwt_token: 'x' } }
    expect(await failure(provider.execute({ ...request, credentials: none, traceId: 'b' }))).toMatchObject({
      code: 'PROVIDER_AUTH_FAILED',
    })
  })

  it.each([
    ['a list', 200, '[]'],
    ['a number', 200, '7'],
    ['no ErrCode', 200, '{"Resp":{"video_id":1}}'],
    ['no Resp', 200, '{"ErrCode":0}'],
    ['no video_id', 200, '{"ErrCode":0,"Resp":{}}'],
    ['a path for a video_id', 200, '{"ErrCode":0,"Resp":{"video_id":"../../account"}}'],
    ['an undocumented ErrCode', 200, '{"ErrCode":31337,"ErrMsg":"?"}'],
    ['an answer without end', 200, ' '.repeat(2 * 1024 * 1024)],
    ['a teapot', 418, ''],
  ])('takes %s for a bad answer', async (_name, status, body) => {
    const provider = await connectTo((_request, response) => response.writeHead(status).end(body))
    expect(await failure(execute(provider, 'x'))).toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
  })

  it('does not follow a redirect, which would carry the key away', async () => {
    const keys: unknown[] = []
    const provider = await connectTo((request, response) => {
      if (request.url?.startsWith('/elsewhere') === true) keys.push(request.headers['api-key'])
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    expect(await failure(execute(provider, 'x'))).toMatchObject({
      code: 'PROVIDER_BAD_ANSWER',
      statusCode: 302,
    })
    expect(keys).toEqual([])
  })

  it.each([
    [401, undefined, 'PROVIDER_AUTH_FAILED', undefined],
    [404, undefined, 'PROVIDER_JOB_NOT_FOUND', undefined],
    [429, '7', 'PROVIDER_RATE_LIMIT', 7000],
    [429, 'soon', 'PROVIDER_RATE_LIMIT', 30_000],
    [503, undefined, 'PROVIDER_UNAVAILABLE', undefined],
  ])('understands HTTP status %i with retry-after %s', async (status, retryAfter, code, retryAfterMs) => {
    const provider = await connectTo((_request, response) => {
      if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter)
      response.writeHead(status).end()
    })
    expect(await failure(execute(provider, 'x'))).toMatchObject({ code, retryAfterMs, statusCode: status })
  })

  it('says that nobody listens', async () => {
    const { provider, simulator } = await connect()
    await simulator.close()
    expect(await failure(execute(provider, 'x'))).toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
  })
})

describe('the parameters', () => {
  const provider = new PixverseProvider({ baseUrl: 'http://127.0.0.1:1', timeoutMs: 1 })

  it('get their defaults, and unknown ones are left out', () => {
    expect(provider.mapParameters('text_to_video', { prompt: 'x', quality: '720p', note: 'mine' })).toEqual({
      prompt: 'x',
      model: 'v5',
      quality: '720p',
      duration: 5,
      seed: 0,
      aspect_ratio: '16:9',
    })
  })

  it.each([
    ['text_to_video', {}, /prompt is missing/],
    ['text_to_video', { prompt: 5 }, /prompt must be text/],
    ['text_to_video', { prompt: 'p'.repeat(2049) }, /2049 characters/],
    ['text_to_video', { prompt: 'x', quality: 'best' }, /quality must be one of/],
    ['text_to_video', { prompt: 'x', seed: 1.5 }, /seed must be a whole number/],
    ['image_to_video', { prompt: 'x' }, /image_url is missing/],
    ['image_to_video', { prompt: 'x', image_url: 'file:///etc/passwd' }, /image_url must be an http/],
    ['fusion', { prompt: 'x', image_urls: [] }, /image_urls must be a list/],
    ['fusion', { prompt: 'x', image_urls: ['ftp://x'] }, /image_urls must be an http/],
  ] as const)('of %s are refused when they are %j', (operation, params, message) => {
    expect(() => provider.mapParameters(operation, params)).toThrow(message)
  })
})

describe('the status', () => {
  it.each([
    [1, 'completed'],
    ['success', 'completed'],
    [5, 'processing'],
    [10, 'processing'],
    ['QUEUED', 'processing'],
    [7, 'filtered'],
    [17, 'filtered'],
    [-1, 'failed'],
    ['cancelled', 'cancelled'],
    [42, undefined],
    ['constructor', undefined],
    [null, undefined],
  ])('%s is %s', (status, expected) => {
    expect(parsePixverseStatus(status)).toBe(expected)
  })
})

describe('the registry', () => {
  const provider = new PixverseProvider({ baseUrl: 'http://127.0.0.1:1', timeoutMs: 1 })
  const registry = createProviderRegistry([provider])

  it('finds providers by name and by address', () => {
    expect(registry.get('pixverse')).toBe(provider)
    expect(registry.detect('https://media.pixverse.ai/x.mp4')).toBe(provider)
    expect(registry.detect('https://notpixverse.ai/x.mp4')).toBeUndefined()
    expect(registry.detect('no address')).toBeUndefined()
  })

  it('says which providers there are when asked for another', () => {
    expect(() => registry.get('sora')).toThrow(/'sora'.*pixverse/)
  })
})
