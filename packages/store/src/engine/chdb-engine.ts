import { mkdirSync, readFileSync, readdirSync, readlinkSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { StoreError, messageOf } from '../store-error.ts'
import { sqlString } from '../sql/literal.ts'
import type { ChdbModule, ChdbSession } from './chdb-module.ts'
import { engineArguments, queryLimits } from './engine-limits.ts'
import { engineFailure, insertFailure } from './engine-failure.ts'
import { queryText } from './query-text.ts'

/** Questions answered at the same time; more wait. Each holds a thread of libuv's pool (16) while it runs. */
const READER_SESSIONS = 4

/** How often a query that is to end is told so, until it has ended: the first order may come before it has begun. */
const KILL_INTERVAL_MS = 50

interface Question {
  readonly id: number
  readonly sql: string
  readonly timeoutMs: number
  readonly resolve: (text: string) => void
  readonly reject: (error: StoreError) => void
}

/**
 * ClickHouse's engine inside this process. Rows are written through one session, questions are answered by a few others,
 * and one is kept free to end queries: the engine runs the queries of one session one after the other, and cannot be
 * interrupted but from another session.
 */
export class ChdbEngine {
  readonly #writer: ChdbSession
  readonly #control: ChdbSession
  readonly #idleReaders: ChdbSession[]
  readonly #waiting: Question[] = []
  readonly #running = new Map<number, NodeJS.Timeout | undefined>()
  readonly #memoryBytes: number

  private constructor(sessions: ChdbSession[], memoryBytes: number) {
    const [writer, control, ...readers] = sessions as [ChdbSession, ChdbSession, ...ChdbSession[]]
    this.#writer = writer
    this.#control = control
    this.#idleReaders = readers
    this.#memoryBytes = memoryBytes
  }

  /**
   * Opens the folder, which only one process can have open.
   *
   * @throws StoreError STORE_IN_USE, STORE_DAMAGED
   */
  static open(chdb: ChdbModule, folder: string, memoryBytes: number): ChdbEngine {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const connectionArgs = engineArguments(memoryBytes)
    try {
      const sessions = Array.from(
        { length: 2 + READER_SESSIONS },
        () => new chdb.Session(folder, { connectionArgs }),
      )
      return new ChdbEngine(sessions, memoryBytes)
    } catch (error) {
      const owner = ownerOf(folder)
      if (owner !== undefined) {
        throw new StoreError(
          'STORE_IN_USE',
          `The store in ${path.dirname(folder)} is open in another process (pid ${owner}). ` +
            'Ask that one, end it, or give another folder: a store has one owner at a time.',
          error,
        )
      }
      throw new StoreError(
        'STORE_DAMAGED',
        `The store in ${path.dirname(folder)} cannot be opened: ${messageOf(error)}. ` +
          'If the folder may be written by this user and the disk is not full, its files are damaged: ' +
          'move the folder away, and the store is built again from the log files.',
        error,
      )
    }
  }

  /** Runs a statement of our own through the writing session, outside the limits of questions. */
  async execute(sql: string): Promise<string> {
    try {
      return await queryText(this.#writer, sql)
    } catch (error) {
      throw engineFailure(error)
    }
  }

  /**
   * Stores rows, given as lines of JSON arrays. When it rejects, some of the rows may be stored all the same: those of
   * each partition are stored together or not at all.
   */
  async insert(table: string, columns: readonly string[], rows: Buffer): Promise<void> {
    try {
      await this.#writer.insert({
        table,
        columns,
        values: rows,
        format: 'JSONCompactEachRow',
        settings: {
          // This build's default would acknowledge rows that are only in memory.
          async_insert: 0,
          // Rows have their own identity; the engine must not drop what it takes for a repetition.
          insert_deduplicate: 0,
          // Hostile timestamps may spread a batch over many days; the number of days is bounded (see partition-day.ts).
          max_partitions_per_insert_block: 0,
          max_insert_threads: 1,
        },
      })
    } catch (error) {
      throw insertFailure(error)
    }
  }

  /** Answers a question; the rows as JSONEachRow. Waits while all sessions are busy; `cancel` ends it either way. */
  ask(id: number, sql: string, timeoutMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id, sql, timeoutMs, resolve, reject })
      this.#next()
    })
  }

  /** Ends a question; it rejects with STORE_ABORTED. Unknown and finished ones are left alone. */
  cancel(id: number): void {
    const index = this.#waiting.findIndex((question) => question.id === id)
    if (index !== -1) {
      const [question] = this.#waiting.splice(index, 1)
      question?.reject(new StoreError('STORE_ABORTED', 'The question was withdrawn before it was answered.'))
    } else if (this.#running.has(id) && this.#running.get(id) === undefined) {
      this.#kill(id)
      this.#running.set(
        id,
        setInterval(() => this.#kill(id), KILL_INTERVAL_MS),
      )
    }
  }

  #next(): void {
    const question = this.#waiting[0]
    const session = question === undefined ? undefined : this.#idleReaders.pop()
    if (question === undefined || session === undefined) return
    this.#waiting.shift()
    this.#running.set(question.id, undefined)
    const sql = `${question.sql} SETTINGS ${queryLimits(this.#memoryBytes, question.timeoutMs)}, log_comment = ${commentOf(question.id)}`
    queryText(session, sql)
      .then(question.resolve, (error: unknown) => question.reject(engineFailure(error)))
      .finally(() => {
        clearInterval(this.#running.get(question.id))
        this.#running.delete(question.id)
        this.#idleReaders.push(session)
        this.#next()
      })
  }

  #kill(id: number): void {
    // Not SYNC, which hangs in this engine.
    this.#control
      .queryAsync(`KILL QUERY WHERE Settings['log_comment'] = ${commentOf(id)} ASYNC`, { format: 'Null' })
      // It fails when the query has ended in between, which is what it was for.
      .catch(() => undefined)
  }
}

function commentOf(id: number): string {
  return sqlString(`pixlogs-question-${id}`)
}

/** The process that has the folder open, from the file the engine locks; undefined when none has. */
function ownerOf(folder: string): number | undefined {
  const lockFile = path.join(folder, 'status')
  try {
    const pid = Number(/^PID: (\d+)/.exec(readFileSync(lockFile, 'utf8'))?.[1])
    if (!Number.isSafeInteger(pid) || pid === process.pid || !isAlive(pid)) return undefined
    return process.platform !== 'linux' || hasOpen(pid, lockFile) ? pid : undefined
  } catch {
    // No such file: nobody has it open.
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another user's process may not be signalled, but is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Tells the owner from a process that got the number of one that was killed. */
function hasOpen(pid: number, file: string): boolean {
  const target = realpathSync(file)
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`) === target
      } catch {
        // Closed since it was listed.
        return false
      }
    })
  } catch {
    // Another user's process, which cannot be looked into: the number is all there is.
    return true
  }
}
