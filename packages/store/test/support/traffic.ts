import { appendFile, rename } from 'node:fs/promises'
import { formatPlainRecord } from '@pixsim7/record'
import { BASE_US, jsonLine, testRecord } from './lines.ts'

const DAY_US = 86_400_000_000

/**
 * Writes to several files at once, as producers that number their lines do; JSON and plain with stacks, of three days, so
 * that every batch touches several partitions. Each file's lines are in the order of its field `seq`.
 */
export class Traffic {
  readonly #files: readonly string[]
  readonly #random: () => number
  #rotations = 0
  /** Lines written, by producer. */
  readonly written: number[]

  constructor(files: readonly string[], random: () => number) {
    this.#files = files
    this.#random = random
    this.written = files.map(() => 0)
  }

  get total(): number {
    return this.written.reduce((sum, count) => sum + count, 0)
  }

  /** Appends `count` records to each file in a few writes, and sometimes renames a file in between. */
  async burst(count: number): Promise<void> {
    for (const [producer, file] of this.#files.entries()) {
      for (let left = count; left > 0;) {
        const some = Math.min(left, 1 + Math.floor(this.#random() * count))
        await appendFile(file, this.#lines(producer, some))
        left -= some
        if (this.#random() < 0.03) {
          this.#rotations += 1
          await rename(file, `${file}.${this.#rotations}`)
        }
      }
    }
  }

  #lines(producer: number, count: number): string {
    let text = ''
    for (let index = 0; index < count; index += 1) {
      const seq = this.written[producer] ?? 0
      this.written[producer] = seq + 1
      const options = {
        timeUs: BASE_US + (seq % 3) * DAY_US + seq * 1000,
        message: `record ${seq} of ${producer}`,
        fields: { producer, seq, job_id: seq % 100 },
      }
      text +=
        producer % 2 === 0
          ? jsonLine(options)
          : `${formatPlainRecord(testRecord({ ...options, ...(seq % 5 === 0 ? { exception: 'Error: x\n    at y' } : {}) }))}\n`
    }
    return text
  }
}
