import type { BoundFields } from '../core/bound-fields.ts'
import { fieldOfCall } from '../core/call-field.ts'

/** Which contexts are written. */
export interface SamplingOptions {
  /** Share of the contexts whose lines below ERROR are written, from 0 to 1. */
  readonly rate: number
  /**
   * Fields that tell contexts apart: the first of them that a line has decides, by its value, so that all processes agree about one
   * request or job. Lines without any of them are written. Default `request_id`, `trace_id`, `job_id`.
   */
  readonly by?: readonly string[]
}

const DEFAULT_BY = ['request_id', 'trace_id', 'job_id']
const MAX_FIELDS = 16

/** Completes "expected …". */
export const SAMPLING_EXPECTED = `an object with rate from 0 to 1, and by, if given, a list of 1 to ${MAX_FIELDS} names of fields`

/** Whether code without types gave what SamplingOptions says. */
export function isSamplingOptions(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { rate, by } = value as Record<string, unknown>
  const isRate = typeof rate === 'number' && rate >= 0 && rate <= 1
  if (!isRate || by === undefined) return isRate
  const isName = (name: unknown) => typeof name === 'string' && name !== ''
  return Array.isArray(by) && by.length > 0 && by.length <= MAX_FIELDS && by.every(isName)
}

/** Decides which contexts are written. */
export class Sampling {
  readonly #limit: number
  readonly #by: readonly string[]

  constructor({ rate, by }: SamplingOptions) {
    this.#limit = rate * 2 ** 32
    this.#by = by ?? DEFAULT_BY
  }

  /** Whether the lines of a context are written; the same answer for all lines with the same id. Never throws. */
  keeps(
    context: BoundFields | undefined,
    bound: BoundFields | undefined,
    first: unknown,
    second: unknown,
    rest: readonly unknown[],
  ): boolean {
    for (const field of this.#by) {
      const value = fieldOfCall(field, context, bound, first, second, rest)
      if (value !== undefined) return hash(value) < this.#limit
    }
    return true
  }
}

/** A longer id is told apart by its beginning: ids are short, and a hostile one must not cost more. */
const MAX_HASHED_CHARACTERS = 128

/** 32 bits, spread evenly also for ids that count up: FNV-1a with the last step of MurmurHash3. */
function hash(text: string): number {
  let bits = 0x811c9dc5
  const length = Math.min(text.length, MAX_HASHED_CHARACTERS)
  for (let index = 0; index < length; index++) bits = Math.imul(bits ^ text.charCodeAt(index), 0x01000193)
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
