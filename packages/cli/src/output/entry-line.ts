import type { Entry } from '@pixsim7/protocol/client'
import { formatPlainRecord, type Level } from '@pixsim7/record'

/** Parameters of the escape sequence for each level. */
const COLOURS: Readonly<Record<Level, string>> = {
  DEBUG: '2',
  INFO: '32',
  WARNING: '33',
  ERROR: '31',
  CRITICAL: '1;31',
}

/**
 * An entry as the plain files have it, `2025-11-11 22:30:45 - job_processor - INFO - message | component=worker job_id=123`,
 * stack lines indented below it. The component is the first field. Control characters are escaped by the format itself.
 */
export function formatEntryLine(entry: Entry, isColoured: boolean): string {
  const line = formatPlainRecord({
    timestamp: entry.timestamp,
    level: entry.level,
    logger: entry.logger,
    message: entry.message,
    module: entry.module,
    function: entry.function,
    line: entry.line,
    ...(entry.exception === null ? {} : { exception: entry.exception }),
    fields: fieldsOf(entry),
  })
  if (!isColoured) return line
  const level = ` - ${entry.level} -`
  // The logger's name cannot hold ` - `, so the first one is the level's.
  const at = line.indexOf(level)
  return `${line.slice(0, at)} - ${coloured(entry.level, COLOURS[entry.level])} -${line.slice(at + level.length)}`
}

/** What was lifted out of the fields goes back among them. */
function fieldsOf(entry: Entry): Record<string, unknown> {
  const lifted = {
    component: entry.component,
    service: entry.service,
    host: entry.host,
    user_id: entry.user_id,
    job_id: entry.job_id,
    request_id: entry.request_id,
  }
  const present = Object.entries(lifted).filter(([, value]) => value !== null)
  return { ...Object.fromEntries(present), ...entry.fields }
}

/** The text in a colour of the terminal. */
export function coloured(text: string, parameters: string): string {
  return `\u001b[${parameters}m${text}\u001b[0m`
}
