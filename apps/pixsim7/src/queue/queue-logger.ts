import { getLogger } from '@pixsim7/logging'
import { Logger } from 'graphile-worker'
import { isConnectionError } from '../database/connection-errors.ts'
import { errorFields } from '../error-fields.ts'

const logger = getLogger('graphile_worker')

/** Scope keys of graphile-worker and the field each becomes. */
const FIELD_OF_SCOPE = {
  label: 'queue_part',
  workerId: 'queue_worker',
  taskIdentifier: 'task',
  jobId: 'queue_job_id',
} as const

type ScopeField = (typeof FIELD_OF_SCOPE)[keyof typeof FIELD_OF_SCOPE]

function fieldsOf(scope: object): { readonly [field in ScopeField]?: unknown } {
  const facts = scope as Record<string, unknown>
  return Object.fromEntries(
    Object.entries(FIELD_OF_SCOPE)
      .filter(([key]) => facts[key] !== undefined)
      .map(([key, field]) => [field, facts[key]]),
  )
}

/**
 * The logger graphile-worker takes: what it says goes to our logger of its name, its routine messages at DEBUG; so does that a
 * task failed, which the task itself has told, with its context.
 */
export function queueLogger(): Logger {
  return new Logger((scope) => (level, message, meta) => {
    const error = meta?.['error']
    const fields = { ...fieldsOf(scope), ...(error instanceof Error && errorFields(error)) }
    const word: string = meta?.['failure'] === true ? 'debug' : level
    // The loss of the database is told, once, by whoever watches its connections; the queue connects again by itself.
    if (word === 'error' && !isConnectionError(error)) logger.error(message, fields)
    else if (word === 'error' || word === 'warning') logger.warning(message, fields)
    else logger.debug(message, fields)
  })
}
