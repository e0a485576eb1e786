import {
  formatLocalTime,
  formatPlainLine,
  joinJsonLine,
  jsonLineStart,
  jsonString,
  jsonText,
} from '@pixsim7/record'
import type { LogEvent } from './pipeline.ts'

/** An event as a JSON line with its newline; `more` are further members, `,"component":"backend"`. */
export function jsonLineOf(event: LogEvent, more = ''): string {
  return joinJsonLine(
    jsonLineStart(event.timeUs),
    event.logger.heads[event.severity / 10] as string,
    event.isClean ? event.message : jsonText(event.message),
    event.site.json,
    more === '' ? event.members : event.members + more,
    event.exception === '' ? '' : jsonString(event.exception),
  )
}

/** An event as plain text with a newline at its end; `more` as for jsonLineOf. */
export function plainLineOf(event: LogEvent, more = ''): string {
  const head = { level: event.level, logger: event.logger.name, message: event.message }
  const fieldsJson = (event.members + more).slice(1)
  return `${formatPlainLine(localTimeOf(event.timeUs), head, fieldsJson, event.exception)}\n`
}

let localSecond = Number.NaN
let localTime = ''

/** The local time of a whole second is asked for once: many lines share it. */
function localTimeOf(timeUs: number): string {
  const second = Math.floor(timeUs / 1_000_000)
  if (second !== localSecond) {
    localTime = formatLocalTime(timeUs)
    localSecond = second
  }
  return localTime
}
