import type { FastifyReply } from 'fastify'
import { shuttingDown } from '../host/store-holder.ts'
import { ServerError } from '../server-error.ts'

/** A question that takes longer is given up: the answer would come to a reader who has gone. */
const QUESTION_LIMIT_MS = 30_000

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
): Promise<T> {
  const controller = new AbortController()
  const onClose = () => controller.abort(new ServerError('bad_request', 'The client went away.'))
  const onStop = () => controller.abort(shuttingDown())
  const timer = setTimeout(() => {
    const seconds = QUESTION_LIMIT_MS / 1000
    controller.abort(
      new ServerError(
        'query_timeout',
        `The question took longer than ${seconds} s. Narrow it, by time first.`,
      ),
    )
  }, QUESTION_LIMIT_MS)
  reply.raw.once('close', onClose)
  stopping.addEventListener('abort', onStop)
  try {
    if (stopping.aborted) throw shuttingDown()
    return await run(controller.signal)
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error
  } finally {
    clearTimeout(timer)
    reply.raw.off('close', onClose)
    stopping.removeEventListener('abort', onStop)
  }
}
