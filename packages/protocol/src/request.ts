import { API_PREFIX, PROBLEM_STATUS } from './contract.ts'
import { ProtocolError, type ProtocolErrorCode } from './protocol-error.ts'
import type { Problem } from './schemas.ts'

export interface ClientOptions {
  /** Where the log server is, `http://127.0.0.1:5173`; default: the page's own origin. */
  readonly baseUrl?: string
  /** Bearer token (`LOGS_API_TOKEN`); without one the session cookie counts. */
  readonly token?: string
  /** What a browser does with cookies; default `same-origin`. */
  readonly credentials?: RequestCredentials
  /** Default: the platform's. */
  readonly fetch?: typeof fetch
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST'
  readonly query?: Readonly<Record<string, QueryValue>>
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}
export type QueryValue = string | number | readonly (string | number)[] | null | undefined

/** Sends one request; resolves with a successful answer only. */
export type SendRequest = (path: string, options?: RequestOptions) => Promise<Response>

/** `?a=1&b=x&b=y`; absent and empty values are left out; '' when nothing is left. */
export function formatQuery(query: Readonly<Record<string, QueryValue>>): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== null && item !== undefined && item !== '') parameters.append(name, String(item))
    }
  }
  return parameters.size === 0 ? '' : `?${parameters}`
}

/**
 * The one place that speaks HTTP. What it returns throws a ProtocolError for every answer that is no success, and the
 * signal's own reason when the caller aborted.
 */
export function createRequest(options: ClientOptions): SendRequest {
  const base = `${(options.baseUrl ?? '').replace(/\/+$/, '')}${API_PREFIX}`
  const send = options.fetch ?? fetch
  // A browser keeps the cookies and hides them from scripts. Node keeps none, so the client does.
  const cookies = new Map<string, string>()

  return async (path, { method = 'GET', query = {}, body, headers, signal } = {}) => {
    let response: Response
    try {
      response = await send(base + path + formatQuery(query), {
        method,
        credentials: options.credentials ?? 'same-origin',
        cache: 'no-store',
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
          ...(cookies.size === 0 ? {} : { cookie: [...cookies.values()].join('; ') }),
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: signal ?? null,
      })
    } catch (cause) {
      throw asProtocolError(cause, base, signal)
    }
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';', 1)
      const name = pair.slice(0, pair.indexOf('='))
      if (/max-age=0\b/i.test(line)) cookies.delete(name)
      else cookies.set(name, pair)
    }
    if (!response.ok) throw await readProblem(response, signal)
    return response
  }
}

/** The JSON body of a successful answer. */
export async function readJson<T>(response: Response, signal: AbortSignal | undefined): Promise<T> {
  let text: string
  try {
    text = await response.text()
  } catch (cause) {
    throw asProtocolError(cause, response.url, signal)
  }
  try {
    return JSON.parse(text) as T
  } catch (cause) {
    throw notOurs(response, cause)
  }
}

/** The caller's abort as it is; anything else is the network's failure. */
export function asProtocolError(cause: unknown, url: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new ProtocolError('network', `No answer from the log server at ${url}: ${reason}. Is it running?`, {
    cause,
  })
}

async function readProblem(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
  let text: string
  try {
    text = await response.text()
  } catch (cause) {
    return asProtocolError(cause, response.url, signal)
  }
  const retryAfter = Number(response.headers.get('retry-after') ?? NaN)
  const retryAfterSeconds = Number.isFinite(retryAfter) ? retryAfter : null
  try {
    const { code, message, request_id } = (JSON.parse(text) as Problem).error
    if (Object.hasOwn(PROBLEM_STATUS, code)) {
      return new ProtocolError(code as ProtocolErrorCode, message, {
        status: response.status,
        request_id,
        retryAfterSeconds,
      })
    }
  } catch {
    // Not the log server's own body: a proxy's page, or another program on that port. Said below.
  }
  return notOurs(response)
}

function notOurs(response: Response, cause?: unknown): ProtocolError {
  return new ProtocolError(
    'bad_answer',
    `${response.url} answered ${response.status} in a form that is not the log server's. Is another program on that address?`,
    { status: response.status, cause },
  )
}
