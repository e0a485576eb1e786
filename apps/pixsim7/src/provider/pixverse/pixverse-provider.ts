/** Pixverse over HTTP: https://app-api.pixverse.ai/openapi/v2 or whatever speaks the same. */
import { randomUUID } from 'node:crypto'
import { getLogger } from '@pixsim7/logging'
import type { OperationType } from '../../database/values.ts'
import type {
  Accepted,
  Balance,
  ExecuteRequest,
  ParameterSpec,
  Provider,
  ProviderCredentials,
  ProviderPayload,
  StatusReport,
} from '../provider.ts'
import { ProviderError } from '../provider-error.ts'
import { Reachability } from '../reachability.ts'
import { quotePixverse } from './answer-errors.ts'
import { badAnswer, callPixverse, type PixverseCall, type PixverseEndpoint } from './call.ts'
import { PIXVERSE_ID, mapPixverseParameters, pixverseParameters } from './parameters.ts'
import { parsePixverseStatus } from './status.ts'
import { uploadInputs } from './uploads.ts'

const logger = getLogger('provider.pixverse')

/** How long a generation is expected to take when nothing better is known. */
const ESTIMATED_GENERATION_MS = 300_000
/** Questions about a video are answered at once or not at all; only submissions may take the whole time-out. */
const MAX_STATUS_TIMEOUT_MS = 30_000

const PATHS: Readonly<Record<OperationType, string>> = {
  text_to_video: 'video/text/generate',
  image_to_video: 'video/img/generate',
  video_extend: 'video/extend/generate',
  video_transition: 'video/transition/generate',
  fusion: 'video/fusion/generate',
}

export interface PixverseOptions {
  /** Without a slash at the end. */
  readonly baseUrl: string
  /** For submissions and uploads; questions about a video give up after 30 s at the latest. */
  readonly timeoutMs: number
}

export class PixverseProvider implements Provider {
  readonly providerId = PIXVERSE_ID
  readonly name = 'Pixverse'
  readonly domains = ['pixverse.ai']
  readonly supportedOperations = Object.keys(PATHS) as OperationType[]
  readonly #options: PixverseOptions
  readonly #endpoint: PixverseEndpoint

  constructor(options: PixverseOptions) {
    this.#options = options
    this.#endpoint = { baseUrl: options.baseUrl, reachability: new Reachability(PIXVERSE_ID) }
  }

  get isReachable(): boolean | undefined {
    return this.#endpoint.reachability.isReachable
  }

  parameterSpec(operation: OperationType): readonly ParameterSpec[] {
    return pixverseParameters(operation)
  }

  mapParameters(operation: OperationType, params: ProviderPayload): ProviderPayload {
    return mapPixverseParameters(operation, params)
  }

  async execute(request: ExecuteRequest): Promise<Accepted> {
    const { operation, credentials, signal } = request
    const caller = { ...this.#caller(credentials), timeoutMs: this.#options.timeoutMs, signal }
    const path = PATHS[operation]
    const body = await uploadInputs(this.#endpoint, caller, operation, request.payload)
    const { resp, statusCode, durationMs } = await callPixverse(this.#endpoint, {
      ...caller,
      method: 'POST',
      path,
      traceId: request.traceId,
      body: JSON.stringify(body),
      fields: { operation_type: operation },
    })
    const videoId = resp['video_id']
    if (!isVideoId(videoId)) throw badAnswer('an accepted request without a video_id', statusCode)
    const providerJobId = String(videoId)
    logger.info('Submitted to Pixverse', {
      method: 'POST',
      path,
      status_code: statusCode,
      duration_ms: durationMs,
      account_id: credentials.accountId,
      operation_type: operation,
      provider_job_id: providerJobId,
    })
    return {
      providerJobId,
      providerVideoId: providerJobId,
      status: 'processing',
      estimatedCompletion: new Date(Date.now() + ESTIMATED_GENERATION_MS),
    }
  }

  async checkStatus(
    credentials: ProviderCredentials,
    providerJobId: string,
    signal?: AbortSignal,
  ): Promise<StatusReport> {
    const path = `video/result/${encodeURIComponent(providerJobId)}`
    const { resp, statusCode, durationMs } = await this.#ask(
      credentials,
      path,
      { provider_job_id: providerJobId },
      signal,
    )
    const status = parsePixverseStatus(resp['status'])
    const { apiKey } = this.#caller(credentials)
    const unknownStatus = quotePixverse(JSON.stringify(resp['status']) ?? 'none', apiKey, 50)
    logger.debug('Pixverse call', {
      method: 'GET',
      path,
      status_code: statusCode,
      duration_ms: durationMs,
      provider_job_id: providerJobId,
      status: status ?? unknownStatus,
    })
    if (status === undefined) {
      throw badAnswer(`the unknown status ${unknownStatus}`, statusCode)
    }
    const videoUrl = webAddress(resp['url'])
    if (status === 'completed' && videoUrl === null) {
      throw badAnswer('a completed video without an address', statusCode)
    }
    return {
      status,
      videoUrl: status === 'completed' ? videoUrl : null,
      thumbnailUrl: webAddress(resp['first_frame']),
      progress: null,
      width: positiveInteger(resp['outputWidth']),
      height: positiveInteger(resp['outputHeight']),
      durationSec: null,
      errorMessage: status === 'filtered' ? 'The result was refused by moderation' : null,
    }
  }

