/** Ends of a job in the worker: the status, and the slot it held, in one transaction. */
import type { Kysely } from 'kysely'
import { releaseAccount } from '../accounts/account-slots.ts'
import type { Job, Tables } from '../database/tables.ts'
import { failJob, retryJob } from '../jobs/job-transitions.ts'

export interface EndOptions {
  /** Nothing was generated: the account's daily count goes down again. */
  readonly isUnused?: boolean
  /** Runs in the same transaction, before. */
  readonly before?: (transaction: Kysely<Tables>) => Promise<void>
}

/** Fails a job and gives its slot back. Undefined when it had ended already; its slot is given back all the same. */
export function failAndRelease(
  db: Kysely<Tables>,
  jobId: number,
  reason: string,
  options: EndOptions = {},
): Promise<Job | undefined> {
  return db.transaction().execute(async (transaction) => {
    await options.before?.(transaction)
    const job = await failJob(transaction, jobId, reason)
    await releaseAccount(transaction, jobId, { isUnused: options.isUnused === true })
    return job
  })
}

/**
 * Makes a job pending again. `keepsAccount`: its next try must go to the same account, so it keeps the slot. Undefined when
 * the job is not processing any more, cancelled for instance; then its slot is given back.
 */
export function retryLater(
  db: Kysely<Tables>,
  jobId: number,
  reason: string,
  options: EndOptions & { readonly keepsAccount: boolean },
): Promise<Job | undefined> {
  return db.transaction().execute(async (transaction) => {
    await options.before?.(transaction)
    const job = await retryJob(transaction, jobId, reason)
    if (job === undefined || !options.keepsAccount) {
      await releaseAccount(transaction, jobId, { isUnused: options.isUnused === true })
    }
    return job
  })
}
