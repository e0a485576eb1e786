import { watch, type FSWatcher } from 'node:fs'
import path from 'node:path'

/**
 * Tells about changes in folders, as far as the system does: watches run out, queues overflow without a word, network file
 * systems say nothing. So it only wakes the follower early; what it misses is found by polling.
 */
export class FolderWatch {
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #onChange: (file: string | undefined) => void

  /** @param onChange Gets the path that changed, if the system names it. */
  constructor(onChange: (file: string | undefined) => void) {
    this.#onChange = onChange
  }

  /** Watches these folders and no others. */
  set(folders: ReadonlySet<string>): void {
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue
      watcher.close()
      this.#watchers.delete(folder)
    }
    for (const folder of folders) {
      if (!this.#watchers.has(folder)) this.#start(folder)
    }
  }

  close(): void {
    this.set(new Set())
  }

  #start(folder: string): void {
    try {
      const watcher = watch(folder, (_, name) =>
        this.#onChange(name === null ? undefined : path.join(folder, name)),
      )
      const drop = () => {
        watcher.close()
        if (this.#watchers.get(folder) === watcher) this.#watchers.delete(folder)
      }
      watcher.on('error', drop)
      this.#watchers.set(folder, watcher)
    } catch {
      // No such folder yet, or no watch left: polling finds its files.
    }
  }
}
