import type { FastifyReply } from 'fastify'
import type { ServerResponse } from 'node:http'
import { TAIL_HEARTBEAT_MS } from '@pixsim7/protocol'

/** What a browser waits before it connects again by itself. */
const RECONNECT_MS = 2000
/** A reader that takes nothing for this long is cut off; it comes back with its last position and has lost nothing. */
const SLOW_READER_LIMIT_MS = 30_000

/**
 * The sending side of one `text/event-stream`. Never holds more than one event beyond what the connection's own buffers
 * take: `send` resolves only when there is room again. `closed` aborts when the connection ends, whoever ends it.
 */
export class EventStream {
  readonly #response: ServerResponse
  readonly #closing = new AbortController()
  readonly #heartbeat: NodeJS.Timeout
  readonly #slowReaderLimitMs: number
  readonly closed: AbortSignal = this.#closing.signal

  /**
   * Takes the connection over from Fastify and sends the headers at once, so that a reader knows that it is connected.
   *
   * @param onHeartbeat called at each heartbeat, quiet or not
   * @param limits for tests, which cannot wait that long
   */
  constructor(
    reply: FastifyReply,
    onHeartbeat: () => void,
    { heartbeatMs = TAIL_HEARTBEAT_MS, slowReaderLimitMs = SLOW_READER_LIMIT_MS } = {},
  ) {
    this.#slowReaderLimitMs = slowReaderLimitMs
    reply.hijack()
    this.#response = reply.raw
    this.#response.on('close', () => this.#release())
    // A connection that breaks in the middle of a write ends by 'close' all the same.
    this.#response.on('error', () => {})
    this.#response.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      // A proxy that collects an answer before passing it on would hold a tail back for ever.
      'x-accel-buffering': 'no',
      // A connection that stays open after the stream's end would hold up the stop of the server.
      connection: 'close',
    })
    this.#response.flushHeaders()
    this.#response.write(`retry: ${RECONNECT_MS}\n\n`)
    this.#heartbeat = setInterval(() => {
      if (!this.#response.writableNeedDrain) this.#response.write(': heartbeat\n\n')
      onHeartbeat()
    }, heartbeatMs)
    if (this.#response.destroyed) this.#release()
  }

  /**
   * Sends one event. Resolves with false when the reader is gone, or too slow and therefore cut off.
   *
   * @param data JSON text: it must hold no line break
   */
  async send(event: string, data: string, id?: string): Promise<'sent' | 'gone' | 'too_slow'> {
    if (this.closed.aborted) return 'gone'
    const text = `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`
    if (this.#response.write(text)) return 'sent'
    const outcome = await this.#room()
    if (outcome === 'too_slow') this.#response.destroy()
    return outcome
  }

  /** Ends the stream after what has been sent. */
  end(): void {
    this.#response.end()
    this.#release()
  }

  #room(): Promise<'sent' | 'gone' | 'too_slow'> {
    return new Promise((resolve) => {
      const settle = (outcome: 'sent' | 'gone' | 'too_slow') => {
        clearTimeout(timer)
        this.#response.off('drain', onDrain)
        this.closed.removeEventListener('abort', onClosed)
        resolve(outcome)
      }
      const onDrain = () => settle('sent')
      const onClosed = () => settle('gone')
      const timer = setTimeout(() => settle('too_slow'), this.#slowReaderLimitMs)
      this.#response.on('drain', onDrain)
      this.closed.addEventListener('abort', onClosed)
    })
  }

  #release(): void {
    clearInterval(this.#heartbeat)
    this.#closing.abort()
  }
}
