/** Reads the body of a request: bounded, whatever its sender claims. */
import type { IncomingMessage } from 'node:http'

/** The body, or undefined when it is longer than `maxBytes` or the sender went away. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length
      // Read to its end, but not kept: leaving the loop would destroy the connection before the refusal is sent.
      if (bytes <= maxBytes) chunks.push(chunk)
      else chunks.length = 0
    }
  } catch {
    // The sender closed the connection: there is nobody left to tell.
    return undefined
  }
  return bytes <= maxBytes ? Buffer.concat(chunks) : undefined
}

/** The object a JSON text holds; undefined for anything else. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
