import { API_PREFIX } from '@pixsim7/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { OwnLog } from '../host/own-log.ts'
import { ServerError } from '../server-error.ts'

/** Longer than any question the panel builds; Node itself refuses headers above 16 KiB. */
const MAX_URL_LENGTH = 8192
const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

export interface RequestChecks {
  /** Address the server is bound to (LOGS_HOST). */
  readonly bindHost: string
  /** Host names allowed besides the loopback ones (LOGS_ALLOWED_HOSTS), in lower case, without port. */
  readonly allowedHosts: readonly string[]
}

/** Refuses what no client of ours sends: foreign host names and foreign pages, and addresses without end. */
export function addRequestChecks(app: FastifyInstance, checks: RequestChecks, ownLog: OwnLog): void {
  app.addHook('onRequest', async (request) => {
    if (request.url.length > MAX_URL_LENGTH) {
      throw new ServerError(
        'url_too_long',
        `The address has ${request.url.length} characters; at most ${MAX_URL_LENGTH} are taken.`,
      )
    }
    if (!isHostAllowed(request.host, checks)) {
      ownLog.tell('malicious_host', { host: request.host.slice(0, 200), client_ip: request.ip })
      throw new ServerError(
        'host_not_allowed',
        'This Host name is not allowed here. If it is yours, add it to LOGS_ALLOWED_HOSTS and restart the log server.',
      )
    }
    if (isForeign(request)) {
      ownLog.tell('malicious_cors', { origin: request.headers.origin?.slice(0, 200), client_ip: request.ip })
      throw new ServerError(
        'foreign_origin',
        'Requests of pages from another origin are refused. Open the panel from this server itself.',
      )
    }
  })
}

export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)
}

/**
 * A page of a foreign site may let its own name point at 127.0.0.1 (DNS rebinding) and would then be of our origin; but
 * its requests carry its name. So a server bound to this machine answers by the machine's own names only, at any port
 * (a tunnel's may differ). One bound to the network cannot know its names: there LOGS_ALLOWED_HOSTS says them, and without
 * it all are taken; a rebound page has no session there, since cookies belong to a name.
 */
export function isHostAllowed(host: string, { bindHost, allowedHosts }: RequestChecks): boolean {
  if (!isLoopback(bindHost) && allowedHosts.length === 0) return true
  const name = hostName(host)
  return LOOPBACK_HOSTS.has(name) || allowedHosts.includes(name)
}

/** `Example.org.:8080` → `example.org`; an IPv6 address keeps its brackets. */
export function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
}

/**
 * Whether a browser says that a page of another origin sends this. Another port is another origin: other programs on
 * localhost share its cookies. Programs that are no browser say nothing and are judged by their credentials alone. Following
 * a link from elsewhere to a page is fine; to the API it is not when it changes anything.
 */
function isForeign(request: FastifyRequest): boolean {
  // By the route, not the address: /%61pi leads to the API as well.
  const isApi = request.routeOptions.url?.startsWith(API_PREFIX) === true
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (!isApi && isRead) return false
  const { origin } = request.headers
  if (origin !== undefined && origin !== `${request.protocol}://${request.host}`) return true
  const site = request.headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  return !(isRead && request.headers['sec-fetch-mode'] === 'navigate')
}
