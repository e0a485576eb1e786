import type { IncarnationState } from '../follow/incarnation-state.ts'

/** Bytes of rows above which a batch is stored: larger ones cost memory (twice their size), smaller ones time. */
const MAX_BATCH_BYTES = 16 * 1024 ** 2
const MAX_BATCH_ROWS = 50_000

/** Rows that are stored in one step, and the positions they lead to. */
export class Batch {
  readonly number: number
  readonly #rows: string[] = []
  /** `file:offset` of each row, by which rows are found again that an insert has stored before it failed. */
  readonly #keys: string[] = []
  #bytes = 0
  /** Incarnations whose position or counts it changes, by id; taken when it is sealed. */
  states: readonly IncarnationState[] = []
  /** Those of them that have not been stored before. */
  newIds: ReadonlySet<number> = new Set()

  constructor(number: number) {
    this.number = number
  }

  get rowCount(): number {
    return this.#rows.length
  }

  get isFull(): boolean {
    return this.#bytes >= MAX_BATCH_BYTES || this.#rows.length >= MAX_BATCH_ROWS
  }

  add(file: number, offset: number, row: string): void {
    this.#rows.push(row)
    this.#keys.push(`${file}:${offset}`)
    this.#bytes += row.length
  }

  /** The rows as the engine reads them, without those that are stored already; undefined when none is left. */
  payload(storedKeys: ReadonlySet<string>): Buffer | undefined {
    const rows =
      storedKeys.size === 0
        ? this.#rows
        : this.#rows.filter((_, index) => !storedKeys.has(this.#keys[index] ?? ''))
    return rows.length === 0 ? undefined : Buffer.from(rows.join(''))
  }
}
