/** What the simulated provider asks of a request for a generation. */
import type { ErrorName } from './error-codes.ts'

/** Operations as they stand in the path: `video/{operation}/generate`. */
export const OPERATIONS = ['text', 'img', 'transition', 'extend', 'fusion'] as const
export type Operation = (typeof OPERATIONS)[number]

const MAX_PROMPT_CHARACTERS = 2048
const SHORT_SIDE: Readonly<Record<string, number>> = { '360p': 360, '540p': 540, '720p': 720, '1080p': 1080 }
const RATIOS: Readonly<Record<string, readonly [number, number]>> = {
  '16:9': [16, 9],
  '9:16': [9, 16],
  '1:1': [1, 1],
  '4:3': [4, 3],
  '3:4': [3, 4],
}

export function isOperation(text: string): text is Operation {
  return (OPERATIONS as readonly string[]).includes(text)
}

export type GenerateRequest =
  | { readonly prompt: string; readonly width: number; readonly height: number }
  | { readonly error: ErrorName; readonly detail: string }

/** Checks the body of a request for a generation as the provider documents it. */
export function readGenerateRequest(
  operation: Operation,
  body: Readonly<Record<string, unknown>>,
): GenerateRequest {
  const refuse = (detail: string): GenerateRequest => ({ error: 'badParameter', detail })
  const prompt = body['prompt'] ?? ''
  if (typeof prompt !== 'string') return refuse('prompt')
  if (prompt === '' && operation !== 'transition') return refuse('prompt')
  if (prompt.length > MAX_PROMPT_CHARACTERS) return { error: 'promptTooLong', detail: `${prompt.length}` }
  const negative = body['negative_prompt'] ?? ''
  if (typeof negative !== 'string') return refuse('negative_prompt')
  if (negative.length > MAX_PROMPT_CHARACTERS) {
    return { error: 'negativePromptTooLong', detail: `${negative.length}` }
  }
  if (typeof body['model'] !== 'string') return refuse('model')
  if (body['duration'] !== 5 && body['duration'] !== 8) return refuse('duration')
  const missing = missingInput(operation, body)
  if (missing !== undefined) return refuse(missing)
  const shortSide = typeof body['quality'] === 'string' ? SHORT_SIDE[body['quality']] : undefined
  if (shortSide === undefined) return refuse('quality')
  const ratio = RATIOS[String(body['aspect_ratio'] ?? '16:9')]
  if (ratio === undefined) return refuse('aspect_ratio')
  const [across, down] = ratio
  const unit = shortSide / Math.min(across, down)
  return { prompt, width: even(across * unit), height: even(down * unit) }
}

/** Name of the picture or video parameter this operation needs and the body lacks. */
function missingInput(operation: Operation, body: Readonly<Record<string, unknown>>): string | undefined {
  const isId = (name: string) => Number.isSafeInteger(body[name])
  switch (operation) {
    case 'text':
      return undefined
    case 'img':
      return isId('img_id') ? undefined : 'img_id'
    case 'transition':
      return isId('first_frame_img')
        ? isId('last_frame_img')
          ? undefined
          : 'last_frame_img'
        : 'first_frame_img'
    case 'extend':
      return isId('source_video_id') !== isId('video_media_id')
        ? undefined
        : 'source_video_id or video_media_id'
    case 'fusion':
      return Array.isArray(body['image_references']) && body['image_references'].length > 0
        ? undefined
        : 'image_references'
  }
}

function even(pixels: number): number {
  return Math.round(pixels / 2) * 2
}
