import type { Level } from '@pixsim7/record'

/** The component the log server logs as. */
export const OWN_COMPONENT = 'logserver'

/** What the log server tells about itself. One kind is one fixed sentence; the facts are fields. */
export const OWN_EVENTS = {
  service_started: { level: 'INFO', message: 'Log server started' },
  service_stopping: { level: 'INFO', message: 'Log server stopping' },
  service_stopped: { level: 'INFO', message: 'Log server stopped' },
  heartbeat: { level: 'INFO', message: 'Heartbeat' },
  sys_start_failed: { level: 'CRITICAL', message: 'Log server could not start' },
  sys_crash: { level: 'CRITICAL', message: 'Log server ends after an unexpected mistake' },
  request_failed: { level: 'ERROR', message: 'Request failed by a mistake of the log server' },
  sessions_file_failed: {
    level: 'ERROR',
    message: 'Sessions cannot be kept on disk and will end with this process',
  },
  user_updated: { level: 'WARNING', message: 'Password of the administrator set' },
  authn_login_success: { level: 'INFO', message: 'Signed in' },
  authn_login_fail: { level: 'WARNING', message: 'Sign-in refused: wrong user or password' },
  authn_token_fail: { level: 'WARNING', message: 'Request refused: wrong bearer token' },
  excess_rate_limit_exceeded: { level: 'WARNING', message: 'Sign-in refused: too many attempts' },
  malicious_cors: { level: 'WARNING', message: 'Request refused: it comes from a page of another origin' },
  malicious_host: { level: 'WARNING', message: 'Request refused: its Host is not allowed' },
  tail_reader_slow: { level: 'WARNING', message: 'Live tail closed: its reader takes nothing' },
  local_socket_failed: {
    level: 'WARNING',
    message: 'No local socket: pixlogs needs LOGS_API_TOKEN to ask this log server',
  },
  store_failed: { level: 'ERROR', message: 'Log store cannot be used' },
} as const satisfies Record<string, { level: Level; message: string }>
export type OwnEvent = keyof typeof OWN_EVENTS

export type OwnFields = Readonly<Record<string, unknown>>

/** Writes one line; what `getLogger()` of the logging library gives, as a function. */
export type WriteLine = (level: Level, message: string, fields: OwnFields) => void

/** Each kind of event may write one line in this time: the log server follows its own log and must never feed on itself. */
export const LINE_INTERVAL_MS = 60_000

interface KindState {
  lastLineAtMs: number
  /** Of the last event that got no line, if there was one since the last line. */
  pending: { level: Level; message: string; fields: OwnFields } | undefined
  suppressed: number
  timer: NodeJS.Timeout | undefined
}

/**
 * The log server's own log, at most one line a minute for each kind of event. Events in between are counted; the last
 * of them is written with the count (`suppressed`) when the minute is over.
 */
export class OwnLog {
  readonly #write: WriteLine
  readonly #now: () => number
  readonly #kinds = new Map<string, KindState>()

  constructor(write: WriteLine, now: () => number = Date.now) {
    this.#write = write
    this.#now = now
  }

  tell(event: OwnEvent, fields: OwnFields = {}): void {
    const { level, message } = OWN_EVENTS[event]
    this.tellAs(event, level, message, fields)
  }

  /** For events that others name (the store's). The kinds must be few: each is remembered. */
  tellAs(kind: string, level: Level, message: string, fields: OwnFields): void {
    const state = this.#kinds.get(kind) ?? {
      lastLineAtMs: Number.NEGATIVE_INFINITY,
      pending: undefined,
      suppressed: 0,
      timer: undefined,
    }
    this.#kinds.set(kind, state)
    const line = { level, message, fields: { event: kind, ...fields } }
    const waitMs = LINE_INTERVAL_MS - (this.#now() - state.lastLineAtMs)
    // A clock set back makes the wait longer than a whole interval; then the line is due.
    if (state.pending === undefined && (waitMs <= 0 || waitMs > LINE_INTERVAL_MS)) {
      this.#writeLine(state, line)
      return
    }
    state.suppressed += state.pending === undefined ? 0 : 1
    state.pending = line
    state.timer ??= setTimeout(() => this.#flush(state), Math.max(0, waitMs)).unref()
  }

  /** Writes what still waits. */
  close(): void {
    for (const state of this.#kinds.values()) this.#flush(state)
  }

  #flush(state: KindState): void {
    clearTimeout(state.timer)
    state.timer = undefined
    if (state.pending !== undefined) this.#writeLine(state, state.pending)
  }

  #writeLine(state: KindState, { level, message, fields }: NonNullable<KindState['pending']>): void {
    this.#write(level, message, state.suppressed === 0 ? fields : { ...fields, suppressed: state.suppressed })
    state.lastLineAtMs = this.#now()
    state.pending = undefined
    state.suppressed = 0
  }
}
