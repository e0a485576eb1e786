/** One request to Pixverse: bounded in time and size, and anything but a proper answer becomes a ProviderError. */
import { getLogger } from '@pixsim7/logging'
import { Deadline } from '../../deadline.ts'
import { connectionFault } from '../../system-code.ts'
import { ProviderError } from '../provider-error.ts'
import type { Reachability } from '../reachability.ts'
import { errorForCode, errorForStatus } from './answer-errors.ts'
import { PIXVERSE_ID } from './parameters.ts'

const logger = getLogger('provider.pixverse')

/** Proper answers have a few hundred bytes. */
const MAX_ANSWER_BYTES = 1024 * 1024

/** Where calls go, and who is told whether they got through. */
export interface PixverseEndpoint {
  /** Without a slash at the end. */
  readonly baseUrl: string
  readonly reachability: Reachability
}

export interface PixverseCall {
  readonly method: 'GET' | 'POST'
  /** Below the base address, without a slash in front: `video/text/generate`. */
  readonly path: string
  readonly apiKey: string
  readonly accountId: number
  readonly traceId: string
  readonly body?: string | FormData
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Fields for the log line besides method, path, status and duration. */
  readonly fields?: { readonly operation_type?: string; readonly provider_job_id?: string }
}

/** What came back, with the facts the log line of the call needs. */
export interface PixverseAnswer {
  readonly resp: Readonly<Record<string, unknown>>
  readonly statusCode: number
  readonly durationMs: number
}

/**
 * Makes one call and returns the `Resp` object of its answer. A failed call is logged here, with what is known about it;
 * a good one is logged by the caller, who knows what it means.
 *
 * @throws ProviderError
 */
export async function callPixverse(endpoint: PixverseEndpoint, call: PixverseCall): Promise<PixverseAnswer> {
  const startedAt = performance.now()
  const durationMs = () => Math.round((performance.now() - startedAt) * 10) / 10
  try {
    const { resp, statusCode } = await exchange(endpoint.baseUrl, call)
    endpoint.reachability.answered()
    return { resp, statusCode, durationMs: durationMs() }
  } catch (error) {
    const failure = error instanceof ProviderError ? error : unavailable(error)
    if (failure.code !== 'PROVIDER_UNAVAILABLE') endpoint.reachability.answered()
    // A call that we broke off ourselves says nothing about the provider.
    else if (call.signal?.aborted !== true) endpoint.reachability.failed(failure)
    logger.warning(
      failure.code === 'PROVIDER_RATE_LIMIT' ? 'Rate limited by Pixverse' : 'Pixverse call failed',
      {
        method: call.method,
        path: call.path,
        account_id: call.accountId,
        ...call.fields,
        status_code: failure.statusCode,
        duration_ms: durationMs(),
        code: failure.code.toLowerCase(),
        provider_code: failure.providerCode,
        retry_after: failure.retryAfterMs === undefined ? undefined : failure.retryAfterMs / 1000,
        reason: failure.message,
      },
    )
    throw failure
  }
}

async function exchange(
  baseUrl: string,
  call: PixverseCall,
): Promise<{ resp: Readonly<Record<string, unknown>>; statusCode: number }> {
  const deadline = new Deadline(call.timeoutMs, 'no answer', call.signal)
  try {
    const response = await fetch(`${baseUrl}/${call.path}`, {
      method: call.method,
      headers: {
        'API-KEY': call.apiKey,
        'Ai-trace-id': call.traceId,
        ...(typeof call.body === 'string' ? { 'content-type': 'application/json' } : {}),
      },
      ...(call.body === undefined ? {} : { body: call.body }),
      signal: deadline.signal,
      // A redirect would carry the key to wherever it points.
      redirect: 'manual',
    })
    const statusCode = response.status
    if (!response.ok) {
      await response.body?.cancel()
      throw errorForStatus(statusCode, response.headers.get('retry-after'))
    }
    return { resp: parseAnswer(await readText(response), statusCode, call.apiKey), statusCode }
  } finally {
    deadline.end()
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MAX_ANSWER_BYTES) {
      throw badAnswer(`an answer of more than ${MAX_ANSWER_BYTES} bytes`, response.status)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseAnswer(text: string, statusCode: number, apiKey: string): Readonly<Record<string, unknown>> {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch (cause) {
    throw badAnswer(`${text.length} characters that are no JSON`, statusCode, cause)
  }
  if (!isObject(answer) || typeof answer['ErrCode'] !== 'number') {
    throw badAnswer('an answer without ErrCode', statusCode)
  }
  if (answer['ErrCode'] !== 0) throw errorForCode(answer['ErrCode'], answer['ErrMsg'], statusCode, apiKey)
  if (!isObject(answer['Resp'])) throw badAnswer('an answer without Resp', statusCode)
  return answer['Resp']
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The error for an answer that is none; `got` completes the sentence "Pixverse gave …". */
export function badAnswer(got: string, statusCode?: number, cause?: unknown): ProviderError {
  return new ProviderError('PROVIDER_BAD_ANSWER', `Pixverse gave ${got}`, {
    providerId: PIXVERSE_ID,
    statusCode,
    cause,
  })
}

function unavailable(cause: unknown): ProviderError {
  return new ProviderError('PROVIDER_UNAVAILABLE', `Pixverse cannot be reached: ${connectionFault(cause)}`, {
    providerId: PIXVERSE_ID,
    cause,
  })
}
