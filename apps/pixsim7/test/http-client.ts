/** How tests speak to the API: over HTTP, as everybody does. */
export const TEST_PASSWORD = 'correct-horse-battery'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Parsed JSON; undefined when there is none. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into whatever came
  readonly body: any
  readonly text: string
  readonly requestId: string
}

export interface SignedInUser {
  readonly id: number
  readonly token: string
  readonly email: string
  call(method: string, route: string, body?: unknown): Promise<Answer>
}

export interface HttpClient {
  /** Sends a request below `/api/v1`, or to an absolute path; objects are sent as JSON, strings as they are. */
  call(
    method: string,
    route: string,
    options?: { readonly token?: string; readonly body?: unknown; readonly headers?: Record<string, string> },
  ): Promise<Answer>
  /** Registers `<name>@example.com` with {@link TEST_PASSWORD}. */
  register(name: string): Promise<SignedInUser>
}

/** A client of the API at `origin`. */
export function httpClient(origin: string): HttpClient {
  const call: HttpClient['call'] = async (method, route, { token, body, headers } = {}) => {
    const response = await fetch(`${origin}${urlPath(route)}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text !== '' ? JSON.parse(text) : undefined,
      text,
      requestId: response.headers.get('x-request-id') ?? '',
    }
  }
  const register = async (name: string): Promise<SignedInUser> => {
    const email = `${name}@example.com`
    const { status, body, text } = await call('POST', 'auth/register', {
      body: { email, username: name, password: TEST_PASSWORD },
    })
    if (status !== 201) throw new Error(`registration failed: ${text}`)
    const token: string = body.access_token
    return {
      id: body.user.id,
      token,
      email,
      call: (method, route, sent) => call(method, route, { token, body: sent }),
    }
  }
  return { call, register }
}

/** `jobs` is short for `/api/v1/jobs`; what begins with a slash is taken as it is. */
function urlPath(route: string): string {
  return route.startsWith('/') ? route : `/api/v1/${route}`
}
