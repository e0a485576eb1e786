import { makeDataDir, openStore } from '@pixsim7/store'
import type { FastifyInstance } from 'fastify'
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { Access } from './access/access.ts'
import { openCredentials, type Credentials } from './access/credentials.ts'
import { LoginLimit } from './access/login-limit.ts'
import { hashPassword } from './access/password.ts'
import { Sessions } from './access/sessions.ts'
import { buildApp } from './app.ts'
import { LocalSocket } from './host/local-socket.ts'
import { LINE_INTERVAL_MS, OwnLog, type WriteLine } from './host/own-log.ts'
import { logStoreEvents } from './host/store-events.ts'
import { StoreHolder } from './host/store-holder.ts'
import { isLoopback } from './http/request-checks.ts'
import { retentionOf } from './retention.ts'
import { ServerError } from './server-error.ts'
import type { ServerSettings } from './settings.ts'

/** What in-flight answers get to be finished in after the stop; then their connections are cut. */
const ANSWER_GRACE_MS = 2000

export interface LogServerOptions {
  readonly settings: ServerSettings
  /** Where the log server's own lines go. */
  readonly writeLine: WriteLine
  /** Built panel; undefined when there is none. */
  readonly panelFolder: string | undefined
  readonly version: string
  /** Milliseconds since 1970; default Date.now. Sessions and the limit on signing in go by it. */
  readonly now?: () => number
}

/**
 * One log server: the store and the HTTP app in front of it. `start` → `storeOpened` → `close`, or `startLocal` → `close`.
 * `close` may be called at any moment after the start was, and twice.
 */
export class LogServer {
  readonly #options: LogServerOptions
  readonly #ownLog: OwnLog
  readonly #stores = new StoreHolder()
  readonly #localSocket: LocalSocket
  readonly #stopping = new AbortController()
  #app: FastifyInstance | undefined
  #sessions: Sessions | undefined
  /** From the start until it has stopped. */
  #heartbeat: NodeJS.Timeout | undefined
  #storeOpened: Promise<void> = Promise.resolve()
  #closed: Promise<void> | undefined

  constructor(options: LogServerOptions) {
    this.#options = options
    this.#ownLog = new OwnLog(options.writeLine)
    this.#localSocket = new LocalSocket(options.settings.dataDir)
  }

