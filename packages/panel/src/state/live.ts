/** The live tail: connection, rows, and when they may be drawn. */
import { batch, computed, effect, signal, untracked } from '@preact/signals'
import type { QueryReading, TailMessage } from '@pixsim7/protocol/client'
import { asProtocolError, client, isSignedOut, type ProtocolError } from '../api/client.ts'
import { isErrorLevel } from '../format/level.ts'
import { LiveBuffer, type ListRow } from './live-buffer.ts'
import { openEntry, view } from './location.ts'
import { refreshSurroundings } from './queries.ts'
import { hasRowFocus, holdReason, isPaused, isTabHidden } from './reading.ts'
import { endSession, session } from './session.ts'
import { toFilterQuery } from './view.ts'

/**
 * - `off`: no tail.
 * - `connecting`: never connected yet.
 * - `on`: connected.
 * - `waiting`: the connection broke; the next attempt is at `retryAtMs`.
 * - `asleep`: ended because the tab was hidden for long; goes on where it was when the tab is shown.
 * - `failed`: waiting cannot mend it.
 */
export type LiveState =
  | { readonly state: 'off' | 'connecting' | 'on' | 'asleep' }
  | { readonly state: 'waiting'; readonly error: ProtocolError; readonly retryAtMs: number }
  | { readonly state: 'failed'; readonly error: ProtocolError }

/** Drawing more often makes nobody read faster, and costs a busy page its responsiveness. */
const DRAW_INTERVAL_MS = 250
/** Histogram and facets change slowly; asking for them with each batch would load the store more than the tail does. */
const SURROUNDINGS_INTERVAL_MS = 10_000
/** But after a quiet time they follow at once, with what else belongs to the same burst. */
const SURROUNDINGS_DELAY_MS = 1000
const DIGEST_INTERVAL_MS = 10_000
/** A tab nobody looks at costs the server a query per interval. */
const SLEEP_AFTER_HIDDEN_MS = 60_000
const FIRST_ROWS = 200

export const liveState = signal<LiveState>({ state: 'off' })
export const liveRows = signal<readonly ListRow[]>([])
/** Entries waiting to be shown. */
export const heldCount = signal(0)
/** Entries in the whole result: as many as there were at the start, and each that came since. */
export const liveTotal = signal<{ readonly count: number; readonly isExact: boolean } | null>(null)
/** How the query of the tail was understood; null without one, or while nobody knows. */
export const liveReading = signal<QueryReading | null>(null)
/** One sentence each ten seconds for those who listen instead of look. */
export const liveDigest = signal('')

class LiveTail {
  readonly #abort = new AbortController()
  readonly #buffer = new LiveBuffer()
  #position: string | undefined
  #isSeeded = false
  #seeding: Promise<void> | null = null
  #drawTimer: ReturnType<typeof setTimeout> | undefined
  #surroundingsTimer: ReturnType<typeof setTimeout> | undefined
  #surroundingsAtMs = 0
  #connection = new AbortController()
  #news = { entries: 0, errors: 0 }
  readonly #stops: (() => void)[] = []

