import type { QueryOptions } from '../log-store.ts'
import type { SqlRunner } from '../questions/sql-runner.ts'
import { StoreError } from '../store-error.ts'
import type { StoreEventListener } from '../store-event.ts'
import type { EngineOptions } from '../store-options.ts'
import { EngineProcess } from './engine-process.ts'
import { EngineState } from './engine-state.ts'
import { MAX_SQL_BYTES, type FromEngine } from './protocol.ts'

/** How long a question waits for an engine that is starting again before it is given up. */
const WAIT_FOR_ENGINE_MS = 15_000
const FIRST_RESTART_MS = 200
const MAX_RESTART_MS = 30_000
/** An engine that has lived so long, or has stored something, was no failure from the start: the pauses begin anew. */
const STABLE_MS = 60_000

interface Asked {
  readonly resolve: (text: string) => void
  readonly reject: (error: StoreError) => void
}

/**
 * Keeps an engine running and asks it: starts its process again when it ends or hangs, with growing pauses, and puts
 * questions to whichever process is there. A question whose process is lost is put once more to the next one.
 */
export class EngineClient implements SqlRunner {
  readonly state = new EngineState()
  readonly #options: EngineOptions
  readonly #queryTimeoutMs: number
  readonly #onEvent: StoreEventListener
  readonly #asked = new Map<number, Asked>()
  #process: EngineProcess | undefined
  #restartTimer: NodeJS.Timeout | undefined
  #restartInMs = FIRST_RESTART_MS
  #startedMs = 0
  #startedAtBatch = 0
  #lastId = 0
  #closed: Promise<void> | undefined

  constructor(options: EngineOptions, queryTimeoutMs: number, onEvent: StoreEventListener) {
    this.#options = options
    this.#queryTimeoutMs = queryTimeoutMs
    this.#onEvent = onEvent
  }

  /** Starts the first engine. Rejects when it refuses the store; nothing is left running then. */
  async start(): Promise<void> {
    this.#startProcess()
    await this.state.waitReady(new AbortController().signal)
  }

  async rows<Row>(sql: string, options: QueryOptions = {}): Promise<Row[]> {
    const text = await this.#ask(sql, options.signal)
    const rows: Row[] = []
    for (let start = 0; start < text.length;) {
      const end = text.indexOf('\n', start)
      const line = text.slice(start, end === -1 ? undefined : end)
      if (line !== '') rows.push(JSON.parse(line) as Row)
      start = end === -1 ? text.length : end + 1
    }
    return rows
  }

  /** Stops following and ends the engine. */
  close(): Promise<void> {
    this.#closed ??= (async () => {
      clearTimeout(this.#restartTimer)
      this.state.close()
      await this.#process?.close()
    })()
    return this.#closed
  }

  async #ask(sql: string, signal: AbortSignal | undefined): Promise<string> {
    if (Buffer.byteLength(sql) > MAX_SQL_BYTES) {
      throw new StoreError(
        'STORE_BAD_QUESTION',
        `The question is longer than ${MAX_SQL_BYTES} bytes as SQL. Ask for less at once.`,
      )
    }
    for (let attempt = 1; ; attempt += 1) {
      await this.#waitReady(signal)
      if (signal?.aborted === true) throw aborted()
      try {
        return await this.#askOnce(sql, signal)
      } catch (error) {
        const isLost = error instanceof StoreError && error.code === 'STORE_ENGINE_LOST'
        if (!isLost || attempt === 2) throw error
      }
    }
  }

  async #waitReady(signal: AbortSignal | undefined): Promise<void> {
    if (this.state.isReady) return
    const timeout = AbortSignal.timeout(WAIT_FOR_ENGINE_MS)
    await this.state.waitReady(signal === undefined ? timeout : AbortSignal.any([signal, timeout]))
    if (!this.state.isReady && signal?.aborted !== true) {
      throw new StoreError(
        'STORE_ENGINE_LOST',
        `The store engine is not running: ${this.state.lastError ?? 'it is still starting'}. It is started again by itself; ask later.`,
      )
    }
  }

  #askOnce(sql: string, signal: AbortSignal | undefined): Promise<string> {
    this.#lastId += 1
    const id = this.#lastId
    return new Promise<string>((resolve, reject) => {
      // Whoever withdraws a question does not wait until the engine has let go of it.
      const onAbort = () => {
        this.#process?.send({ type: 'cancel', id })
        this.#asked.get(id)?.reject(aborted())
      }
      const settle = () => {
        this.#asked.delete(id)
        signal?.removeEventListener('abort', onAbort)
      }
      this.#asked.set(id, {
        resolve: (text) => {
          settle()
          resolve(text)
        },
        reject: (error) => {
          settle()
          reject(error)
        },
      })
      signal?.addEventListener('abort', onAbort)
      if (this.#process?.send({ type: 'query', id, sql, timeoutMs: this.#queryTimeoutMs }) !== true) {
        this.#asked.get(id)?.reject(engineLost('its process has just ended'))
      }
    })
  }

  #startProcess(): void {
    this.#startedMs = performance.now()
    this.#startedAtBatch = this.state.committedBatch
    const engine = new EngineProcess(this.#options, {
      onMessage: (message) => this.#receive(engine, message),
      onEnd: (reason, refusal) => this.#ended(engine, reason, refusal),
    })
    this.#process = engine
  }

  #receive(engine: EngineProcess, message: FromEngine): void {
    switch (message.type) {
      case 'ready':
        this.state.ready(message, engine.pid ?? 0)
        this.#onEvent({
          event: 'engineStarted',
          pid: engine.pid ?? 0,
          version: message.version,
          restarts: this.state.restarts,
        })
        break
      case 'answer':
        this.#asked.get(message.id)?.resolve(message.text)
        break
      case 'failure':
        this.#asked.get(message.id)?.reject(new StoreError(message.code, message.message))
        break
      case 'heartbeat':
        this.state.heartbeat(message.health)
        break
      case 'progress':
        this.state.progress(message.progress)
        break
      case 'event':
        this.#onEvent(message.event)
        break
      case 'refused':
        break
    }
  }

  #ended(engine: EngineProcess, reason: string, refusal: StoreError | undefined): void {
    if (this.#process !== engine) return
    this.#process = undefined
    const isFirst = !this.state.hasBeenReady
    this.state.lost(reason, isFirst ? (refusal ?? engineLost(reason)) : undefined)
    const lost = engineLost(reason)
    for (const asked of [...this.#asked.values()]) asked.reject(lost)
    if (this.#closed !== undefined || isFirst) return
    const hasStored = this.state.committedBatch > this.#startedAtBatch
    if (hasStored || performance.now() - this.#startedMs > STABLE_MS) this.#restartInMs = FIRST_RESTART_MS
    this.#onEvent({ event: 'engineLost', reason, restartInMs: this.#restartInMs })
    this.#restartTimer = setTimeout(() => this.#startProcess(), this.#restartInMs)
    this.#restartInMs = Math.min(this.#restartInMs * 2, MAX_RESTART_MS)
  }
}

function engineLost(reason: string): StoreError {
  return new StoreError(
    'STORE_ENGINE_LOST',
    `The store engine was lost while the question ran: ${reason}. It is started again by itself; ask once more.`,
  )
}

function aborted(): StoreError {
  return new StoreError('STORE_ABORTED', 'The question was withdrawn before it was answered.')
}