  async cancel(): Promise<boolean> {
    return false
  }

  async fetchBalance(credentials: ProviderCredentials, signal?: AbortSignal): Promise<Balance> {
    const path = 'account/balance'
    const { resp, statusCode, durationMs } = await this.#ask(credentials, path, {}, signal)
    logger.debug('Pixverse call', {
      method: 'GET',
      path,
      status_code: statusCode,
      duration_ms: durationMs,
      account_id: credentials.accountId,
    })
    const credits = [resp['credit_monthly'], resp['credit_package']].map((amount) => amount ?? 0)
    if (!credits.every((amount): amount is number => Number.isSafeInteger(amount) && Number(amount) >= 0)) {
      throw badAnswer('a balance that is no number', statusCode)
    }
    const amount = credits.reduce((sum, part) => sum + part, 0)
    return { creditType: paidKey(credentials) === undefined ? 'webapi' : 'openapi', amount }
  }

  async #ask(
    credentials: ProviderCredentials,
    path: string,
    fields: PixverseCall['fields'] & object,
    signal: AbortSignal | undefined,
  ) {
    try {
      return await callPixverse(this.#endpoint, {
        ...this.#caller(credentials),
        method: 'GET',
        path,
        traceId: randomUUID(),
        timeoutMs: Math.min(this.#options.timeoutMs, MAX_STATUS_TIMEOUT_MS),
        signal,
        fields,
      })
    } catch (error) {
      // The only parameter of these calls is the video's number: a bad one is a video that is not there.
      if (error instanceof ProviderError && error.code === 'PROVIDER_INVALID_REQUEST') {
        const { message, statusCode, providerCode } = error
        throw new ProviderError('PROVIDER_JOB_NOT_FOUND', message, {
          providerId: PIXVERSE_ID,
          statusCode,
          providerCode,
          cause: error,
        })
      }
      throw error
    }
  }

  #caller(credentials: ProviderCredentials): { readonly apiKey: string; readonly accountId: number } {
    const apiKey = paidKey(credentials) ?? credentials.secrets['api_key']
    if (apiKey === undefined || apiKey === '') {
      throw new ProviderError('PROVIDER_AUTH_FAILED', 'The account has no API key', {
        providerId: PIXVERSE_ID,
      })
    }
    return { apiKey, accountId: credentials.accountId }
  }
}

/** The key that is used, and paid for, before the free one. */
function paidKey(credentials: ProviderCredentials): string | undefined {
  return credentials.secrets['api_key_paid'] || undefined
}

/** Numbers up to 2^53; as text they would pass into a path, so the text must be a number too. */
function isVideoId(value: unknown): value is number | string {
  return typeof value === 'number'
    ? Number.isSafeInteger(value) && value > 0
    : typeof value === 'string' && /^\d{1,20}$/.test(value)
}

function webAddress(value: unknown): string | null {
  return typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value) ? value : null
}

function positiveInteger(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null
}
