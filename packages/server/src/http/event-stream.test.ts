import fastify from 'fastify'
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { EventStream } from './event-stream.ts'

const LIMITS = { heartbeatMs: 20, slowReaderLimitMs: 200 }

/** A server that gives each reader's stream to `use`; ends when `read` has. */
async function withStream(
  use: (stream: EventStream) => Promise<void>,
  read: (port: number) => Promise<void>,
  onHeartbeat: () => void = () => {},
): Promise<void> {
  const app = fastify()
  const uses: Promise<void>[] = []
  app.get('/', async (_request, reply) => {
    reply.header('x-from-hook', 'kept')
    const used = use(new EventStream(reply, onHeartbeat, LIMITS))
    uses.push(used)
    await used
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  try {
    await read((app.server.address() as AddressInfo).port)
    await Promise.all(uses)
  } finally {
    app.server.closeAllConnections()
    await app.close()
  }
}

test('headers go out before the first event, with those set earlier', () =>
  withStream(
    async (stream) => {
      await new Promise((resolve) => stream.closed.addEventListener('abort', resolve))
    },
    async (port) => {
      const controller = new AbortController()
      const response = await fetch(`http://127.0.0.1:${port}/`, { signal: controller.signal })
      expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
      expect(response.headers.get('x-from-hook')).toBe('kept')
      controller.abort()
    },
  ))

test('events are framed with their id, and a quiet stream has heartbeats', () => {
  let heartbeats = 0
  let beatTwice: (() => void) | undefined
  const beaten = new Promise<void>((resolve) => (beatTwice = resolve))
  return withStream(
    async (stream) => {
      await stream.send('entries', '{"a":1}', 'p1')
      await stream.send('problem', '{}')
      await beaten
      stream.end()
      expect(stream.closed.aborted).toBe(true)
      expect(await stream.send('entries', '{}')).toBe('gone')
    },
    async (port) => {
      const text = await (await fetch(`http://127.0.0.1:${port}/`)).text()
      expect(text).toMatch(
        /^retry: 2000\n\nid: p1\nevent: entries\ndata: \{"a":1\}\n\nevent: problem\ndata: \{\}\n\n(: heartbeat\n\n){2,}$/,
      )
    },
    () => {
      if (++heartbeats === 2) beatTwice?.()
    },
  )
})

test('a reader that takes nothing is cut off, and no more is held for it than one event beyond the buffers', () => {
  const event = `"${'x'.repeat(1024 * 1024)}"`
  let cutOff: (() => void) | undefined
  const isCutOff = new Promise<void>((resolve) => (cutOff = resolve))
  return withStream(
    async (stream) => {
      let sent = 0
      let outcome = await stream.send('entries', event)
      while (outcome === 'sent') {
        sent++
        outcome = await stream.send('entries', event)
      }
      cutOff?.()
      expect(outcome).toBe('too_slow')
      // What the kernel's buffers of both sides take; not the endless rest.
      expect(sent).toBeLessThan(64)
      expect(await stream.send('entries', event)).toBe('gone')
    },
    async (port) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'))
      socket.pause()
      await isCutOff
      socket.resume()
      await once(socket, 'close')
    },
  )
})

test('a reader that hangs up while the sender waits for room ends the waiting', () => {
  const event = `"${'x'.repeat(8 * 1024 * 1024)}"`
  return withStream(
    async (stream) => {
      let outcome = await stream.send('entries', event)
      while (outcome === 'sent') outcome = await stream.send('entries', event)
      expect(outcome).toBe('gone')
    },
    (port) =>
      new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'))
        socket.once('data', () => socket.destroy())
        socket.on('close', () => resolve())
      }),
  )
})
