import {
  FilterQuerySchema,
  ProblemSchema,
  TAIL_BATCH_LIMIT,
  type ProblemCode,
  type TailEntries,
  type TailEvent,
} from '@pixsim7/protocol'
import type { LogFilter, LogStore, TailBatch } from '@pixsim7/store'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Access, Identity } from '../access/access.ts'
import type { App } from '../http/app-type.ts'
import { EventStream } from '../http/event-stream.ts'
import { readFilter } from '../http/filter-parameters.ts'
import { asStoreProblem } from '../http/store-problem.ts'
import type { OwnLog } from '../host/own-log.ts'
import { shuttingDown, type StoreHolder } from '../host/store-holder.ts'
import { ServerError } from '../server-error.ts'

/** Each open tail asks the store again and again; a browser has six connections to a server at most. */
export const MAX_TAILS = 64

export interface TailRouteOptions {
  readonly stores: StoreHolder
  readonly access: Promise<Access>
  readonly ownLog: OwnLog
  readonly now: () => number
  /** Aborted when the log server stops. */
  readonly stopping: AbortSignal
}

/** The live tail. What can be refused is refused with a status, before the stream begins; later problems are events. */
export function addTailRoute(app: App, { stores, access, ownLog, now, stopping }: TailRouteOptions): void {
  let openTails = 0

  app.get(
    '/logs/tail',
    {
      schema: {
        tags: ['logs'],
        summary: 'Entries as they are stored, as server-sent events; resumes by Last-Event-ID',
        querystring: FilterQuerySchema,
        response: {
          200: Type.String({ description: 'text/event-stream of TailEvent' }),
          '4xx': ProblemSchema,
          '5xx': ProblemSchema,
        },
      },
    },
    async (request, reply) => {
      const right = await access
      const identity = right.require(request)
      const filter = readFilter(request.query, now() * 1000)
      const position = readPosition(request)
      const store = stores.get()
      if (stopping.aborted) throw shuttingDown()
      if (openTails >= MAX_TAILS) {
        throw new ServerError('too_many_tails', `${MAX_TAILS} live tails are open already. Close one.`, {
          retryAfterSeconds: 10,
        })
      }
      openTails++
      const tail = new Tail(store, filter, position)
      const stream = new EventStream(reply, () => {
        if (!right.isValid(identity)) tail.endWith(signedOut())
      })
      const stopListening = listen(tail, stream, right, identity, stopping)
      try {
        const outcome = await tail.run(stream)
        if (outcome === 'too_slow') ownLog.tell('tail_reader_slow', { client_ip: request.ip })
      } catch (error) {
        ownLog.tell('request_failed', { request_id: request.id, route: '/logs/tail', error })
        await stream.send(
          'problem',
          problemData('internal', `The log server made a mistake (request ${request.id}).`),
        )
      } finally {
        openTails--
        stopListening()
        stream.end()
      }
    },
  )
}

/** Ends the tail when its reader leaves, its right ends or the server stops. Returns what stops listening. */
function listen(
  tail: Tail,
  stream: EventStream,
  access: Access,
  identity: Identity,
  stopping: AbortSignal,
): () => void {
  const onStop = () => tail.endWith(shuttingDown())
  const onClose = () => tail.abort()
  stopping.addEventListener('abort', onStop)
  stream.closed.addEventListener('abort', onClose)
  const stopListening = access.onEnd(identity, () => tail.endWith(signedOut()))
  if (stream.closed.aborted) tail.abort()
  return () => {
    stopListening()
    stopping.removeEventListener('abort', onStop)
    stream.closed.removeEventListener('abort', onClose)
  }
}

function signedOut(): ServerError {
  return new ServerError('unauthorized', 'The session has ended. Sign in again.')
}

/** One reader's way through the store: batch after batch, asked for only when the reader has taken the one before. */
class Tail {
  readonly #store: LogStore
  readonly #filter: LogFilter
  readonly #position: string | undefined
  readonly #controller = new AbortController()
  #ending: ServerError | undefined

  constructor(store: LogStore, filter: LogFilter, position: string | undefined) {
    this.#store = store
    this.#filter = filter
    this.#position = position
  }

  /** Ends the tail and tells its reader why. */
  endWith(problem: ServerError): void {
    this.#ending ??= problem
    this.abort()
  }

  abort(): void {
    this.#controller.abort()
  }

  /** Sends until the tail ends, for whatever reason; throws only what is a mistake of ours. */
  async run(stream: EventStream): Promise<'ended' | 'too_slow'> {
    const { signal } = this.#controller
    try {
      for await (const batch of this.#store.tail(this.#filter, this.#position, TAIL_BATCH_LIMIT, signal)) {
        if (signal.aborted) break
        const outcome = await stream.send(
          'entries' satisfies TailEvent['event'],
          entriesData(batch),
          batch.position,
        )
        if (outcome !== 'sent') return outcome === 'too_slow' ? 'too_slow' : 'ended'
      }
    } catch (error) {
      const problem = signal.aborted ? undefined : asStoreProblem(error as Error)
      if (problem === undefined && !signal.aborted) throw error
      this.#ending ??= problem
    }
    const problem = this.#ending
    if (problem !== undefined) {
      await stream.send(
        'problem' satisfies TailEvent['event'],
        problemData(problem.problemCode ?? 'internal', problem.message),
      )
    }
    return 'ended'
  }
}

/** JSON escapes line breaks, so an event's data is one line whatever the log holds. */
function entriesData({ entries, skipped }: TailBatch): string {
  return JSON.stringify({ logs: entries, skipped } satisfies TailEntries)
}

function problemData(code: ProblemCode, message: string): string {
  return JSON.stringify({ code, message } satisfies Extract<TailEvent, { event: 'problem' }>['data'])
}

function readPosition(request: FastifyRequest): string | undefined {
  const position = request.headers['last-event-id']
  if (position === undefined || position === '') return undefined
  if (typeof position === 'string' && /^[\x21-\x7e]{1,512}$/.test(position)) return position
  throw new ServerError(
    'bad_cursor',
    'The header Last-Event-ID is no position of a tail. Leave it out to begin now.',
  )
}
