import type { FileHealth } from '../log-store.ts'
import type { StoreEventListener } from '../store-event.ts'

/** What is said of a file that cannot be followed. */
export interface Trouble {
  readonly path: string
  readonly component: string
  readonly sizeBytes: number
  readonly reason: string
  /** Of the clock of scans; Infinity when it is not worth another look. */
  readonly retryAtMs: number
}

/** Files that match but cannot be followed: reported once per reason, shown in health until they are gone or readable. */
export class FileTroubles {
  readonly #report: StoreEventListener
  readonly #troubles = new Map<string, Trouble & { readonly id: number }>()
  #lastId = 0

  constructor(report: StoreEventListener) {
    this.#report = report
  }

  note(trouble: Trouble): void {
    const before = this.#troubles.get(trouble.path)
    if (before?.reason !== trouble.reason) {
      this.#report({ event: 'fileUnreadable', path: trouble.path, reason: trouble.reason })
    }
    // Below zero: the numbers of incarnations begin at one.
    if (before === undefined) this.#lastId -= 1
    this.#troubles.set(trouble.path, { ...trouble, id: before?.id ?? this.#lastId })
  }

  /** Whether a file is to be left alone for now. */
  isWaiting(path: string, nowMs: number): boolean {
    return (this.#troubles.get(path)?.retryAtMs ?? 0) > nowMs
  }

  solved(path: string): void {
    this.#troubles.delete(path)
  }

  /** Forgets those whose path is not there any more. */
  keepOnly(isThere: (path: string) => boolean): void {
    for (const path of this.#troubles.keys()) {
      if (!isThere(path)) this.#troubles.delete(path)
    }
  }

  health(): (readonly [id: number, health: FileHealth])[] {
    return [...this.#troubles.values()].map((trouble) => [trouble.id, healthOf(trouble)])
  }
}

function healthOf({ path, component, sizeBytes, reason, retryAtMs }: Trouble): FileHealth {
  return {
    path,
    component,
    sizeBytes,
    offsetBytes: 0,
    // What will never be read is not behind.
    lagBytes: retryAtMs === Infinity ? 0 : sizeBytes,
    lines: 0,
    rows: 0,
    continuationLines: 0,
    badLines: 0,
    copies: 0,
    cutLines: 0,
    lostBytes: 0,
    lastError: reason,
  }
}
