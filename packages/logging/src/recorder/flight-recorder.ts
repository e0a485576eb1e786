import type { BoundFields } from '../core/bound-fields.ts'
import type { LogEvent } from '../core/pipeline.ts'

/** How much the flight recorder keeps. */
export interface FlightRecorderOptions {
  /** Newest lines of each outermost context, from 1 to 10,000. Default 200. */
  readonly maxLines?: number
  /** Bytes of all contexts together, from 64 KB on; beyond it the context goes first that began to be recorded first. Default 8 MB. */
  readonly maxBytes?: number
}

const DEFAULT_MAX_LINES = 200
const DEFAULT_MAX_BYTES = 8 * 1024 * 1024
const MIN_BYTES = 64 * 1024
/** What a line takes in memory beside its texts. */
const BYTES_OF_EVENT = 200

/** Completes "expected …". */
export const FLIGHT_RECORDER_EXPECTED =
  'an object with maxLines from 1 to 10000 and maxBytes from 65536 on, each if given'

/** Whether code without types gave what FlightRecorderOptions says. */
export function isFlightRecorderOptions(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { maxLines = DEFAULT_MAX_LINES, maxBytes = DEFAULT_MAX_BYTES } = value as Record<string, unknown>
  const isIn = (number: unknown, min: number, max: number) =>
    typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max
  return isIn(maxLines, 1, 10_000) && isIn(maxBytes, MIN_BYTES, Number.MAX_SAFE_INTEGER)
}

/** The lines of an outermost context that were not written, oldest first. */
interface Recording {
  readonly of: BoundFields
  events: LogEvent[]
  bytes: number
  /** Older lines that had to go. */
  leftOut: number
}

/**
 * Keeps the lines of contexts that are below the level in force, encoded and redacted, until their context logs an ERROR. A
 * context is meant with all contexts inside it: what went wrong in an inner one is often logged by the outer one, and the other way round.
 */
export class FlightRecorder {
  readonly #maxLines: number
  readonly #maxBytes: number
  /** In the order in which they began. A context does not say that it is over: its lines stay until there is no room. */
  readonly #recordings = new Map<BoundFields, Recording>()
  #bytes = 0

  constructor(options: FlightRecorderOptions) {
    this.#maxLines = options.maxLines ?? DEFAULT_MAX_LINES
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES
  }

  /** Keeps a line of a context. */
  keep(context: BoundFields, event: LogEvent): void {
    const of = context.outermost ?? context
    let recording = this.#recordings.get(of)
    if (recording === undefined) {
      recording = { of, events: [], bytes: 0, leftOut: 0 }
      this.#recordings.set(of, recording)
    }
    recording.events.push(event)
    this.#add(recording, bytesOf(event))
    if (recording.events.length > this.#maxLines) this.#leaveOutOldest(recording)
    while (this.#bytes > this.#maxBytes) this.#makeRoom(recording)
  }

  /** The kept lines of a context, in the order they were logged, and how many older ones there were; they are kept no longer. */
  release(
    context: BoundFields,
  ): { readonly events: readonly LogEvent[]; readonly leftOut: number } | undefined {
    const of = context.outermost ?? context
    const recording = this.#recordings.get(of)
    if (recording === undefined) return undefined
    this.#forget(recording)
    return recording
  }

  #makeRoom(present: Recording): void {
    for (const oldest of this.#recordings.values()) {
      if (oldest === present) continue
      this.#forget(oldest)
      return
    }
    this.#leaveOutOldest(present)
  }

  #forget(recording: Recording): void {
    this.#recordings.delete(recording.of)
    this.#bytes -= recording.bytes
  }

  #leaveOutOldest(recording: Recording): void {
    const event = recording.events.shift()
    if (event === undefined) return
    recording.leftOut++
    this.#add(recording, -bytesOf(event))
  }

  #add(recording: Recording, bytes: number): void {
    recording.bytes += bytes
    this.#bytes += bytes
  }
}

/** About: texts are mostly of one byte a character. */
function bytesOf(event: LogEvent): number {
  return BYTES_OF_EVENT + event.message.length + event.members.length + event.exception.length
}
