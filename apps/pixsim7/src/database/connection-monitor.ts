/**
 * Tells the loss and the return of the database, once each, however many queries fail in between.
 *
 * - up: a reported error starts a check on a connection of its own (the pool's may all be dead, or all be busy).
 *   Check passed → up: at most a warning, or, when the pool had no connection to give, CRITICAL once a minute.
 *   Check failed → lost, "Database connection lost" at CRITICAL.
 * - lost: checks once a second until one passes → up, "Database connection restored" at INFO.
 * - closed: says and does nothing any more.
 */
import { getLogger, LogContext } from '@pixsim7/logging'
import { Client } from 'pg'
import { errorFields } from '../error-fields.ts'
import { isPoolTimeout } from './connection-errors.ts'

const CHECK_INTERVAL_MS = 1000
const CHECK_TIMEOUT_MS = 5000
/** An exhausted pool fails every request; it is told when it begins and then once in this time. */
const EXHAUSTED_INTERVAL_MS = 60_000

const logger = getLogger('database.session')

export class ConnectionMonitor {
  readonly #url: string
  /** Bound to the context of the opening: the request that happens to notice the loss is not what it is about. */
  readonly #startCheck: (reason: Error) => void
  #state: 'up' | 'lost' | 'closed' = 'up'
  #isChecking = false
  #lostAtMs = 0
  #exhaustedToldAtMs = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(url: string) {
    this.#url = url
    this.#startCheck = LogContext.bind((reason: Error) => void this.#check(reason))
  }

  /** False from the moment a check failed until one passes again. */
  get isUp(): boolean {
    return this.#state === 'up'
  }

  /** To be called with each error that speaks of the connection. Returns at once. */
  report(error: Error): void {
    if (this.#state !== 'up' || this.#isChecking) return
    this.#startCheck(error)
  }

  /** Stops checking. */
  close(): void {
    this.#state = 'closed'
    clearTimeout(this.#timer)
  }

  async #check(reason?: Error): Promise<void> {
    this.#isChecking = true
    const failure = await probe(this.#url)
    this.#isChecking = false
    if (this.#state === 'closed') return
    if (failure === undefined) this.#settle(reason)
    else this.#lose(failure)
  }

  #settle(reason: Error | undefined): void {
    if (this.#state === 'lost') {
      logger.info('Database connection restored', {
        event: 'dependency_up',
        dependency: 'database',
        pid: process.pid,
        duration_ms: Date.now() - this.#lostAtMs,
      })
    } else if (reason !== undefined && isPoolTimeout(reason)) {
      this.#tellExhausted(reason)
    } else if (reason !== undefined) {
      logger.warning('Database connection replaced', errorFields(reason))
    }
    this.#state = 'up'
  }

  #tellExhausted(reason: Error): void {
    if (performance.now() - this.#exhaustedToldAtMs < EXHAUSTED_INTERVAL_MS) return
    this.#exhaustedToldAtMs = performance.now()
    logger.critical('Database pool exhausted', errorFields(reason))
  }

  #lose(failure: Error): void {
    if (this.#state === 'up') {
      this.#state = 'lost'
      this.#lostAtMs = Date.now()
      logger.critical('Database connection lost', {
        event: 'dependency_down',
        dependency: 'database',
        pid: process.pid,
        ...errorFields(failure),
      })
    }
    this.#timer = setTimeout(() => void this.#check(), CHECK_INTERVAL_MS)
    this.#timer.unref()
  }
}

/** Connects, asks, disconnects; what went wrong, or undefined. Never throws. */
async function probe(url: string): Promise<Error | undefined> {
  const client = new Client({
    connectionString: url,
    application_name: 'pixsim7-probe',
    connectionTimeoutMillis: CHECK_TIMEOUT_MS,
    query_timeout: CHECK_TIMEOUT_MS,
  })
  client.on('error', () => {}) // It also rejects the call under way.
  try {
    await client.connect()
    await client.query('select 1')
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  } finally {
    client.end().catch(() => {}) // Nothing depends on the goodbye of a probe.
  }
}
