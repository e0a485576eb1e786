/** Requests to the backend, as a browser would make them. */

/** A backend that takes longer is as good as away. */
const TIMEOUT_MS = 15_000
const SERVER_ERROR = 500

/** Thrown when the backend does not answer, or answers that it cannot at this time. */
export class BackendAwayError extends Error {
  override readonly name = 'BackendAwayError'
}

export interface Answer {
  readonly status: number
  /** The parsed body; an empty object when there is none. */
  readonly body: Readonly<Record<string, unknown>>
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** One visitor's connection to the backend: its address, what his browser calls itself, his token. */
export class ApiClient {
  readonly #origin: string
  readonly #userAgent: string
  readonly #signal: AbortSignal
  token: string | undefined

  /** `origin` without a slash at the end; `signal` ends all requests. */
  constructor(origin: string, userAgent: string, signal: AbortSignal) {
    this.#origin = origin
    this.#userAgent = userAgent
    this.#signal = signal
  }

  /**
   * Sends a request to `/api/v1` + `path`; an answer of any status is an answer.
   * @throws BackendAwayError when there is none, or one of 502 to 504
   */
  async request(method: Method, path: string, body?: object): Promise<Answer> {
    const headers: Record<string, string> = { 'user-agent': this.#userAgent, accept: 'application/json' }
    if (this.token !== undefined) headers['authorization'] = `Bearer ${this.token}`
    if (body !== undefined) headers['content-type'] = 'application/json'
    let response: Response
    let text: string
    try {
      response = await fetch(`${this.#origin}/api/v1${path}`, {
        method,
        headers,
        signal: AbortSignal.any([this.#signal, AbortSignal.timeout(TIMEOUT_MS)]),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      text = await response.text()
    } catch (error) {
      throw new BackendAwayError(`${method} ${path}: no answer`, { cause: error })
    }
    if (response.status > SERVER_ERROR) throw new BackendAwayError(`${method} ${path}: ${response.status}`)
    return { status: response.status, body: parse(text) }
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {} // 204 has no body; anything else that is not JSON tells a visitor nothing.
  }
}
