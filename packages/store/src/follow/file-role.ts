import path from 'node:path'
import { parseLogFileName } from '@pixsim7/files'
import { matchesPattern, parsePattern, type PathPattern } from './glob.ts'

/** What a file is to the follower, by its path alone. */
export interface FileRole {
  readonly component: string
  /** It has been rotated away: nothing new is written to it, and it may be a copy of what was read before. */
  readonly isRotated: boolean
  readonly isArchive: boolean
  /** It repeats the errors of all components. */
  readonly isErrorsFile: boolean
}

export class FileRoles {
  readonly #components: readonly (readonly [PathPattern, string])[]
  readonly errorsComponent: string

  /** @param components Pattern of a path → component; relative patterns are resolved against the working folder. */
  constructor(components: Readonly<Record<string, string>>, errorsComponent: string) {
    this.#components = Object.entries(components).map(([pattern, component]) => [
      parsePattern(path.resolve(pattern)),
      component,
    ])
    this.errorsComponent = errorsComponent
  }

  /** Undefined when the name is not that of a log; a reason when it is one that cannot be read. */
  roleOf(file: string): FileRole | { readonly problem: string } | undefined {
    const name = parseLogFileName(file)
    if (name === undefined) return undefined
    if (name.compression !== null && name.compression !== 'gz') {
      return { problem: `it is compressed as ${name.compression}, of which only gz can be read` }
    }
    const component =
      this.#components.find(([pattern]) => matchesPattern(pattern, file))?.[1] ?? name.component
    return {
      component,
      isRotated: name.rotation !== null || name.compression !== null,
      isArchive: name.compression === 'gz',
      isErrorsFile: component === this.errorsComponent,
    }
  }
}
