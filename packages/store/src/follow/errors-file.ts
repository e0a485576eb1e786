import { formatTimestamp, parseTimestamp } from '@pixsim7/record'
import type { PlacedRecord } from '../row.ts'

/** Which component a record of the errors file belongs to; undefined: it is a copy, and its component's own file has it. */
export type ErrorsOrigin = { readonly component: string; readonly liftsComponent: boolean } | undefined

/** Whose own files are followed. */
export interface FollowedComponents {
  readonly errorsComponent: string
  isFollowed(component: string): boolean
  /** Time of the first record in the oldest of a component's own files; empty when none has been read. */
  coveredSince(component: string): string
}

/** Processes that share a file do not write quite in the order of time, so its first record need not be its earliest. */
const DISORDER_US = 600_000_000

/**
 * The errors file repeats what stands in the components' own files. Of it are stored: what says `sole_copy` (the library
 * could not write the component's own file); what belongs to a component whose file is not followed; what is older than the
 * component's own files, which are kept for a shorter time than errors; what names no component.
 */
export class ErrorsFile {
  readonly #components: FollowedComponents
  readonly #rescan: () => Promise<void>

  constructor(components: FollowedComponents, rescan: () => Promise<void>) {
    this.#components = components
    this.#rescan = rescan
  }

  async decide(placed: readonly PlacedRecord[]): Promise<ErrorsOrigin[]> {
    const named = placed.map(componentOf)
    // The library writes a component's own file first: a component seen here for the first time has one by now.
    if (named.some((component) => component !== undefined && !this.#components.isFollowed(component))) {
      await this.#rescan()
    }
    const since = new Map<string, string>()
    return placed.map(({ record }, index) => {
      const component = named[index]
      if (component === undefined) {
        return { component: this.#components.errorsComponent, liftsComponent: false }
      }
      const own = { component, liftsComponent: true }
      if (record.fields['sole_copy'] === true || !this.#components.isFollowed(component)) return own
      if (!since.has(component)) since.set(component, this.#coveredSince(component))
      return record.timestamp < (since.get(component) ?? '') ? own : undefined
    })
  }

  #coveredSince(component: string): string {
    const first = parseTimestamp(this.#components.coveredSince(component))
    return first === undefined ? '' : formatTimestamp(first - DISORDER_US)
  }
}

function componentOf({ record }: PlacedRecord): string | undefined {
  const { component } = record.fields
  return typeof component === 'string' && component !== '' ? component : undefined
}
