import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown
}

export interface RequestInit {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string
}

/**
 * Sends exactly what it is told (path, Host and all), unlike fetch, which mends and forbids.
 *
 * @param at port on this machine, or the path of a Unix socket
 */
export function send(
  at: number | string,
  path: string,
  { method = 'GET', headers = {}, body }: RequestInit = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        ...(typeof at === 'number' ? { host: '127.0.0.1', port: at } : { socketPath: at }),
        path,
        method,
        headers: { ...headers } as Record<string, string>,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) })
        })
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

/** Sends bytes that need be no HTTP at all; what comes back until the server closes. */
export function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The code of a problem answer. */
export function codeOf(answer: Answer): string | undefined {
  return (answer.json as { error?: { code?: string } } | undefined)?.error?.code
}

/** The sentence of a problem answer. */
export function messageOf(answer: Answer): string {
  return (answer.json as { error?: { message?: string } } | undefined)?.error?.message ?? ''
}
