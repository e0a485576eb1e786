import { LOCAL_SOCKET_NAME, LOCAL_SOCKET_PATH_LIMIT_BYTES } from '@pixsim7/protocol'
import type { FastifyInstance } from 'fastify'
import { lstatSync, unlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import path from 'node:path'
import { answerClientError } from '../http/problems.ts'
import { ServerError } from '../server-error.ts'

/** Who may connect is decided by this mode: connecting takes the right to write. */
const SOCKET_UMASK = 0o177
/** What in-flight answers get to be finished in after the stop; then their connections are cut. */
const ANSWER_GRACE_MS = 2000
/** Command lines of the owner; the network cannot reach it. */
const MAX_CONNECTIONS = 200

/**
 * The log server's second door: a Unix socket in its data folder, for the command line. The file's mode authenticates, so
 * no secret has to be kept anywhere: only the user who runs the log server (and root) can connect. Whether a request came
 * through it is known by the connection itself, nothing a client sends can make it so.
 *
 * Open it only while the store is open: the store has one owner at a time, so whatever stands under the socket's name
 * then was left by a log server that was killed.
 */
export class LocalSocket {
  readonly path: string
  readonly #connections = new WeakSet<Socket>()
  #server: Server | undefined

  constructor(dataFolder: string) {
    this.path = path.join(dataFolder, LOCAL_SOCKET_NAME)
  }

  /** Whether a connection came through this socket. */
  carries(connection: Socket): boolean {
    return this.#connections.has(connection)
  }

  /**
   * Listens; requests are answered by `app`, which must be ready.
   *
   * @throws ServerError SERVER_NO_LOCAL_SOCKET: no sockets on this platform or file system, the path is too long, or
   * something else stands there.
   */
  async open(app: FastifyInstance): Promise<void> {
    this.#assertUsable()
    const server = createServer({ requestTimeout: app.server.requestTimeout }, (request, response) =>
      app.routing(request, response),
    )
    server.maxConnections = MAX_CONNECTIONS
    server.on('connection', (connection) => this.#connections.add(connection))
    server.on('clientError', (error, connection) => answerClientError(error, connection as Socket))
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(this.#unusable(`cannot be made (${error.message})`)))
      // The file is made inside listen(), so that it never exists with another mode.
      const umask = process.umask(SOCKET_UMASK)
      try {
        server.listen(this.path, resolve)
      } finally {
        process.umask(umask)
      }
    })
  }

  /** Stops listening, lets answers under way end, and removes the file. Safe twice, and before `open`. */
  async close(): Promise<void> {
    const server = this.#server
    if (server?.listening !== true) return
    this.#server = undefined
    const cutOff = setTimeout(() => server.closeAllConnections(), ANSWER_GRACE_MS)
    // Closing removes the file as well.
    await new Promise((resolve) => server.close(resolve))
    clearTimeout(cutOff)
  }

  /** Removes what a killed log server left; leaves alone whatever is no socket. */
  #assertUsable(): void {
    if (process.platform === 'win32') throw this.#unusable('is not made on Windows')
    const bytes = Buffer.byteLength(this.path)
    // A longer path would be cut in silence, and the socket be made elsewhere.
    if (bytes > LOCAL_SOCKET_PATH_LIMIT_BYTES) {
      throw this.#unusable(`has ${bytes} bytes, and sockets take ${LOCAL_SOCKET_PATH_LIMIT_BYTES}`)
    }
    try {
      if (!lstatSync(this.path).isSocket()) throw this.#unusable('is taken by something else')
      unlinkSync(this.path)
    } catch (error) {
      if (error instanceof ServerError) throw error
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      throw this.#unusable(`cannot be replaced (${(error as Error).message})`)
    }
  }

  #unusable(why: string): ServerError {
    return new ServerError(
      'SERVER_NO_LOCAL_SOCKET',
      `The local socket ${this.path} ${why}. Without it pixlogs needs the address and LOGS_API_TOKEN; a shorter or another LOGS_DATA_DIR may mend it.`,
    )
  }
}