  start(): void {
    liveState.value = { state: 'connecting' }
    const digest = setInterval(() => this.#tellDigest(), DIGEST_INTERVAL_MS)
    this.#stops.push(
      () => clearInterval(digest),
      // The moment nobody reads any more, what was held back may be shown.
      effect(() => {
        if (holdReason.value === null) untracked(() => this.#draw())
      }),
      this.#sleepWhileHidden(),
    )
    void this.#follow()
  }

  stop(): void {
    this.#abort.abort()
    this.#connection.abort()
    clearTimeout(this.#drawTimer)
    clearTimeout(this.#surroundingsTimer)
    for (const stop of this.#stops.splice(0)) stop()
  }

  /** Shows what is held back, whoever reads. */
  release(): void {
    this.#buffer.release()
    this.#publish()
  }

  #sleepWhileHidden(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = effect(() => {
      clearTimeout(timer)
      if (isTabHidden.value) {
        timer = setTimeout(() => {
          this.#connection.abort()
          liveState.value = { state: 'asleep' }
        }, SLEEP_AFTER_HIDDEN_MS)
      } else if (liveState.peek().state === 'asleep') {
        liveState.value = { state: 'connecting' }
        void this.#follow()
      }
    })
    return () => {
      clearTimeout(timer)
      stop()
    }
  }

  async #follow(): Promise<void> {
    this.#connection = new AbortController()
    const { signal } = this.#connection
    const filter = toFilterQuery(view.peek())
    try {
      for await (const message of client.tail(filter, { signal, position: this.#position })) {
        if (signal.aborted) return
        this.#take(message)
      }
    } catch (thrown) {
      if (signal.aborted) return
      if (isSignedOut(thrown)) endSession()
      else liveState.value = { state: 'failed', error: asProtocolError(thrown) }
    }
  }

  #take(message: TailMessage): void {
    if (message.kind === 'open') {
      liveState.value = { state: 'on' }
      // Asked only now, so that no entry falls between the page and the tail; what is in both is shown once.
      if (!this.#isSeeded) this.#seeding ??= this.#seed()
    } else if (message.kind === 'waiting') {
      liveState.value = { state: 'waiting', error: message.error, retryAtMs: Date.now() + message.retryInMs }
    } else if (message.kind === 'gap') {
      this.#buffer.addGap(null, message.reason)
      this.#scheduleDraw()
    } else {
      this.#position = message.position
      const fresh = this.#buffer.add(message.logs, message.skipped)
      this.#count(fresh.length + message.skipped, fresh.filter((entry) => isErrorLevel(entry.level)).length)
      this.#scheduleDraw()
      this.#scheduleSurroundings()
    }
  }

  async #seed(): Promise<void> {
    try {
      const query = { ...toFilterQuery(view.peek()), limit: FIRST_ROWS, order: 'desc' as const }
      const answer = await client.logs(query, { signal: this.#abort.signal })
      const before = this.#buffer.heldCount
      this.#buffer.seed(answer.logs)
      this.#isSeeded = true
      liveReading.value = answer.query
      liveTotal.value = { count: Math.max(answer.total, before), isExact: answer.total_is_exact }
      this.#draw()
    } catch (thrown) {
      if (this.#abort.signal.aborted) return
      if (isSignedOut(thrown)) return endSession()
      // Without its first page the tail still works; the next connection asks again.
      liveState.value = { state: 'waiting', error: asProtocolError(thrown), retryAtMs: Date.now() }
    } finally {
      this.#seeding = null
    }
  }

  #count(entries: number, errors: number): void {
    this.#news.entries += entries
    this.#news.errors += errors
    const total = liveTotal.peek()
    if (total !== null) liveTotal.value = { ...total, count: total.count + entries }
  }

  #scheduleDraw(): void {
    this.#drawTimer ??= setTimeout(() => {
      this.#drawTimer = undefined
      this.#draw()
    }, DRAW_INTERVAL_MS)
  }

  #scheduleSurroundings(): void {
    const dueInMs = this.#surroundingsAtMs + SURROUNDINGS_INTERVAL_MS - Date.now()
    this.#surroundingsTimer ??= setTimeout(
      () => {
        this.#surroundingsTimer = undefined
        this.#surroundingsAtMs = Date.now()
        if (!isTabHidden.peek() && liveState.peek().state === 'on') void refreshSurroundings()
      },
      Math.max(SURROUNDINGS_DELAY_MS, dueInMs),
    )
  }

  #draw(): void {
    // Rows that came before the first page wait for it, or the list would show them alone for a moment.
    if (this.#isSeeded && holdReason.peek() === null) this.#buffer.release()
    this.#publish()
  }

  #publish(): void {
    batch(() => {
      liveRows.value = this.#buffer.shown
      heldCount.value = this.#isSeeded ? this.#buffer.heldCount : 0
    })
  }

  #tellDigest(): void {
    const { entries, errors } = this.#news
    this.#news = { entries: 0, errors: 0 }
    if (entries === 0) return
    const words = `${entries} new ${entries === 1 ? 'event' : 'events'}`
    liveDigest.value = errors === 0 ? words : `${words}, ${errors} ${errors === 1 ? 'error' : 'errors'}`
  }
}

let running: LiveTail | null = null

/** Shows everything held back now and lets the list flow again: the pause ends, the open entry closes. */
export function showNewRows(): void {
  batch(() => {
    isPaused.value = false
    hasRowFocus.value = false
    openEntry('')
  })
  running?.release()
}

/** Tails while the view is live and somebody is signed in; new filters start a new tail. Call once; returns the end. */
export function followLive(): () => void {
  const tailKey = computed(() =>
    view.value.isLive && session.value.state === 'in' ? JSON.stringify(toFilterQuery(view.value)) : null,
  )
  return effect(() => {
    if (tailKey.value === null) return
    untracked(() => {
      batch(() => {
        liveRows.value = []
        heldCount.value = 0
        liveTotal.value = null
        liveReading.value = null
        liveDigest.value = ''
        isPaused.value = false
      })
      running = new LiveTail()
      running.start()
    })
    return () => {
      running?.stop()
      running = null
      liveState.value = { state: 'off' }
    }
  })
}
