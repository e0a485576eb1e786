import type { PlacedRecord } from '../row.ts'

/** Which component a record of the errors file belongs to; undefined: it is a copy, and its component's own file has it. */
export type ErrorsOrigin = { readonly component: string; readonly liftsComponent: boolean } | undefined

/** Whose own files are followed. */
export interface FollowedComponents {
  readonly errorsComponent: string
  isFollowed(component: string): boolean
}

/**
 * The errors file repeats what stands in the components' own files. Of it are stored: what says `sole_copy` (the library
 * could not write the component's own file), what belongs to a component whose file is not followed, what names none.
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
    return placed.map(({ record }, index) => {
      const component = named[index]
      if (component === undefined)
        return { component: this.#components.errorsComponent, liftsComponent: false }
      if (record.fields['sole_copy'] === true) return { component, liftsComponent: true }
      return this.#components.isFollowed(component) ? undefined : { component, liftsComponent: true }
    })
  }
}

function componentOf({ record }: PlacedRecord): string | undefined {
  const { component } = record.fields
  return typeof component === 'string' && component !== '' ? component : undefined
}
