import type { Entry } from '@pixsim7/protocol/client'
import { ID_FIELDS, type Filters, type IdField } from '../state/view.ts'

/** An id as text; null when the entry has none. 0 is an id. */
export function idText(entry: Entry, field: IdField): string | null {
  const value = entry[field]
  return value === null || value === '' ? null : String(value)
}

/** What the badges of a row call an id. */
export const ID_WORDS: Readonly<Record<IdField, string>> = {
  user_id: 'user',
  job_id: 'job',
  request_id: 'req',
}

/** Characters of an id a badge shows: enough to tell two UUIDs apart at a glance. */
const BADGE_LENGTH = 10

/** The ids of an entry as badges show them. */
export function idBadges(entry: Entry): readonly { field: IdField; value: string; label: string }[] {
  return ID_FIELDS.flatMap((field) => {
    const value = idText(entry, field)
    if (value === null) return []
    const short =
      value.length > BADGE_LENGTH + 2
        ? `${value.slice(0, field === 'request_id' ? 8 : BADGE_LENGTH)}…`
        : value
    return [{ field, value, label: `${ID_WORDS[field]} ${short}` }]
  })
}

/** `job_processor → process_job:45`; null when the entry does not know its place in the code. */
export function callSite(entry: Entry): string | null {
  const place = entry.function ?? ''
  const line = entry.line === null ? '' : `:${entry.line}`
  if (entry.module === null && place === '') return null
  if (entry.module === null) return place + line
  return place === '' ? entry.module + line : `${entry.module} → ${place}${line}`
}

/** One line of the details: a name, a value as text, and the filter that asks for it, if there is one. */
export interface DetailField {
  readonly name: string
  readonly value: string
  readonly filter?: Partial<Filters>
}

/** A field's value as text: strings as they are, anything else as JSON, objects over several lines. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value
  const isStructure = typeof value === 'object' && value !== null
  return JSON.stringify(value, null, isStructure ? 2 : 0) ?? String(value)
}

/** Longest preview, in UTF-16 units: more does not fit beside a message on any screen. */
const PREVIEW_LENGTH = 400

/**
 * The application's own fields on one line behind the message, `method=GET status_code=200`, so that a list of equal
 * messages tells them apart. The ids stand in badges already.
 */
export function fieldsPreview(entry: Entry): string {
  let preview = ''
  for (const [name, value] of Object.entries(entry.fields)) {
    if (ID_FIELDS.some((field) => field === name)) continue
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
    preview += `${preview === '' ? '' : '  '}${name}=${text.slice(0, PREVIEW_LENGTH)}`
    if (preview.length > PREVIEW_LENGTH) break
  }
  return preview.slice(0, PREVIEW_LENGTH)
}

/**
 * Everything the entry knows besides message and exception: first what only the details show (ids and the application's
 * own fields), then what the row says already, last where the line lies.
 */
export function detailFields(entry: Entry): readonly DetailField[] {
  const fields: DetailField[] = []
  for (const field of ID_FIELDS) {
    const value = idText(entry, field)
    if (value !== null) fields.push({ name: field, value, filter: { [field]: value } })
  }
  for (const [name, value] of Object.entries(entry.fields)) {
    // The ids stand above, with their filters; a field of that name is the same value.
    if (ID_FIELDS.some((field) => field === name && idText(entry, field) !== null)) continue
    fields.push({ name, value: valueText(value) })
  }
  fields.push(
    { name: 'timestamp', value: entry.timestamp },
    { name: 'level', value: entry.level, filter: { levels: [entry.level] } },
    { name: 'component', value: entry.component, filter: { components: [entry.component] } },
    { name: 'logger', value: entry.logger, filter: { logger: entry.logger } },
  )
  const site = callSite(entry)
  if (site !== null) fields.push({ name: 'call site', value: site })
  if (entry.service !== null) fields.push({ name: 'service', value: entry.service })
  if (entry.host !== null) fields.push({ name: 'host', value: entry.host })
  fields.push(
    { name: 'file', value: `${entry.file} at byte ${entry.offset}` },
    { name: 'id', value: entry.id },
  )
  return fields
}

/** The entry as one plain line, as a person would quote it. */
export function plainLine(entry: Entry): string {
  return `${entry.timestamp} - ${entry.logger} - ${entry.level} - ${entry.message}`
}
