/** Requests to API and log server whose answers are kept, to be searched for secrets. */
import { connect } from 'node:net'

export interface Exchange {
  /** `POST /api/v1/auth/login → 401`. */
  readonly what: string
  /** Headers and body of the answer. */
  readonly answer: string
}

export interface Call {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON, a text as it is. */
  readonly body?: object | string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Undefined where the body is no JSON. */
  readonly json: unknown
}

/** Sends requests to one server and keeps what it answers. */
export class Exchanges {
  readonly origin: string
  readonly kept: Exchange[] = []

  constructor(origin: string) {
    this.origin = origin
  }

  /** Sends one request. What the exchange is called has the path without its query. */
  async call(url: string, { method, headers, body }: Call = {}): Promise<Answer> {
    const isJson = typeof body === 'object'
    const verb = method ?? (body === undefined ? 'GET' : 'POST')
    const response = await fetch(`${this.origin}${url}`, {
      method: verb,
      redirect: 'manual',
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : body }),
    })
    const text = await response.text()
    this.#keep(`${verb} ${nameOf(url)} → ${response.status}`, [...response.headers].join('\n') + text)
    return { status: response.status, headers: response.headers, json: parse(text) }
  }

  /** Begins a stream of events, waits for its first bytes, and hangs up. */
  async peek(url: string, headers: Readonly<Record<string, string>>): Promise<void> {
    const controller = new AbortController()
    const response = await fetch(`${this.origin}${url}`, { headers, signal: controller.signal })
    const { value } = (await response.body?.getReader().read()) ?? {}
    this.#keep(`GET ${nameOf(url)} → ${response.status}`, new TextDecoder().decode(value))
    controller.abort()
  }

  /** Bytes that need not be HTTP. */
  async raw(text: string): Promise<void> {
    const { hostname, port } = new URL(this.origin)
    const answer = await new Promise<string>((resolve) => {
      let received = ''
      const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(text))
      socket.on('data', (chunk) => (received += chunk.toString('latin1')))
      socket.on('error', () => resolve(received))
      socket.on('close', () => resolve(received))
    })
    this.#keep('bytes that are no request', answer)
  }

  #keep(what: string, answer: string): void {
    this.kept.push({ what, answer })
  }
}

/** The path, cut: it may be a secret itself. */
function nameOf(url: string): string {
  return (url.split('?')[0] ?? '').slice(0, 60)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // A page, a stream, or nothing.
  }
}
