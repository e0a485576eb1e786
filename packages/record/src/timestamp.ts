/**
 * Times of records. Inside the program a time is the number of microseconds since 1970 in UTC, `timeUs`: a safe
 * integer, so the years 1684 to 2255. In JSON lines it is ISO 8601 in UTC with microseconds; in plain lines the
 * local wall clock, to the second.
 */

/** How a time without zone is to be understood. */
export type ZonelessAs = 'utc' | 'local'

const US_PER_SECOND = 1_000_000

// Lines come many to the second: what is the same in all of them is kept, for writing and for reading.
let cachedSecond = 0
let cachedPrefix = '1970-01-01T00:00:00.'

/**
 * `2025-11-11T22:30:45.123456Z`. Parts of a microsecond are cut off. Never throws, since a broken clock must not cost a line:
 * NaN becomes 1970, and what lies outside 1684 to 2255 its nearest end.
 */
export function formatTimestamp(timeUs: number): string {
  if (!Number.isSafeInteger(timeUs)) timeUs = nearestTimeUs(timeUs)
  const second = Math.floor(timeUs / US_PER_SECOND)
  if (second !== cachedSecond) {
    cachedPrefix = new Date(second * 1000).toISOString().slice(0, 20)
    cachedSecond = second
  }
  return cachedPrefix + String(timeUs - second * US_PER_SECOND + US_PER_SECOND).slice(1) + 'Z'
}

function nearestTimeUs(timeUs: number): number {
  if (Number.isNaN(timeUs)) return 0
  const limit = Number.MAX_SAFE_INTEGER
  return Math.floor(Math.min(Math.max(timeUs, -limit), limit))
}

const ISO_FORM =
  /^(\d{4})-(\d\d)-(\d\d)([Tt ])(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)? ?(Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/
const FRACTION = /\.\d{6}Z$/
const EPOCH_FORM = /^(\d{9,19})(?:\.(\d{1,12}))?$/

/**
 * Microseconds since 1970 of a time as loggers write it, or undefined for any other text; never throws.
 *
 * - ISO 8601, with `T` or a space, with up to 12 decimals after a point or comma (cut to microseconds), with zone or
 *   without. Without one, `T` means UTC and a space the local wall clock, as the programs that write these forms mean
 *   it; `zoneless` decides otherwise.
 * - Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by size, from 1973 on: below that a number
 *   is rather the uptime of some program than a time.
 */
export function parseTimestamp(text: string | number, zoneless?: ZonelessAs): number | undefined {
  if (typeof text === 'number') return epochNumberUs(text)
  if (text.length === 27 && text.startsWith(cachedPrefix) && FRACTION.test(text)) {
    return safeUs(cachedSecond * US_PER_SECOND + Number(text.slice(20, 26)))
  }
  const match = ISO_FORM.exec(text)
  if (match === null) return epochTextUs(text)
  const day = dayNumber(Number(match[1]), Number(match[2]), Number(match[3]))
  const hour = Number(match[5])
  const minute = Number(match[6])
  const second = match[7] === undefined ? 0 : Number(match[7])
  // 60 is a leap second: the first second of the next minute.
  if (day === undefined || hour > 23 || minute > 59 || second > 60) return undefined
  const secondOfDay = hour * 3600 + minute * 60 + second
  const zone = match[9] ?? ((zoneless ?? (match[4] === ' ' ? 'local' : 'utc')) === 'utc' ? 'Z' : undefined)
  const seconds = zone === undefined ? localSeconds(day, secondOfDay) : utcSeconds(day, secondOfDay, zone)
  return seconds === undefined ? undefined : safeUs(seconds * US_PER_SECOND + fractionUs(match[8]))
}

/** Days since 1970 of a date of the Gregorian calendar; undefined for one that does not exist. */
function dayNumber(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined
  // Counted from 1 March, so that the leap day comes last.
  const y = month > 2 ? year : year - 1
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

function daysInMonth(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}

function utcSeconds(day: number, secondOfDay: number, zone: string): number | undefined {
  const seconds = day * 86_400 + secondOfDay
  const sign = zone[0] === '+' ? 1 : zone[0] === '-' ? -1 : 0
  if (sign === 0) return seconds
  const hours = Number(zone.slice(1, 3))
  const minutes = zone.length > 3 ? Number(zone.slice(-2)) : 0
  return hours > 23 || minutes > 59 ? undefined : seconds - sign * (hours * 3600 + minutes * 60)
}

/** Undefined below the year 100, which Date would take for 19xx and which is out of range in any case. */
function localSeconds(day: number, secondOfDay: number): number | undefined {
  const wall = new Date((day * 86_400 + secondOfDay) * 1000)
  const year = wall.getUTCFullYear()
  if (year < 100) return undefined
  const local = new Date(
    year,
    wall.getUTCMonth(),
    wall.getUTCDate(),
    wall.getUTCHours(),
    wall.getUTCMinutes(),
    wall.getUTCSeconds(),
  )
  return local.getTime() / 1000
}

function fractionUs(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits.slice(0, 6).padEnd(6, '0'))
}

function safeUs(timeUs: number): number | undefined {
  return Number.isSafeInteger(timeUs) ? timeUs : undefined
}

/** Below which number of digits an epoch number counts seconds, milliseconds, microseconds. */
const SECONDS_DIGITS = 11
const MILLISECONDS_DIGITS = 14
const MICROSECONDS_DIGITS = 17

function epochTextUs(text: string): number | undefined {
  const match = EPOCH_FORM.exec(text)
  if (match === null) return undefined
  const whole = match[1] ?? ''
  const decimals = (match[2] ?? '').padEnd(6, '0')
  // By text, not by number: nanoseconds have more digits than a number holds.
  const length = whole.length
  if (length <= SECONDS_DIGITS) return epochNumberUs(Number(whole), fractionUs(decimals))
  if (length <= MILLISECONDS_DIGITS) return safeUs(Number(whole + decimals.slice(0, 3)))
  if (length <= MICROSECONDS_DIGITS) return safeUs(Number(whole))
  return safeUs(Number(whole.slice(0, -3)))
}

function epochNumberUs(value: number, extraUs = 0): number | undefined {
  if (!(value >= 1e8)) return undefined
  if (value < 10 ** SECONDS_DIGITS) return safeUs(Math.round(value * US_PER_SECOND) + extraUs)
  if (value < 10 ** MILLISECONDS_DIGITS) return safeUs(Math.round(value * 1000))
  if (value < 10 ** MICROSECONDS_DIGITS) return safeUs(Math.floor(value))
  return safeUs(Math.floor(value / 1000))
}

/**
 * `2025-11-11 22:30:45`, the local wall clock of a plain line. The text is the same for the whole second, so a caller
 * who writes many lines keeps it per second; it is not kept here, because the zone of a process can change.
 */
export function formatLocalTime(timeUs: number): string {
  const date = new Date(nearestTimeUs(timeUs) / 1000)
  const pad = (part: number) => (part < 10 ? `0${part}` : `${part}`)
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`
}

const LOCAL_FORM = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/

/**
 * Microseconds since 1970 of what formatLocalTime wrote in the same zone, or undefined. Where clocks are set back, an
 * hour occurs twice: its first occurrence is taken. Where they are set forward, an hour does not occur: a time in it
 * is taken as if the clocks had not been touched yet.
 */
export function parseLocalTime(text: string): number | undefined {
  return LOCAL_FORM.test(text) ? parseTimestamp(text, 'local') : undefined
}
