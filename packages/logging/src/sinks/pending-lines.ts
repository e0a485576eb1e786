/** Memory that all pending lines of a process share. */
export interface MemoryBudget {
  readonly limitCharacters: number
  /** Written by PendingLines only. */
  usedCharacters: number
}

/** How many lines of which severity were dropped since the last report. */
export interface DroppedLines {
  readonly countBySeverity: ReadonlyMap<number, number>
  readonly total: number
  readonly sinceMs: number
}

/** Removed slots at the front that are kept before the arrays are moved together. */
const MAX_EMPTY_SLOTS = 4096

/**
 * Lines that wait to be written, in the order they were logged, within a budget. When the budget is used up, the policy is
 * "lowest level first": a new line takes the place of lines of lower levels, oldest first; where there are none, it is itself
 * dropped. So the last to go are CRITICAL and ERROR, and each gap is counted.
 */
export class PendingLines {
  readonly #budget: MemoryBudget
  #lines: string[] = []
  #severities: number[] = []
  /** First slot in use. */
  #head = 0
  /** Slots from the head that are being written and may not be touched. */
  #lockedSlots = 0
  /** Sequence number of the slot at index 0; slots are named by it outside. */
  #firstSequence = 0
  #characters = 0
  #count = 0
  #dropped = new Map<number, number>()
  #droppedSinceMs = 0

  constructor(budget: MemoryBudget) {
    this.#budget = budget
  }

  get characters(): number {
    return this.#characters
  }

  get count(): number {
    return this.#count
  }

  /** Adds a line with its newline; returns its sequence number, or -1 when it was dropped. */
  push(line: string, severity: number): number {
    const { limitCharacters } = this.#budget
    if (
      this.#budget.usedCharacters + line.length > limitCharacters &&
      !this.#makeRoom(line.length, severity)
    ) {
      this.#noteDropped(severity)
      return -1
    }
    this.#lines.push(line)
    this.#severities.push(severity)
    this.#characters += line.length
    this.#budget.usedCharacters += line.length
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

  /** While an asynchronous write is under way its lines may not be dropped. */
  lock(slots: number): void {
    this.#lockedSlots = slots
  }

  /** Forgets the oldest slots: they were written. */
  remove(slots: number): void {
    this.#lockedSlots = 0
    for (let index = this.#head; index < this.#head + slots; index++) this.#clear(index)
    this.#head += slots
    if (this.#head === this.#lines.length) {
      this.#firstSequence += this.#head
      this.#lines = []
      this.#severities = []
      this.#head = 0
    } else if (this.#head > MAX_EMPTY_SLOTS) {
      this.#firstSequence += this.#head
      this.#lines.splice(0, this.#head)
      this.#severities.splice(0, this.#head)
      this.#head = 0
    }
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

  /** Gives up all lines, counted as dropped; returns how many they were. */
  dropAll(): number {
    const count = this.#count
    for (let index = this.#head; index < this.#lines.length; index++) this.#drop(index)
    this.remove(this.#lines.length - this.#head)
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

  #makeRoom(needed: number, severity: number): boolean {
    const { limitCharacters } = this.#budget
    const first = this.#head + this.#lockedSlots
    let lowest = Infinity
    let reclaimable = 0
    for (let index = first; index < this.#lines.length; index++) {
      const other = this.#severities[index] as number
      if (other === 0 || other >= severity) continue
      reclaimable += (this.#lines[index] as string).length
      if (other < lowest) lowest = other
    }
    if (this.#budget.usedCharacters - reclaimable + needed > limitCharacters) return false
    // More than needed goes at once: looking for room at every line would cost the time the application needs.
    const target = Math.min(reclaimable, needed + Math.floor(limitCharacters / 16))
    let freed = 0
    for (; freed < target && lowest < severity; lowest += 10) {
      for (let index = first; index < this.#lines.length && freed < target; index++) {
        if (this.#severities[index] !== lowest) continue
        freed += (this.#lines[index] as string).length
        this.#drop(index)
      }
    }
    return true
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
    this.#budget.usedCharacters -= line.length
    this.#count--
    this.#lines[index] = ''
    this.#severities[index] = 0
  }
}
