/** Pictures and videos a generation starts from: Pixverse wants them uploaded, and numbers in their place. */
import { randomUUID } from 'node:crypto'
import { getLogger } from '@pixsim7/logging'
import type { OperationType } from '../../database/values.ts'
import type { ProviderPayload } from '../provider.ts'
import { badAnswer, callPixverse, type PixverseCall, type PixverseEndpoint } from './call.ts'

const logger = getLogger('provider.pixverse')

type Caller = Pick<PixverseCall, 'apiKey' | 'accountId' | 'timeoutMs' | 'signal'>

/** The body of a generation: the payload with the addresses of its inputs replaced by the numbers of their uploads. */
export async function uploadInputs(
  endpoint: PixverseEndpoint,
  caller: Caller,
  operation: OperationType,
  payload: ProviderPayload,
): Promise<ProviderPayload> {
  const { image_url, last_image_url, image_urls, video_url, ...body } = payload
  const image = (url: unknown) => upload(endpoint, caller, 'image', String(url))
  switch (operation) {
    case 'text_to_video':
      return body
    case 'image_to_video':
      return { ...body, img_id: await image(image_url) }
    case 'video_extend':
      return { ...body, video_media_id: await upload(endpoint, caller, 'media', String(video_url)) }
    case 'video_transition':
      return { ...body, first_frame_img: await image(image_url), last_frame_img: await image(last_image_url) }
    case 'fusion': {
      const references = []
      for (const [index, url] of (Array.isArray(image_urls) ? image_urls : []).entries()) {
        references.push({ type: 'subject', img_id: await image(url), ref_name: `subject${index + 1}` })
      }
      return { ...body, image_references: references }
    }
  }
}

async function upload(
  endpoint: PixverseEndpoint,
  caller: Caller,
  kind: 'image' | 'media',
  url: string,
): Promise<number> {
  const form = new FormData()
  // The address, not the bytes: the provider fetches it. Fetching addresses of users from here would let them reach
  // into our network.
  form.set(kind === 'image' ? 'image_url' : 'file_url', url)
  const path = `${kind}/upload`
  const { resp, statusCode, durationMs } = await callPixverse(endpoint, {
    ...caller,
    method: 'POST',
    path,
    traceId: randomUUID(),
    body: form,
  })
  logger.info('Uploaded to Pixverse', {
    method: 'POST',
    path,
    status_code: statusCode,
    duration_ms: durationMs,
    account_id: caller.accountId,
  })
  const id = resp[kind === 'image' ? 'img_id' : 'media_id']
  if (typeof id !== 'number' || !Number.isSafeInteger(id))
    throw badAnswer('an upload without a number', statusCode)
  return id
}
