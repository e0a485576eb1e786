import { SeverityCounts } from '../core/severity-counts.ts'
import type { LineMemory } from './line-memory.ts'

/** How many lines of which severity were dropped since the last report. */
export interface DroppedLines {
  readonly countBySeverity: ReadonlyMap<number, number>
  readonly total: number
  readonly sinceMs: number
}

/**
 * From here on lines are waiting for a slow or full disk. A line is glued together from a dozen pieces, which V8 keeps as they
 * are until the text is needed: four times the memory of the text itself.
 */
const FLATTEN_FROM_CHARACTERS = 128 * 1024
/** Removed slots at the front that are kept before the arrays are moved together. */
const MAX_EMPTY_SLOTS = 4096

/** Lines of one file that wait to be written, in the order they were logged. What is dropped is counted. */
export class PendingLines {
  readonly #memory: LineMemory
  #lines: string[] = []
  #severities: number[] = []
  /** First slot in use. */
  #head = 0
  /** Slots from the head that are being written and may not be touched. */
  #lockedSlots = 0
  /** Sequence number of the slot at index 0; slots are named by it outside. */
  #firstSequence = 0
  #characters = 0
  /** By severity, so that a full memory is known to have no room without looking through it. */
  readonly #charactersOf = new SeverityCounts()
  /** The part of them that is locked. */
  readonly #lockedCharactersOf = new SeverityCounts()
  #count = 0
  #dropped = new Map<number, number>()
  #droppedSinceMs = 0

  constructor(memory: LineMemory) {
    this.#memory = memory
    memory.join(this)
  }

  get characters(): number {
    return this.#characters
  }

  get count(): number {
    return this.#count
  }

  /** The highest severity among the lines; 0 for none. */
  get highestSeverity(): number {
    return this.#linesIn(this.#lines.length - this.#head).highest
  }

