/** Fetches the bytes of an asset from its provider. */
import { Deadline } from '../deadline.ts'
import { connectionFault } from '../system-code.ts'
import { AssetError } from './asset-error.ts'

/** Until the first byte, and then from chunk to chunk: a slow file may take long, a dead connection may not. */
const SILENCE_TIMEOUT_MS = 60_000

/** A download under way; read `chunks` to its end or leave the loop, either closes the connection. */
export interface Download {
  readonly chunks: AsyncIterable<Uint8Array>
  /** What the server announced; undefined when it did not. */
  readonly announcedBytes: number | undefined
  readonly mimeType: string
}

/** The host an address points to, for log lines: the rest may be a signature. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'no address'
}

/**
 * Starts a download, following redirects.
 *
 * @throws AssetError ASSET_DOWNLOAD_FAILED, FILE_NOT_FOUND; reading `chunks` throws ASSET_DOWNLOAD_FAILED as well
 */
export async function startDownload(url: string, signal?: AbortSignal): Promise<Download> {
  const host = hostOf(url)
  const silence = new Deadline(SILENCE_TIMEOUT_MS, 'nothing came', signal)
  try {
    const response = await fetch(url, { signal: silence.signal, headers: { 'accept-encoding': 'identity' } })
    if (!response.ok || response.body === null) {
      await response.body?.cancel()
      throw refused(host, response.status)
    }
    const length = Number(response.headers.get('content-length') ?? Number.NaN)
    const announcedBytes = Number.isSafeInteger(length) && length >= 0 ? length : undefined
    return {
      chunks: readChunks(response.body, silence, host, announcedBytes),
      announcedBytes,
      mimeType: response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '',
    }
  } catch (error) {
    silence.end()
    throw error instanceof AssetError ? error : broken(host, error)
  }
}

async function* readChunks(
  body: ReadableStream<Uint8Array>,
  silence: Deadline,
  host: string,
  announcedBytes: number | undefined,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  const reader = body.getReader()
  let isRead = false
  try {
    for (;;) {
      let part
      try {
        part = await reader.read()
      } catch (error) {
        throw broken(host, error)
      }
      if (part.done) break
      silence.restart()
      bytes += part.value.byteLength
      yield part.value
    }
    isRead = true
  } finally {
    silence.end()
    // Left early by the consumer or by an error: the connection must not stay open. That cancelling fails tells nothing new.
    if (!isRead) await reader.cancel().catch(() => {})
  }
  if (announcedBytes !== undefined && bytes !== announcedBytes) {
    throw new AssetError('ASSET_DOWNLOAD_FAILED', `${host} sent ${bytes} of ${announcedBytes} bytes`)
  }
}

function refused(host: string, statusCode: number): AssetError {
  const isGone = statusCode === 404 || statusCode === 410 || statusCode === 403
  return new AssetError(
    isGone ? 'FILE_NOT_FOUND' : 'ASSET_DOWNLOAD_FAILED',
    `${host} answered with HTTP status ${statusCode}`,
    { statusCode },
  )
}

function broken(host: string, cause: unknown): AssetError {
  return new AssetError(
    'ASSET_DOWNLOAD_FAILED',
    `The download from ${host} broke off: ${connectionFault(cause)}`,
    { cause },
  )
}