  /**
   * Listens, then reads or makes the password hash, then begins to open the store. Resolves before the store has opened:
   * until then health says starting and questions are answered 503.
   *
   * @throws ServerError with a `SERVER_…` code; what was started is stopped again.
   */
  async start(): Promise<Credentials> {
    const { settings, version } = this.#options
    return this.#start(async (app, openAccess) => {
      await listen(app, settings.host, settings.port)
      // After listening: a second log server on the same port must not leave a password behind that nobody has seen.
      const credentials = await openCredentials(settings.dataDir, settings.adminPassword)
      await openAccess(credentials.passwordHash, settings.dataDir)
      if (credentials.origin === 'generated')
        this.#ownLog.tell('user_updated', { origin: credentials.origin })
      this.#ownLog.tell('service_started', { version, pid: process.pid, port: this.port })
      this.#heartbeat = setInterval(() => this.#beat(), LINE_INTERVAL_MS).unref()
      this.#storeOpened = this.#openStore().then(() => this.#openLocalSocket(app))
      // Handled by whoever asks storeOpened; without this a failure before that would end the process by itself.
      this.#storeOpened.catch(() => {})
      return credentials
    })
  }

  /**
   * Answers at the local socket alone, for one command line: no port is opened, nobody can sign in, and nothing but the
   * store is written. Resolves when the store answers questions.
   *
   * @throws ServerError with a `SERVER_…` code, or the StoreError of a store that cannot be opened; what was started is
   * stopped again.
   */
  async startLocal(): Promise<void> {
    await this.#start(async (app, openAccess) => {
      await app.ready()
      await openAccess(await hashPassword(randomUUID()), undefined)
      this.#storeOpened = this.#openStore()
      await this.#storeOpened
      if (!this.#stopping.signal.aborted) await this.#localSocket.open(app)
    })
  }

  async #start<T>(
    open: (
      app: FastifyInstance,
      openAccess: (passwordHash: string, sessionsFolder: string | undefined) => Promise<void>,
    ) => Promise<T>,
  ): Promise<T> {
    const { settings } = this.#options
    makeDataFolder(settings.dataDir)
    let resolveAccess: (access: Access) => void = () => {}
    const access = new Promise<Access>((resolve) => (resolveAccess = resolve))
    this.#app = await buildApp({
      ...this.#options,
      stores: this.#stores,
      access,
      ownLog: this.#ownLog,
      bindHost: settings.host,
      allowedHosts: settings.allowedHosts ?? [],
      trustedProxies: settings.trustedProxies ?? [],
      engine: settings.engine,
      retention: retentionOf(settings),
      stopping: this.#stopping.signal,
    })
    try {
      return await open(this.#app, async (passwordHash, sessionsFolder) =>
        resolveAccess(await this.#openAccess(passwordHash, sessionsFolder)),
      )
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** Resolves when the store answers questions; rejects with its StoreError when it cannot be opened. */
  get storeOpened(): Promise<void> {
    return this.#storeOpened
  }

  /** Port it listens at. */
  get port(): number {
    return (this.#app?.server.address() as AddressInfo | null)?.port ?? 0
  }

  /** Address for people and programs on this machine, without a path. */
  get url(): string {
    const { host } = this.#options.settings
    const name =
      isLoopback(host) || host === '0.0.0.0' || host === '::'
        ? 'localhost'
        : host.includes(':')
          ? `[${host}]`
          : host
    return `http://${name}:${this.port}`
  }

  /** Ends tails and questions, stops listening, closes the store. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#ownLog.tell('service_stopping', { pid: process.pid })
    this.#stopping.abort()
    const app = this.#app
    const cutOff = setTimeout(() => app?.server.closeAllConnections(), ANSWER_GRACE_MS)
    await app?.close()
    clearTimeout(cutOff)
    await this.#storeOpened.catch(() => {})
    // Before the store: whoever opens it next finds the name free.
    await this.#localSocket.close()
    await this.#stores.close()
    await this.#sessions?.close()
    clearInterval(this.#heartbeat)
    this.#ownLog.tell('service_stopped', { pid: process.pid })
    this.#ownLog.close()
  }

  /** As any component: who reads the log sees by it that the log server runs. */
  #beat(): void {
    this.#ownLog.tell('heartbeat', {
      interval_sec: LINE_INTERVAL_MS / 1000,
      pid: process.pid,
      uptime_sec: Math.floor(process.uptime()),
    })
  }

  async #openAccess(passwordHash: string, sessionsFolder: string | undefined): Promise<Access> {
    const { settings, now = Date.now } = this.#options
    const ownLog = this.#ownLog
    this.#sessions = await Sessions.open({
      dataFolder: sessionsFolder,
      passwordHash,
      now,
      onFileError: (error) => ownLog.tell('sessions_file_failed', { error }),
    })
    return new Access({
      passwordHash,
      apiToken: settings.apiToken,
      sessions: this.#sessions,
      loginLimit: new LoginLimit(now),
      ownLog,
      isLocal: (request) => this.#localSocket.carries(request.raw.socket),
    })
  }

  /** The log server does without, where there can be none. */
  async #openLocalSocket(app: FastifyInstance): Promise<void> {
    if (this.#stopping.signal.aborted) return
    try {
      await this.#localSocket.open(app)
    } catch (error) {
      this.#ownLog.tell('local_socket_failed', { reason: (error as Error).message })
    }
  }

  async #openStore(): Promise<void> {
    const { dataDir, files, components, memoryBytes } = this.#options.settings
    try {
      const store = await openStore({
        dataDir,
        files,
        ...(components === undefined ? {} : { components }),
        ...(memoryBytes === undefined ? {} : { memoryBytes }),
        retention: retentionOf(this.#options.settings),
        ...(this.#options.now === undefined ? {} : { now: this.#options.now }),
        onEvent: logStoreEvents(this.#ownLog),
      })
      this.#stores.ready(store)
    } catch (error) {
      this.#ownLog.tell('store_failed', { error })
      throw error
    }
  }
}

function makeDataFolder(folder: string): void {
  try {
    makeDataDir(folder)
  } catch (cause) {
    throw new ServerError(
      'SERVER_DATA_DIR_UNUSABLE',
      `${(cause as Error).message} The setting is LOGS_DATA_DIR.`,
      { cause },
    )
  }
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      throw new ServerError(
        'SERVER_PORT_TAKEN',
        `Port ${port} at ${host} is taken by another program. Stop it, or set LOGS_PORT to another port.`,
        { cause },
      )
    }
    throw new ServerError(
      'SERVER_CANNOT_LISTEN',
      `Cannot listen at ${host}, port ${port}: ${message}. Set LOGS_HOST to an address of this machine and LOGS_PORT to a port above 1023.`,
      { cause },
    )
  }
}
