import { createHash, randomBytes } from 'node:crypto'
import path from 'node:path'
import { readPrivateFile, replacePrivateFile } from '../host/private-file.ts'

/** A session nobody used for this long ends. A panel that is open keeps its session alive. */
export const IDLE_LIMIT_MS = 12 * 3600 * 1000
/** And at the latest this long after signing in. */
export const ABSOLUTE_LIMIT_MS = 7 * 24 * 3600 * 1000
/** How late `last_used_at` in the file may be: a crash shortens a session's idle time by that much at most. */
const USE_PERSISTED_EACH_MS = 60_000
/** More sessions than one administrator has browsers; beyond it the one longest unused ends. */
const MAX_SESSIONS = 200
const MAX_DEVICES = 50
/** 256 bits. */
const TOKEN_BYTES = 32

interface Session {
  readonly createdAtMs: number
  lastUsedAtMs: number
}

/** What `sessions.json` in the data folder holds: hashes only, so that the file opens nothing. */
interface SessionsFile {
  readonly version: 1
  /** Of the password hash the sessions were opened with: another password ends them all. */
  readonly credential: string
  readonly sessions: readonly {
    readonly token: string
    readonly created_at: number
    readonly last_used_at: number
  }[]
  readonly devices: readonly string[]
}

export interface SessionsOptions {
  /** Undefined: sessions are kept in memory only and end with this process. */
  readonly dataFolder: string | undefined
  readonly passwordHash: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** The file could not be read or written: sessions go on in memory and end with this process. */
  readonly onFileError: (error: Error) => void
}

/**
 * Who is signed in. A client holds a random token, this holds its hash. Kept in a file, so that a restart of the log
 * server signs nobody out. Devices are browsers that signed in once; they are known again when signing in is limited.
 */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #file: string | undefined
  readonly #credential: string
  readonly #sessions = new Map<string, Session>()
  #devices: string[] = []
  /** The write that is under way or last ended; writes never overlap. */
  #lastWrite: Promise<void> = Promise.resolve()
  #isWriteQueued = false
  #lastWriteAtMs = 0
  readonly #endListeners = new Map<string, Set<() => void>>()

  private constructor(options: SessionsOptions) {
    this.#options = options
    this.#file = options.dataFolder === undefined ? undefined : path.join(options.dataFolder, 'sessions.json')
    this.#credential = hashOf(options.passwordHash)
  }

  /** Sessions of earlier runs, unless the password has changed since. A file that cannot be used is told and left out. */
  static async open(options: SessionsOptions): Promise<Sessions> {
    const sessions = new Sessions(options)
    try {
      if (sessions.#file !== undefined) sessions.#restore(await readPrivateFile(sessions.#file))
    } catch (error) {
      options.onFileError(error as Error)
    }
    return sessions
  }

  #restore(content: string | undefined): void {
    if (content === undefined) return
    const file = JSON.parse(content) as SessionsFile
    if (file.version !== 1 || file.credential !== this.#credential) return
    const nowMs = this.#options.now()
    for (const { token, created_at: createdAtMs, last_used_at: lastUsedAtMs } of file.sessions) {
      const session = { createdAtMs, lastUsedAtMs }
      if (isAlive(session, nowMs)) this.#sessions.set(token, session)
    }
    this.#devices = [...file.devices]
  }

  /** Opens a session and resolves with its token once it is kept. */
  async create(): Promise<string> {
    const nowMs = this.#options.now()
    for (const [id, session] of this.#sessions) if (!isAlive(session, nowMs)) this.#remove(id)
    while (this.#sessions.size >= MAX_SESSIONS) {
      const [oldest] = [...this.#sessions].reduce((a, b) => (a[1].lastUsedAtMs <= b[1].lastUsedAtMs ? a : b))
      this.#remove(oldest)
    }
    const token = newToken()
    this.#sessions.set(hashOf(token), { createdAtMs: nowMs, lastUsedAtMs: nowMs })
    await this.#persist()
    return token
  }

  /** The session's id when the token belongs to one that has not ended; counts as use. */
  use(token: string): string | undefined {
    const id = hashOf(token)
    if (!this.isAlive(id)) return undefined
    const session = this.#sessions.get(id)
    const nowMs = this.#options.now()
    if (session !== undefined) session.lastUsedAtMs = nowMs
    if (nowMs - this.#lastWriteAtMs >= USE_PERSISTED_EACH_MS) void this.#persist()
    return id
  }

  /** Whether the session with that id has not ended; ends it when its time is over. */
  isAlive(id: string): boolean {
    const session = this.#sessions.get(id)
    if (session === undefined) return false
    if (isAlive(session, this.#options.now())) return true
    this.#remove(id)
    return false
  }

  /** Ends the session of a token, if it has one; resolves once that is kept. */
  async end(token: string): Promise<void> {
    if (this.#remove(hashOf(token))) await this.#persist()
  }

  /** Calls `listener` once when the session ends. Returns what stops listening. */
  onEnd(id: string, listener: () => void): () => void {
    const listeners = this.#endListeners.get(id) ?? new Set()
    this.#endListeners.set(id, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#endListeners.delete(id)
    }
  }

  /** Remembers a browser that has signed in; its token for a cookie. */
  async rememberDevice(): Promise<string> {
    const token = newToken()
    this.#devices = [...this.#devices, hashOf(token)].slice(-MAX_DEVICES)
    await this.#persist()
    return token
  }

  /** The device's id when the token belongs to a browser that has signed in with the present password. */
  knownDevice(token: string): string | undefined {
    const id = hashOf(token)
    return this.#devices.includes(id) ? id : undefined
  }

  /** Writes what is not written yet; sessions stay. */
  async close(): Promise<void> {
    await this.#persist()
  }

  #remove(id: string): boolean {
    if (!this.#sessions.delete(id)) return false
    for (const listener of [...(this.#endListeners.get(id) ?? [])]) listener()
    return true
  }

  /** Resolves when a write that began after this call has ended; calls made meanwhile share one. */
  #persist(): Promise<void> {
    if (this.#isWriteQueued) return this.#lastWrite
    this.#isWriteQueued = true
    this.#lastWriteAtMs = this.#options.now()
    this.#lastWrite = this.#lastWrite.then(async () => {
      this.#isWriteQueued = false
      try {
        if (this.#file !== undefined)
          await replacePrivateFile(this.#file, `${JSON.stringify(this.#snapshot())}\n`)
      } catch (error) {
        this.#options.onFileError(error as Error)
      }
    })
    return this.#lastWrite
  }

  #snapshot(): SessionsFile {
    const sessions = [...this.#sessions].map(([token, session]) => ({
      token,
      created_at: session.createdAtMs,
      last_used_at: session.lastUsedAtMs,
    }))
    return { version: 1, credential: this.#credential, sessions, devices: this.#devices }
  }
}

function isAlive(session: Session, nowMs: number): boolean {
  return nowMs - session.lastUsedAtMs < IDLE_LIMIT_MS && nowMs - session.createdAtMs < ABSOLUTE_LIMIT_MS
}

function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url')
}

/** A plain hash is right here: the token is random, so there is nothing to guess faster. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
