/**
 * A typed client of the log server, for browsers and Node. It imports only types from the schemas, so that a page does
 * not load the schema library.
 */
import {
  createRequest,
  readJson,
  type ClientOptions,
  type QueryValue,
  type RequestOptions,
} from './request.ts'
import { ProtocolError } from './protocol-error.ts'
import { followTail, type TailMessage, type TailOptions } from './tail-client.ts'
import type {
  ContextAnswer,
  ContextQuery,
  Entry,
  FacetsAnswer,
  FacetsQuery,
  FilterQuery,
  HealthAnswer,
  HistogramAnswer,
  HistogramQuery,
  LogsAnswer,
  LogsQuery,
  MeAnswer,
  RequestRateAnswer,
  RequestRateQuery,
  ServicesAnswer,
  SlowAnswer,
  SlowQuery,
  StorageAnswer,
} from './schemas.ts'

export * from './contract.ts'
export { ProtocolError, type ProtocolErrorCode } from './protocol-error.ts'
export { formatQuery, type ClientOptions } from './request.ts'
export type { TailMessage, TailOptions } from './tail-client.ts'
export type * from './schemas.ts'
export * from './tail.ts'

export interface CallOptions {
  /** Aborting cancels the question in the store as well; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/** Parameters as a caller has them at hand: absent, undefined and empty are the same. */
export type Parameters<Query> = { readonly [Name in keyof Query]?: Readonly<Query[Name]> | undefined }

/** Every method but `tail` rejects with a ProtocolError when the server does not answer as asked. */
export interface LogClient {
  /** Opens a session: the browser keeps its cookie; in Node the client does. */
  login(username: string, password: string, options?: CallOptions): Promise<MeAnswer>
  logout(options?: CallOptions): Promise<void>
  me(options?: CallOptions): Promise<MeAnswer>
  logs(query?: Parameters<LogsQuery>, options?: CallOptions): Promise<LogsAnswer>
  histogram(query?: Parameters<HistogramQuery>, options?: CallOptions): Promise<HistogramAnswer>
  facets(query?: Parameters<FacetsQuery>, options?: CallOptions): Promise<FacetsAnswer>
  entry(id: string, options?: CallOptions): Promise<Entry>
  context(id: string, query?: Parameters<ContextQuery>, options?: CallOptions): Promise<ContextAnswer>
  health(options?: CallOptions): Promise<HealthAnswer>
  requestRate(query?: Parameters<RequestRateQuery>, options?: CallOptions): Promise<RequestRateAnswer>
  slow(query?: Parameters<SlowQuery>, options?: CallOptions): Promise<SlowAnswer>
  storage(options?: CallOptions): Promise<StorageAnswer>
  services(options?: CallOptions): Promise<ServicesAnswer>
  /** Follows what is stored from now on, or from `options.position`; see followTail. */
  tail(filter?: Parameters<FilterQuery>, options?: TailOptions): AsyncGenerator<TailMessage, void, undefined>
}

/** What ids of entries are made of. */
const ENTRY_ID = /^-?[0-9a-z]+\.[0-9a-z]+\.[0-9a-z]+$/

/**
 * The path of an entry. An id may come from an address somebody typed or sent: `facets` or `..` would be another route, and
 * its answer no entry.
 *
 * @throws ProtocolError not_found for what is no id
 */
function entryPath(id: string): string {
  if (ENTRY_ID.test(id)) return `/logs/${id}`
  throw new ProtocolError('not_found', 'There is no entry with such an id.', { status: 404 })
}

/** A client of the log server at `options.baseUrl`; holds no connection of its own. */
export function createClient(options: ClientOptions = {}): LogClient {
  const send = createRequest(options)
  const ask = async <T>(path: string, request: RequestOptions): Promise<T> =>
    readJson<T>(await send(path, request), request.signal)
  const get = <T>(
    path: string,
    query: Parameters<object> | undefined,
    call: CallOptions | undefined,
  ): Promise<T> => ask<T>(path, { query: (query ?? {}) as Record<string, QueryValue>, signal: call?.signal })

  return {
    login: (username, password, call) =>
      ask('/auth/login', { method: 'POST', body: { username, password }, signal: call?.signal }),
    logout: async (call) => {
      await send('/auth/logout', { method: 'POST', signal: call?.signal })
    },
    me: (call) => get('/auth/me', {}, call),
    logs: (query, call) => get('/logs', query, call),
    histogram: (query, call) => get('/logs/histogram', query, call),
    facets: (query, call) => get('/logs/facets', query, call),
    entry: async (id, call) => get(entryPath(id), {}, call),
    context: async (id, query, call) => get(`${entryPath(id)}/context`, query, call),
    health: (call) => get('/health', {}, call),
    requestRate: (query, call) => get('/stats/requests-per-minute', query, call),
    slow: (query, call) => get('/stats/slow', query, call),
    storage: (call) => get('/stats/storage', {}, call),
    services: (call) => get('/stats/services', {}, call),
    tail: (filter, tailOptions) =>
      followTail(send, (filter ?? {}) as Record<string, QueryValue>, tailOptions),
  }
}
