/** Answers `GET video/result/{id}`. */
import type { ServerResponse } from 'node:http'
import { answerError, answerSuccess, answerWrongly } from './answers.ts'
import { RESULT_STATUS } from './error-codes.ts'
import type { Generations } from './generations.ts'
import type { MediaDesk } from './media-desk.ts'
import type { Purses } from './purse.ts'

export function answerResult(
  response: ServerResponse,
  asked: {
    readonly videoId: string
    readonly key: string
    readonly generations: Generations
    readonly purses: Purses
    readonly media: MediaDesk
  },
): void {
  const generation = /^\d{1,15}$/.test(asked.videoId)
    ? asked.generations.find(Number(asked.videoId))
    : undefined
  // Somebody else's video is as unknown as one that does not exist.
  if (generation === undefined || generation.key !== asked.key) {
    return answerError(response, 'badParameter', 'video_id does not exist')
  }
  const isFirst = generation.resultRequests++ === 0
  if (isFirst && generation.outcome === 'poll-500') return answerWrongly(response, 'http-500')
  if (isFirst && generation.outcome === 'poll-garbage') return answerWrongly(response, 'garbage')
  if (generation.outcome === 'poll-unauthorized') return answerError(response, 'invalidKey')
  const status = asked.generations.status(generation)
  const hasFailed = status === RESULT_STATUS.failed || status === RESULT_STATUS.moderated
  if (hasFailed && !generation.isRefunded) {
    generation.isRefunded = true
    asked.purses.giveBack(asked.key)
  }
  const isDone = status === RESULT_STATUS.done
  answerSuccess(response, {
    id: generation.id,
    prompt: generation.prompt,
    status,
    outputWidth: isDone ? generation.width : 0,
    outputHeight: isDone ? generation.height : 0,
    url: isDone ? asked.media.videoUrl(generation.id) : '',
    first_frame: isDone ? asked.media.thumbnailUrl(generation.id) : '',
  })
}
