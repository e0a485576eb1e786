/**
 * What happens in a store that its host may want to log. The store imports no logger: it hands these to
 * `StoreOptions.onEvent`. Texts and counts only, never a line of a log.
 */
export type StoreEvent =
  /** The engine's process answers; `restarts` is 0 for the first. */
  | {
      readonly event: 'engineStarted'
      readonly pid: number
      readonly version: string
      readonly restarts: number
    }
  /** The engine's process died or was killed because it had stopped answering; it is started again after the pause. */
  | { readonly event: 'engineLost'; readonly reason: string; readonly restartInMs: number }
  /** A file, or a new incarnation under a known path, is followed from now on. */
  | { readonly event: 'fileDiscovered'; readonly path: string; readonly component: string }
  /** A followed file has got another name; its rest is still read. */
  | { readonly event: 'fileRotated'; readonly from: string; readonly to: string }
  /** A followed file was shortened or written anew in place; `lostBytes` were seen but not read before. */
  | { readonly event: 'fileTruncated'; readonly path: string; readonly lostBytes: number }
  /** A followed file is gone and read to its end; `lostBytes` were seen but could not be read. */
  | { readonly event: 'fileGone'; readonly path: string; readonly lostBytes: number }
  /** A file cannot be read; it is tried again. */
  | { readonly event: 'fileUnreadable'; readonly path: string; readonly reason: string }
  /** Lines that are no record, stored as text, since the last such event for this file. */
  | { readonly event: 'badLines'; readonly path: string; readonly count: number }
  /** A batch could not be stored; nothing is lost, it is tried again after the pause. */
  | { readonly event: 'insertFailed'; readonly reason: string; readonly retryInMs: number }
  /** Records older than the retention were removed, `errorRows` of them ERROR or CRITICAL; days as they count for retention. */
  | {
      readonly event: 'rowsExpired'
      readonly rows: number
      readonly errorRows: number
      readonly firstDay: string
      readonly lastDay: string
    }
  /** What is older than the retention could not be removed; it is tried again within the hour. */
  | { readonly event: 'expiryFailed'; readonly reason: string }
  /** A store of an older version is brought to the present form; questions wait until it is done. */
  | { readonly event: 'migrating'; readonly rows: number; readonly ofRows: number }

export type StoreEventListener = (event: StoreEvent) => void
