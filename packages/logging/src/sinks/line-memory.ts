import type { PendingLines } from './pending-lines.ts'

/** From one severity to the next. */
const STEP = 10

/**
 * Memory that all pending lines of a process share, in characters (about bytes: lines are mostly ASCII). When it is used
 * up, the policy is "lowest level first": a new line takes the place of lines of lower levels, whichever file they are for,
 * oldest first; where there are none, it is itself dropped. So the last to go are CRITICAL and ERROR.
 */
export class LineMemory {
  readonly limitCharacters: number
  /** Written by PendingLines only. */
  usedCharacters = 0
  readonly #members = new Set<PendingLines>()

  constructor(limitCharacters: number) {
    this.limitCharacters = limitCharacters
  }

  join(member: PendingLines): void {
    this.#members.add(member)
  }

  leave(member: PendingLines): void {
    this.#members.delete(member)
  }

  /** Whether a line of this length goes beyond the limit. */
  isFullFor(characters: number): boolean {
    return this.usedCharacters + characters > this.limitCharacters
  }

  /** Whether a line of this length and severity has its place, if need be after dropping others. */
  hasRoomFor(characters: number, severity: number): boolean {
    return !this.isFullFor(characters) || this.#makeRoom(characters, severity)
  }

  #makeRoom(needed: number, severity: number): boolean {
    let reclaimable = 0
    for (let lower = STEP; lower < severity; lower += STEP) {
      for (const member of this.#members) reclaimable += member.droppableCharacters(lower)
    }
    if (this.usedCharacters - reclaimable + needed > this.limitCharacters) return false
    // More than needed goes at once: looking for room at every line would cost the time the application needs.
    let missing = Math.min(reclaimable, needed + Math.floor(this.limitCharacters / 16))
    for (let lower = STEP; lower < severity && missing > 0; lower += STEP) {
      for (const member of this.#members) {
        if (missing > 0) missing -= member.dropOldest(lower, missing)
      }
    }
    return true
  }
}
