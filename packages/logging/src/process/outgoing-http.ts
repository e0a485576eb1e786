import { AsyncLocalStorage } from 'node:async_hooks'
import diagnostics from 'node:diagnostics_channel'
import { performance } from 'node:perf_hooks'
import { getLogger } from '../logger.ts'

/** Logger of outgoing requests. */
const LOGGER = 'outgoing_http'

/** What undici says of a request; checked before use, since it may be of any version. */
interface UndiciRequest {
  readonly origin?: unknown
  readonly method?: unknown
  readonly path?: unknown
}

interface UndiciMessage {
  readonly request: UndiciRequest
  readonly response?: { readonly statusCode?: unknown }
  readonly error?: unknown
}

/** A request under way: when it began, and how to come back to the context of who sent it. */
interface Pending {
  readonly startedMs: number
  readonly inContext: <T>(fn: () => T) => T
}

/**
 * Logs the outgoing requests of undici, that of the application's node_modules and that of Node's own fetch, at DEBUG: `method`,
 * `host`, `path` without its query, `status_code`, and `duration_ms` until the head of the answer was there; a failure with its `error`
 * and the time until then. Requests cost next to nothing while DEBUG is off. Returns how to stop.
 */
export function captureOutgoingHttp(): () => void {
  const logger = getLogger(LOGGER)
  const pending = new WeakMap<object, Pending>()

  const listeners = {
    'undici:request:create': ({ request }) => {
      if (!logger.isEnabled('DEBUG')) return
      pending.set(request, { startedMs: performance.now(), inContext: AsyncLocalStorage.snapshot() })
    },
    'undici:request:headers': ({ request, response }) => {
      const begun = pending.get(request)
      if (begun === undefined) return
      const fields = { status_code: response?.statusCode, duration_ms: sinceMs(begun) }
      begun.inContext(() => logger.debug('Outgoing request answered', { ...describe(request), ...fields }))
    },
    'undici:request:error': ({ request, error }) => {
      const begun = pending.get(request)
      if (begun === undefined) return
      pending.delete(request)
      const fields = { duration_ms: sinceMs(begun), error }
      begun.inContext(() => logger.debug('Outgoing request failed', { ...describe(request), ...fields }))
    },
  } satisfies Record<string, (message: UndiciMessage) => void>

  const undo = Object.entries(listeners).map(([name, listener]) => {
    const listen = (message: unknown): void => {
      // Node throws what a listener throws as an uncaught exception: a message of an unknown form must not end the program.
      if (isUndiciMessage(message)) listener(message)
    }
    diagnostics.subscribe(name, listen)
    return () => diagnostics.unsubscribe(name, listen)
  })
  return () => {
    for (const stop of undo) stop()
  }
}

function isUndiciMessage(message: unknown): message is UndiciMessage {
  const request = (message as Partial<UndiciMessage> | null | undefined)?.request
  return typeof request === 'object' && request !== null
}

function describe({ origin, method, path }: UndiciRequest): Record<string, unknown> {
  return {
    method,
    host: hostOf(origin),
    // A query may hold anything, and the path is what one counts by.
    path: typeof path === 'string' ? path.replace(/[?#].*$/s, '') : undefined,
  }
}

/** Without user and password, which an origin may hold. */
function hostOf(origin: unknown): string | undefined {
  try {
    return new URL(String(origin)).host
  } catch {
    // A dispatcher for one fixed place knows no origin.
    return undefined
  }
}

function sinceMs({ startedMs }: Pending): number {
  return Math.round((performance.now() - startedMs) * 1000) / 1000
}
