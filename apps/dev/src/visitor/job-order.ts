/** Orders for jobs, good and bad ones. */
import { choosePrompt } from './prompts.ts'
import type { Random } from './random.ts'

const OPERATIONS = [
  { weight: 45, name: 'text_to_video' },
  { weight: 38, name: 'image_to_video' },
  { weight: 9, name: 'video_extend' },
  { weight: 5, name: 'video_transition' },
  { weight: 3, name: 'fusion' },
] as const
type Operation = (typeof OPERATIONS)[number]['name']

/** The provider takes any address; nothing is fetched from it. */
const MEDIA = 'https://media.visitors.example'

function inputsOf(operation: Operation, random: Random): Record<string, unknown> {
  const image = () => `${MEDIA}/stills/${random.between(1000, 9999)}.jpg`
  switch (operation) {
    case 'text_to_video':
      return { aspect_ratio: random.pick(['16:9', '9:16', '1:1']) }
    case 'image_to_video':
      return { image_url: image() }
    case 'video_extend':
      return { video_url: `${MEDIA}/clips/${random.between(1000, 9999)}.mp4` }
    case 'video_transition':
      return { image_url: image(), last_image_url: image() }
    case 'fusion':
      return { image_urls: [image(), image()], aspect_ratio: '16:9' }
  }
}

/** An order the backend accepts; `number` counts the jobs of this run from 1. */
export function createOrder(random: Random, number: number): object {
  const operation = random.pickWeighted(OPERATIONS).name
  return {
    operation_type: operation,
    provider_id: 'pixverse',
    priority: random.between(2, 8),
    params: {
      prompt: choosePrompt(random, number),
      quality: random.pick(['360p', '540p', '720p']),
      duration: random.pick([5, 5, 5, 8]),
      seed: random.between(0, 2 ** 31 - 1),
      ...inputsOf(operation, random),
    },
  }
}

/** An order with a mistake that users make; the backend refuses it. */
export function createBadOrder(random: Random): object {
  return random.pick([
    { operation_type: 'text_to_video', params: {} },
    { operation_type: 'image_to_video', params: { prompt: 'the picture is missing' } },
    { operation_type: 'text_to_opera', params: { prompt: 'no such operation' } },
    { operation_type: 'text_to_video', priority: 99, params: { prompt: 'far too urgent' } },
    { operation_type: 'text_to_video', provider_id: 'nobody', params: { prompt: 'no such provider' } },
    { operation_type: 'text_to_video', params: 'a cat, please' },
  ])
}
