import fastify from 'fastify'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { ServerError } from '../server-error.ts'
import { ask } from './question.ts'

/** A server whose one route asks a question that `run` answers. */
async function withQuestion(
  run: (signal: AbortSignal) => Promise<unknown>,
  use: (url: string, stopping: AbortController) => Promise<void>,
  limitMs?: number,
): Promise<void> {
  const stopping = new AbortController()
  const app = fastify()
  app.get('/', (_request, reply) => ask(reply, stopping.signal, run, limitMs))
  app.setErrorHandler((error, _request, reply) =>
    reply.code(500).send(error instanceof ServerError ? error.code : 'other'),
  )
  await app.listen({ host: '127.0.0.1', port: 0 })
  try {
    await use(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`, stopping)
  } finally {
    app.server.closeAllConnections()
    await app.close()
  }
}

/** Never answers; rejects as the store does when its signal aborts. */
async function endless(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort')
  throw new Error('aborted by the store')
}

test('an answer comes through, and its signal never aborts', async () => {
  let signal: AbortSignal | undefined
  await withQuestion(
    async (given) => {
      signal = given
      return { answer: 42 }
    },
    async (url) => expect(await (await fetch(url)).json()).toEqual({ answer: 42 }),
  )
  expect(signal?.aborted).toBe(false)
})

test('a client that goes away aborts its question', async () => {
  let aborted: Promise<unknown> | undefined
  let asked: (() => void) | undefined
  const isAsked = new Promise<void>((resolve) => (asked = resolve))
  await withQuestion(
    async (signal) => {
      aborted = once(signal, 'abort')
      asked?.()
      return endless(signal)
    },
    async (url) => {
      const controller = new AbortController()
      const answer = fetch(url, { signal: controller.signal }).catch(() => 'gone')
      await isAsked
      controller.abort()
      expect(await answer).toBe('gone')
      await aborted
    },
  )
})

test('a question that takes too long is cancelled and answered as such', () =>
  withQuestion(endless, async (url) => expect(await (await fetch(url)).text()).toBe('query_timeout'), 50))

test('a store that does not even heed its signal keeps nobody waiting', () =>
  withQuestion(
    () => new Promise(() => {}),
    async (url) => expect(await (await fetch(url)).text()).toBe('query_timeout'),
    50,
  ))

test('a server that stops cancels its questions and says so', () =>
  withQuestion(
    async (signal) => {
      setTimeout(() => stop?.(), 10)
      return endless(signal)
    },
    async (url, stopping) => {
      stop = () => stopping.abort()
      expect(await (await fetch(url)).text()).toBe('shutting_down')
      expect(await (await fetch(url)).text()).toBe('shutting_down')
    },
  ))
let stop: (() => void) | undefined

test('what the store throws by itself comes through', () =>
  withQuestion(
    async () => {
      throw new ServerError('bad_cursor', 'no')
    },
    async (url) => expect(await (await fetch(url)).text()).toBe('bad_cursor'),
  ))
