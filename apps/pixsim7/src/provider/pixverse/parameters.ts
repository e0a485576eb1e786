/** The parameters Pixverse takes for each operation, and how a job's parameters become the body of a request. */
import type { OperationType } from '../../database/values.ts'
import type { ParameterSpec, ProviderPayload } from '../provider.ts'
import { ProviderError } from '../provider-error.ts'

export const PIXVERSE_ID = 'pixverse'

const MAX_PROMPT_CHARACTERS = 2048
const MAX_URL_CHARACTERS = 4096
const MAX_REFERENCES = 3

const COMMON: readonly ParameterSpec[] = [
  { name: 'prompt', type: 'string', isRequired: true, maxLength: MAX_PROMPT_CHARACTERS },
  { name: 'negative_prompt', type: 'string', isRequired: false, maxLength: MAX_PROMPT_CHARACTERS },
  { name: 'model', type: 'string', isRequired: false, default: 'v5', maxLength: 20 },
  {
    name: 'quality',
    type: 'string',
    isRequired: false,
    default: '360p',
    values: ['360p', '540p', '720p', '1080p'],
  },
  { name: 'duration', type: 'integer', isRequired: false, default: 5, values: [5, 8] },
  { name: 'seed', type: 'integer', isRequired: false, default: 0 },
]

const ASPECT_RATIO: ParameterSpec = {
  name: 'aspect_ratio',
  type: 'string',
  isRequired: false,
  default: '16:9',
  values: ['16:9', '9:16', '1:1', '4:3', '3:4'],
}

const url = (name: string): ParameterSpec => ({
  name,
  type: 'url',
  isRequired: true,
  maxLength: MAX_URL_CHARACTERS,
})

const SPECS: Readonly<Record<OperationType, readonly ParameterSpec[]>> = {
  text_to_video: [...COMMON, ASPECT_RATIO],
  image_to_video: [...COMMON, url('image_url')],
  video_extend: [...COMMON, url('video_url')],
  video_transition: [...COMMON, url('image_url'), url('last_image_url')],
  fusion: [
    ...COMMON,
    ASPECT_RATIO,
    { name: 'image_urls', type: 'urls', isRequired: true, maxLength: MAX_URL_CHARACTERS },
  ],
}

/** The parameters of an operation. */
export function pixverseParameters(operation: OperationType): readonly ParameterSpec[] {
  return SPECS[operation]
}

/**
 * The body of a request, defaults filled in; addresses of pictures and videos stay in it until they are uploaded. Unknown
 * parameters are left out: jobs may carry notes of their own.
 *
 * @throws ProviderError PROVIDER_INVALID_REQUEST naming the parameter
 */
export function mapPixverseParameters(operation: OperationType, params: ProviderPayload): ProviderPayload {
  const body: Record<string, unknown> = {}
  for (const spec of SPECS[operation]) {
    const value = params[spec.name] ?? spec.default
    if (value === undefined || value === '') {
      if (spec.isRequired) throw invalid(spec.name, 'is missing')
      continue
    }
    const mistake = mistakeOf(spec, value)
    if (mistake !== undefined) throw invalid(spec.name, mistake)
    body[spec.name] = value
  }
  return body
}

function mistakeOf(spec: ParameterSpec, value: unknown): string | undefined {
  if (spec.values !== undefined && !(spec.values as readonly unknown[]).includes(value)) {
    return `must be one of ${spec.values.join(', ')}`
  }
  switch (spec.type) {
    case 'integer':
      return Number.isSafeInteger(value) ? undefined : 'must be a whole number'
    case 'string':
      if (typeof value !== 'string') return 'must be text'
      return value.length > (spec.maxLength ?? Infinity)
        ? `has ${value.length} characters, at most ${spec.maxLength}`
        : undefined
    case 'url':
      return mistakeOfUrl(value)
    case 'urls': {
      if (!Array.isArray(value) || value.length === 0 || value.length > MAX_REFERENCES) {
        return `must be a list of 1 to ${MAX_REFERENCES} addresses`
      }
      return value.map(mistakeOfUrl).find((mistake) => mistake !== undefined)
    }
  }
}

function mistakeOfUrl(value: unknown): string | undefined {
  const isWeb = typeof value === 'string' && value.length <= MAX_URL_CHARACTERS && /^https?:\/\//i.test(value)
  return isWeb && URL.canParse(value) ? undefined : 'must be an http or https address'
}

function invalid(name: string, what: string): ProviderError {
  return new ProviderError('PROVIDER_INVALID_REQUEST', `The parameter ${name} ${what}`, {
    providerId: PIXVERSE_ID,
  })
}
