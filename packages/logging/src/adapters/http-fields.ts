import { isError } from '../core/errors-of-values.ts'

/** Turns the value of a key into what is logged of it. */
export type Serializer = (value: never) => unknown

export type Serializers = Readonly<Record<string, Serializer>>

/** What was made by the serializers of this file: its fields go on the line themselves, not into an object of their own. */
const spread = new WeakSet<object>()

/**
 * How values are logged that frameworks have names for: of a request (`req`) `method`, `path` (without query) and `client_ip`, of
 * an answer (`res`) `status_code`; an error (`err`) stays one. They also take what pino's own serializers have made of these.
 */
export const HTTP_SERIALIZERS: Serializers = {
  req: (request: unknown) => {
    const source = (request ?? {}) as Record<string, unknown>
    const socket = source['socket'] as { remoteAddress?: unknown } | null | undefined
    // Express shortens `url` inside of a router.
    const url = source['originalUrl'] ?? source['url']
    return spreading({
      method: source['method'],
      // A query may hold anything, and the path is what one counts by.
      path: typeof url === 'string' ? url.replace(/[?#].*$/s, '') : url,
      client_ip: source['ip'] ?? source['remoteAddress'] ?? socket?.remoteAddress,
    })
  },
  res: (response: unknown) =>
    spreading({ status_code: (response as { statusCode?: unknown } | null | undefined)?.statusCode }),
  err: (error: unknown) => {
    const raw = (error as { raw?: unknown } | null | undefined)?.raw
    return isError(raw) ? raw : error
  },
}

/** Names of frameworks that are ours under another name. */
const NAMES: Readonly<Record<string, string>> = {
  reqId: 'request_id',
  responseTime: 'duration_ms',
  err: 'error',
}

/**
 * Fields as a framework gives them, under our names. Values that are no objects, errors and collections are returned as they are, and so is an
 * object that cannot be read: the encoder can tell which field it was. Never throws.
 */
export function translateFields(value: unknown, serializers: Serializers = HTTP_SERIALIZERS): unknown {
  if (typeof value !== 'object' || value === null || isError(value)) return value
  try {
    if (Array.isArray(value) || value instanceof Map || value instanceof Set) return value
    // Without prototype, so that a key named __proto__ is a key like the others.
    const fields = Object.create(null) as Record<string, unknown>
    for (const [key, item] of Object.entries(value)) {
      const shown = Object.hasOwn(serializers, key) ? serialized(serializers[key] as Serializer, item) : item
      if (typeof shown === 'object' && shown !== null && spread.has(shown)) Object.assign(fields, shown)
      else fields[Object.hasOwn(NAMES, key) ? (NAMES[key] as string) : key] = rounded(key, shown)
    }
    return fields
  } catch {
    return value
  }
}

function spreading(fields: object): object {
  spread.add(fields)
  return fields
}

/** A serializer of the application that fails must not show what it was there to hide. */
function serialized(serializer: Serializer, value: unknown): unknown {
  try {
    return serializer(value as never)
  } catch {
    return '[unreadable]'
  }
}

function rounded(key: string, value: unknown): unknown {
  return key === 'responseTime' && typeof value === 'number' ? Math.round(value * 1000) / 1000 : value
}
