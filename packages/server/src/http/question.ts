import type { LogStore } from '@pixsim7/store'
import type { FastifyReply } from 'fastify'
import { shuttingDown, type StoreHolder } from '../host/store-holder.ts'
import { ServerError } from '../server-error.ts'

/** The store gives up a question after 30 s; this is for a store that does not answer at all. */
const QUESTION_LIMIT_MS = 35_000

/**
 * Runs one question to the store. Its signal aborts when the client goes away, when it takes too long, and when the log
 * server stops; whatever the store says then, the reason is what the caller gets.
 *
 * @throws what `run` throws, or ServerError query_timeout or shutting_down.
 */
export async function ask<T>(
  reply: FastifyReply,
  stopping: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
  limitMs = QUESTION_LIMIT_MS,
): Promise<T> {
  const controller = new AbortController()
  const aborted = new Promise<never>((_resolve, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason as Error))
  })
  const onClose = () => controller.abort(new ServerError('bad_request', 'The client went away.'))
  const onStop = () => controller.abort(shuttingDown())
  const timer = setTimeout(() => {
    const seconds = limitMs / 1000
    controller.abort(
      new ServerError(
        'query_timeout',
        `The question took longer than ${seconds} s. Narrow it, by time first.`,
      ),
    )
  }, limitMs)
  reply.raw.once('close', onClose)
  stopping.addEventListener('abort', onStop)
  try {
    if (stopping.aborted) throw shuttingDown()
    return await Promise.race([run(controller.signal), aborted])
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error
  } finally {
    clearTimeout(timer)
    reply.raw.off('close', onClose)
    stopping.removeEventListener('abort', onStop)
  }
}

/** What asks the store for one request, see {@link ask}; throws ServerError at once while there is no store to ask. */
export function storeAsker(stores: StoreHolder, stopping: AbortSignal) {
  return <T>(reply: FastifyReply, run: (store: LogStore, signal: AbortSignal) => Promise<T>): Promise<T> => {
    const store = stores.get()
    return ask(reply, stopping, (signal) => run(store, signal))
  }
}
