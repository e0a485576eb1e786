/** Severities are 10 (DEBUG) to 50 (CRITICAL): index 1 to 5 of counts by severity. */
const STEP = 10
const SLOTS = 6

/** Counts (of lines, of characters) by severity. */
export class SeverityCounts {
  readonly #counts = new Array<number>(SLOTS).fill(0)

  add(severity: number, count: number): void {
    const index = severity / STEP
    this.#counts[index] = (this.#counts[index] ?? 0) + count
  }

  /** Adds all of `others`, or with -1 as `sign` takes them off. */
  addAll(others: SeverityCounts, sign: 1 | -1 = 1): void {
    for (let severity = 0; severity < SLOTS * STEP; severity += STEP)
      this.add(severity, others.of(severity) * sign)
  }

  get total(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0)
  }

  /** The highest severity that has a count; 0 for none. */
  get highest(): number {
    for (let index = SLOTS - 1; index > 0; index--) if ((this.#counts[index] ?? 0) > 0) return index * STEP
    return 0
  }

  of(severity: number): number {
    return this.#counts[severity / STEP] ?? 0
  }

  clear(): void {
    this.#counts.fill(0)
  }
}
