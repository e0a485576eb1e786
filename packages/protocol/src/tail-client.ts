import { PROBLEM_STATUS } from './contract.ts'
import { ProtocolError } from './protocol-error.ts'
import { asProtocolError, type QueryValue, type SendRequest } from './request.ts'
import { createSseParser, type ServerSentEvent } from './sse-parser.ts'
import type { Entry } from './schemas.ts'
import { TAIL_HEARTBEAT_MS, type TailEntries, type TailEvent } from './tail.ts'

/** What a tail tells its reader, in order. */
export type TailMessage =
  /** The connection stands, for the first time or again. */
  | { readonly kind: 'open' }
  | {
      readonly kind: 'entries'
      readonly logs: readonly Entry[]
      /** Matching entries left out before this point; show it. */
      readonly skipped: number
      /** Give it to a later tail to go on after these entries. */
      readonly position: string
    }
  /** Entries may be missing here, and nobody knows how many. */
  | { readonly kind: 'gap'; readonly reason: string }
  /** The connection broke; the tail tries again by itself. */
  | { readonly kind: 'waiting'; readonly error: ProtocolError; readonly retryInMs: number }

export interface TailOptions {
  /** Ends the tail. */
  readonly signal?: AbortSignal | undefined
  /** Where to go on; default: entries stored from now on. */
  readonly position?: string | undefined
  /** Pause before the first new attempt; it doubles up to 30 s. Default 1 s, until the server names its own. */
  readonly retryMs?: number
}

const LONGEST_RETRY_MS = 30_000
/** After two missed heartbeats the connection is dead, whatever TCP believes. */
const SILENCE_LIMIT_MS = 2.5 * TAIL_HEARTBEAT_MS

/**
 * Follows the log. Reconnects after broken connections and unavailable stores, going on where it was; throws a
 * ProtocolError for what waiting cannot mend (bad filter, not signed in). Ends when the signal aborts.
 */
export async function* followTail(
  send: SendRequest,
  filter: Readonly<Record<string, QueryValue>>,
  options: TailOptions = {},
): AsyncGenerator<TailMessage, void, undefined> {
  let position = options.position
  let firstRetryMs = options.retryMs ?? 1000
  let failures = 0
  let hadConnection = false

  while (!options.signal?.aborted) {
    const connection = new AbortController()
    const abort = () => connection.abort(options.signal?.reason)
    options.signal?.addEventListener('abort', abort)
    let error: ProtocolError
    try {
      const response = await withinSilenceLimit(connection, () =>
        send('/logs/tail', {
          query: filter,
          signal: connection.signal,
          headers: {
            accept: 'text/event-stream',
            ...(position === undefined ? {} : { 'last-event-id': position }),
          },
        }),
      )
      yield { kind: 'open' }
      if (hadConnection && position === undefined) {
        yield {
          kind: 'gap',
          reason: 'The connection broke before the first entry; entries written meanwhile are not shown.',
        }
      }
      hadConnection = true
      for await (const event of readEvents(response, connection, (retryMs) => (firstRetryMs = retryMs))) {
        if (event.id !== '') position = event.id
        const message = readMessage(event, position ?? '')
        failures = 0
        if (message !== undefined) yield message
      }
      error = new ProtocolError('network', 'The log server ended the tail.')
    } catch (thrown) {
      if (options.signal?.aborted) return
      if (!(thrown instanceof ProtocolError)) throw thrown
      error = thrown
    } finally {
      options.signal?.removeEventListener('abort', abort)
      connection.abort()
    }
    if (error.code === 'bad_cursor' && position !== undefined) {
      position = undefined
      hadConnection = false
      yield {
        kind: 'gap',
        reason: 'The log server no longer knows where this tail was; it goes on with new entries.',
      }
    } else if (!canRetry(error)) {
      throw error
    }
    const retryInMs = retryDelay(error, firstRetryMs, failures++)
    yield { kind: 'waiting', error, retryInMs }
    await pause(retryInMs, options.signal)
  }
}

/** Waiting mends a missing answer, a busy or starting server, and a proxy in trouble; nothing the caller did wrong. */
function canRetry(error: ProtocolError): boolean {
  return error.code === 'network' || error.status === 429 || error.status >= 500
}

function retryDelay(error: ProtocolError, firstRetryMs: number, failures: number): number {
  const backOffMs = Math.min(LONGEST_RETRY_MS, firstRetryMs * 2 ** Math.min(failures, 16))
  // Spread, so that the tails of a restarted server do not all come back in the same moment.
  return Math.max((error.retryAfterSeconds ?? 0) * 1000, Math.round(backOffMs * (0.75 + Math.random() / 2)))
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
}

async function* readEvents(
  response: Response,
  connection: AbortController,
  onRetry: (retryMs: number) => void,
): AsyncGenerator<ServerSentEvent> {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  if (!isStream || response.body === null) {
    throw new ProtocolError('bad_answer', `${response.url} did not answer with an event stream.`, {
      status: response.status,
    })
  }
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  const parser = createSseParser(onRetry)
  for (;;) {
    const chunk = await withinSilenceLimit(connection, () => reader.read()).catch((cause: unknown) => {
      throw asProtocolError(cause, response.url, connection.signal)
    })
    if (chunk.done) return
    yield* parser.feed(decoder.decode(chunk.value, { stream: true }))
  }
}

/** Ends the connection when `wait` brings no sign of life in time. */
async function withinSilenceLimit<T>(connection: AbortController, wait: () => Promise<T>): Promise<T> {
  const watchdog = setTimeout(() => {
    const seconds = SILENCE_LIMIT_MS / 1000
    connection.abort(new ProtocolError('network', `The log server gave no sign of life for ${seconds} s.`))
  }, SILENCE_LIMIT_MS)
  try {
    return await wait()
  } finally {
    clearTimeout(watchdog)
  }
}

/** The message an event carries; undefined for events of later versions. */
function readMessage({ event, data }: ServerSentEvent, position: string): TailMessage | undefined {
  if (event === ('entries' satisfies TailEvent['event'])) {
    const { logs, skipped } = JSON.parse(data) as TailEntries
    return { kind: 'entries', logs, skipped, position }
  }
  if (event === ('problem' satisfies TailEvent['event'])) {
    const { code, message } = JSON.parse(data) as Extract<TailEvent, { event: 'problem' }>['data']
    throw new ProtocolError(code, message, { status: PROBLEM_STATUS[code] })
  }
  return undefined
}
