/** What the tasks of the worker work with. */
import type { Kysely } from 'kysely'
import type { Pool } from 'pg'
import type { AssetStore } from '../assets/sync-asset.ts'
import type { Tables } from '../database/tables.ts'
import type { ProviderRegistry } from '../provider/provider-registry.ts'
import type { SecretBox } from '../security/secret-box.ts'

export interface WorkerSettings {
  /** Tasks at once. */
  readonly maxTasks: number
  /** A task that takes longer is told to give up. */
  readonly taskTimeoutMs: number
  /** Submissions of one job that may fail by the provider's or our fault before the job fails. */
  readonly maxTries: number
  /** Between two looks at the running jobs. */
  readonly pollIntervalMs: number
  /** A job the provider has not finished after this long counts as failed. */
  readonly jobTimeoutMs: number
  /** Until the first repetition of what failed; doubled each time. */
  readonly retryDelayMs: number
  /** Between two health records. */
  readonly heartbeatMs: number
}

/** What this worker did since it started. */
export interface WorkerCounters {
  completed: number
  failed: number
  retried: number
  polls: number
}

export interface WorkerDeps {
  readonly db: Kysely<Tables>
  readonly pool: Pool
  /** False while the database cannot be reached. */
  readonly isUp: () => boolean
  readonly providers: ProviderRegistry
  readonly secretBox: SecretBox
  readonly store: AssetStore
  readonly settings: WorkerSettings
  readonly counters: WorkerCounters
}
