import { parseLevel, parseTimestamp, formatTimestamp, type Level, type LogRecord } from '@pixsim7/record'

/** The beginning of our JSON line, which is still there when the end was torn off or cut. */
const JSON_HEAD =
  /^\{"timestamp":"([^"\\]{1,40})"(?:,"level":"([A-Za-z]{1,16})"(?:,"logger":"([^"\\]{0,256})")?)?/

/**
 * A line that is no record, as one: the line is the message. Time, level and logger come from what is left of a torn JSON
 * line; else the time is that of the record before it in the file, the level that of the file (INFO, in the errors
 * file ERROR), and there is no logger.
 */
export function textRecord(text: string, previousTimestamp: string, level: Level): LogRecord {
  const head = text.startsWith('{') ? JSON_HEAD.exec(text) : null
  const timeUs = head?.[1] === undefined ? undefined : parseTimestamp(head[1])
  return {
    timestamp: timeUs === undefined ? previousTimestamp : formatTimestamp(timeUs),
    level: (timeUs === undefined || head?.[2] === undefined ? undefined : parseLevel(head[2])) ?? level,
    logger: timeUs === undefined ? '' : (head?.[3] ?? ''),
    message: text.endsWith('\r') ? text.slice(0, -1) : text,
    module: null,
    function: null,
    line: null,
    fields: {},
  }
}
