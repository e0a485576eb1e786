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
  const idPath = (id: string) => `/logs/${encodeURIComponent(id)}`

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
    entry: (id, call) => get(idPath(id), {}, call),
    context: (id, query, call) => get(`${idPath(id)}/context`, query, call),
    health: (call) => get('/health', {}, call),
    requestRate: (query, call) => get('/stats/requests-per-minute', query, call),
    slow: (query, call) => get('/stats/slow', query, call),
    storage: (call) => get('/stats/storage', {}, call),
    services: (call) => get('/stats/services', {}, call),
    tail: (filter, tailOptions) =>
      followTail(send, (filter ?? {}) as Record<string, QueryValue>, tailOptions),
  }
}