  /** Adds a line with its newline; returns its sequence number, or -1 when it was dropped. */
  push(line: string, severity: number): number {
    if (!this.#memory.hasRoomFor(line.length, severity)) {
      this.#noteDropped(severity)
      return -1
    }
    if (this.#characters > FLATTEN_FROM_CHARACTERS) flatten(line)
    this.#lines.push(line)
    this.#severities.push(severity)
    this.#characters += line.length
    this.#charactersOf.add(severity, line.length)
    this.#memory.usedCharacters += line.length
    this.#count++
    return this.#firstSequence + this.#lines.length - 1
  }

  /** The oldest lines, up to about `maxCharacters` but at least one, joined; they stay until `remove`. */
  peek(maxCharacters: number): { readonly text: string; readonly slots: number } {
    let slots = 0
    let characters = 0
    const first = this.#head
    const end = this.#lines.length
    while (first + slots < end && (characters === 0 || characters < maxCharacters)) {
      characters += (this.#lines[first + slots] as string).length
      slots++
    }
    const text =
      slots === 1 ? (this.#lines[first] as string) : this.#lines.slice(first, first + slots).join('')
    return { text, slots }
  }

  /** While an asynchronous write is under way its lines may not be dropped. Returns how many of which severity they are. */
  lock(slots: number): SeverityCounts {
    this.#unlock()
    this.#lockedSlots = slots
    for (let index = this.#head; index < this.#head + slots; index++) {
      this.#lockedCharactersOf.add(this.#severities[index] as number, (this.#lines[index] as string).length)
    }
    return this.#linesIn(slots)
  }

  /** How many lines of which severity the oldest slots hold. Counted here, run by run, since at each line it would cost more. */
  #linesIn(slots: number): SeverityCounts {
    const lines = new SeverityCounts()
    const end = this.#head + slots
    for (let index = this.#head; index < end;) {
      const severity = this.#severities[index] as number
      const start = index
      while (index < end && this.#severities[index] === severity) index++
      if (severity !== 0) lines.add(severity, index - start)
    }
    return lines
  }

  #unlock(): void {
    this.#lockedSlots = 0
    this.#lockedCharactersOf.clear()
  }

  /** Forgets the oldest slots: they were written. Their lines are added to `written`. */
  remove(slots: number, written: SeverityCounts): void {
    this.#unlock()
    written.addAll(this.#linesIn(slots))
    if (this.#head + slots === this.#lines.length) {
      this.#forgetAll()
      return
    }
    for (let index = this.#head; index < this.#head + slots; index++) this.#clear(index)
    this.#head += slots
    if (this.#head > MAX_EMPTY_SLOTS) {
      this.#firstSequence += this.#head
      this.#lines.splice(0, this.#head)
      this.#severities.splice(0, this.#head)
      this.#head = 0
    }
  }

  /** The usual end of a batch: in one go, instead of slot by slot (bench: specification's line). */
  #forgetAll(): void {
    this.#memory.usedCharacters -= this.#characters
    this.#characters = 0
    this.#charactersOf.clear()
    this.#count = 0
    this.#firstSequence += this.#lines.length
    this.#lines = []
    this.#severities = []
    this.#head = 0
  }

  /** How many of the oldest slots fit whole into the first `bytes` bytes of what was written. */
  slotsWithin(bytes: number): number {
    let slots = 0
    let used = 0
    while (this.#head + slots < this.#lines.length) {
      used += Buffer.byteLength(this.#lines[this.#head + slots] as string)
      if (used > bytes) break
      slots++
    }
    return slots
  }

  /** Takes a line back: it is written elsewhere. */
  withdraw(sequence: number): void {
    const index = sequence - this.#firstSequence
    if (index >= this.#head + this.#lockedSlots && index < this.#lines.length) this.#clear(index)
  }

  /** Gives up all lines, counted as dropped, and the part in the memory; returns how many they were. Nothing may be pushed after it. */
  dropAll(): number {
    const count = this.#count
    for (let index = this.#head; index < this.#lines.length; index++) this.#drop(index)
    this.#unlock()
    this.#forgetAll()
    this.#memory.leave(this)
    return count
  }

  /** What was dropped since the last call; undefined for nothing. */
  takeDropped(): DroppedLines | undefined {
    if (this.#dropped.size === 0) return undefined
    const countBySeverity = this.#dropped
    this.#dropped = new Map()
    let total = 0
    for (const count of countBySeverity.values()) total += count
    return { countBySeverity, total, sinceMs: this.#droppedSinceMs }
  }

  /** Characters of this severity that could be dropped. For LineMemory. */
  droppableCharacters(severity: number): number {
    return this.#charactersOf.of(severity) - this.#lockedCharactersOf.of(severity)
  }

  /** Drops the oldest lines of a severity until `characters` are free; returns how many are. For LineMemory. */
  dropOldest(severity: number, characters: number): number {
    let freed = 0
    if (this.droppableCharacters(severity) === 0) return freed
    for (
      let index = this.#head + this.#lockedSlots;
      index < this.#lines.length && freed < characters;
      index++
    ) {
      if (this.#severities[index] !== severity) continue
      freed += (this.#lines[index] as string).length
      this.#drop(index)
    }
    return freed
  }

  #drop(index: number): void {
    const severity = this.#severities[index] as number
    if (severity !== 0) this.#noteDropped(severity)
    this.#clear(index)
  }

  #noteDropped(severity: number): void {
    if (this.#dropped.size === 0) this.#droppedSinceMs = Date.now()
    this.#dropped.set(severity, (this.#dropped.get(severity) ?? 0) + 1)
  }

  /** An empty slot has no text and severity 0. */
  #clear(index: number): void {
    const line = this.#lines[index] as string
    if (this.#severities[index] === 0) return
    this.#characters -= line.length
    this.#charactersOf.add(this.#severities[index] as number, -line.length)
    this.#memory.usedCharacters -= line.length
    this.#count--
    this.#lines[index] = ''
    this.#severities[index] = 0
  }
}

/** Reading a character makes V8 put the pieces of a text together. */
function flatten(text: string): void {
  text.charCodeAt(text.length - 1)
}
