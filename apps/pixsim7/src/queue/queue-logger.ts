import { getLogger } from '@pixsim7/logging'
import { Logger } from 'graphile-worker'

/** Scope keys of graphile-worker and the field each becomes. */
const FIELD_OF_SCOPE = {
  label: 'queue_part',
  workerId: 'queue_worker',
  taskIdentifier: 'task',
  jobId: 'queue_job_id',
} as const

function fieldsOf(scope: object): Record<string, unknown> {
  const facts = scope as Record<string, unknown>
  return Object.fromEntries(
    Object.entries(FIELD_OF_SCOPE)
      .filter(([key]) => facts[key] !== undefined)
      .map(([key, field]) => [field, facts[key]]),
  )
}

/** The logger graphile-worker takes: what it says goes to our logger `queue`, its routine messages at DEBUG. */
export function queueLogger(): Logger {
  const logger = getLogger('queue')
  return new Logger((scope) => (level, message, meta) => {
    const error = meta?.['error'] ?? meta?.['failure']
    const fields = { ...fieldsOf(scope), ...(error instanceof Error ? { error } : {}) }
    const word: string = level
    if (word === 'error') logger.error(message, fields)
    else if (word === 'warning') logger.warning(message, fields)
    else logger.debug(message, fields)
  })
}
