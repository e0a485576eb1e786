import type { Entry } from '@pixsim7/protocol/client'
import { fieldTerm, presenceTerm } from '../state/query-text.ts'
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

/** The condition that an entry comes from the same place in the code. */
function callSiteTerm({ module, function: name, line }: Entry): string | undefined {
  const terms = [
    module === null ? undefined : fieldTerm('module', module),
    name === null ? undefined : fieldTerm('function', name),
    line === null ? undefined : fieldTerm('line', String(line)),
  ].filter((term) => term !== undefined)
  if (terms.length === 0) return undefined
  return terms.length === 1 ? terms[0] : `(${terms.join(' ')})`
}

/** One line of the details: a name, a value as text, and how to ask for it. */
export interface DetailField {
  readonly name: string
  readonly value: string
  /** The filter made for the field, where there is one. */
  readonly filter?: Partial<Filters>
  /** The condition in the query language; missing where it would find this entry alone, or is too long. */
  readonly term?: string | undefined
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
  const add = (name: string, value: string, filter?: Partial<Filters>): void => {
    fields.push({ name, value, term: fieldTerm(name, value), ...(filter === undefined ? {} : { filter }) })
  }
  for (const field of ID_FIELDS) {
    const value = idText(entry, field)
    if (value !== null) add(field, value, { [field]: value })
  }
  for (const [name, value] of Object.entries(entry.fields)) {
    // The ids stand above, with their filters; a field of that name is the same value.
    if (ID_FIELDS.some((field) => field === name && idText(entry, field) !== null)) continue
    // A structure has no one value to compare with: asked for is that it is there.
    if (value === null) fields.push({ name, value: valueText(value) })
    else if (typeof value === 'object')
      fields.push({ name, value: valueText(value), term: presenceTerm(name) })
    else add(name, valueText(value))
  }
  fields.push({ name: 'timestamp', value: entry.timestamp })
  add('level', entry.level, { levels: [entry.level] })
  add('component', entry.component, { components: [entry.component] })
  add('logger', entry.logger, { logger: entry.logger })
  const site = callSite(entry)
  if (site !== null) fields.push({ name: 'call site', value: site, term: callSiteTerm(entry) })
  if (entry.service !== null) add('service', entry.service)
  if (entry.host !== null) add('host', entry.host)
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
