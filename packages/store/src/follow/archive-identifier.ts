import type { FileRole } from './file-role.ts'
import { findKnown } from './find-known.ts'
import type { Incarnation } from './incarnation.ts'
import type { PhysicalFile } from './physical-file.ts'

/** What an archive was found to be. */
export type Identified =
  | { readonly known: Incarnation | undefined | 'gone' }
  | { readonly error: unknown }
  /** It is still being looked into, or waits for its turn. */
  | 'pending'

/**
 * Finds out of which incarnations archives hold the content. That can mean unpacking all of them, so it is done beside the
 * follower's loop, one archive at a time: new lines of other files do not wait for it.
 */
export class ArchiveIdentifier {
  readonly #known: () => Iterable<Incarnation>
  readonly #onDone: () => void
  #running: PhysicalFile | undefined
  #done: { readonly file: PhysicalFile; readonly result: Identified } | undefined

  /** @param onDone An answer can be fetched. */
  constructor(known: () => Iterable<Incarnation>, onDone: () => void) {
    this.#known = known
    this.#onDone = onDone
  }

  get isBusy(): boolean {
    return this.#running !== undefined || this.#done !== undefined
  }

  /** Asked at every scan for each archive that is not followed yet. */
  identify(file: PhysicalFile, role: FileRole): Identified {
    if (this.#done !== undefined && isUnchanged(this.#done.file, file)) {
      const { result } = this.#done
      this.#done = undefined
      return result
    }
    if (!this.isBusy) void this.#start(file, role)
    return 'pending'
  }

  /** Drops an answer nobody has asked for at a scan: its archive is gone or has changed. */
  dropUnasked(asked: (file: PhysicalFile) => boolean): void {
    if (this.#done !== undefined && !asked(this.#done.file)) this.#done = undefined
  }

  async #start(file: PhysicalFile, role: FileRole): Promise<void> {
    this.#running = file
    const result = await findKnown(file, role, this.#known()).then(
      (known) => ({ known }),
      (error: unknown) => ({ error }),
    )
    this.#running = undefined
    this.#done = { file, result }
    this.#onDone()
  }
}

function isUnchanged(a: PhysicalFile, b: PhysicalFile): boolean {
  return a.key === b.key && a.sizeBytes === b.sizeBytes && a.modifiedMs === b.modifiedMs
}
