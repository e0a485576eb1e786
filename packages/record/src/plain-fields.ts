import { numberValue, parseJson } from './json-parse.ts'
import { endOfJsonContainer, endOfJsonString } from './json-scan.ts'
import { fieldKey, setField } from './record.ts'

/**
 * The fields of a plain line: `key=value key="two words"`, one space between them. Numbers, true, false and null stand
 * bare, objects and arrays as JSON, strings bare when they hold no white space, quote or backslash and cannot be taken
 * for something else; all other strings, and such keys, as JSON strings.
 */
const BARE_KEY = /^[^\s"\\=|]+$/
const BARE_STRING = /^[^\s"\\{[][^\s"\\]*$/
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const LITERALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
])

/**
 * Encoded fields, as joinJsonLine takes them, in the form of a plain line. Text that is not the members of an object
 * comes back as far as it is: the caller's mistake must not cost the line.
 */
export function plainFields(fieldsJson: string): string {
  const parts: string[] = []
  let position = 0
  while (position < fieldsJson.length) {
    const keyEnd = endOfJsonString(fieldsJson, position)
    const valueEnd = keyEnd === -1 ? -1 : endOfMember(fieldsJson, keyEnd + 1)
    if (valueEnd === -1) {
      parts.push(fieldsJson.slice(position))
      break
    }
    const key = fieldsJson.slice(position + 1, keyEnd - 1)
    const value = fieldsJson.slice(keyEnd + 1, valueEnd)
    parts.push(`${BARE_KEY.test(key) ? key : `"${key}"`}=${plainValue(value)}`)
    position = valueEnd + 1
  }
  return parts.join(' ')
}

function endOfMember(text: string, start: number): number {
  const first = text[start]
  if (first === '"') return endOfJsonString(text, start)
  if (first === '{' || first === '[') return endOfJsonContainer(text, start)
  const comma = text.indexOf(',', start)
  return comma === -1 ? text.length : comma
}

function plainValue(json: string): string {
  if (json[0] !== '"') return json
  const text = json.slice(1, -1)
  return BARE_STRING.test(text) && !NUMBER.test(text) && !LITERALS.has(text) ? text : json
}

/** The fields of a plain line; undefined when the text is anything but fields. Never throws. */
export function parsePlainFields(text: string): Record<string, unknown> | undefined {
  const fields: Record<string, unknown> = {}
  let position = 0
  for (;;) {
    const equals = text[position] === '"' ? endOfJsonString(text, position) : text.indexOf('=', position)
    if (equals === -1 || text[equals] !== '=') return undefined
    const key = parseKey(text.slice(position, equals))
    const end = endOfValue(text, equals + 1)
    const value = end === -1 ? undefined : parseValue(text.slice(equals + 1, end))
    if (key === undefined || value === undefined) return undefined
    setField(fields, fieldKey(key), value)
    if (end === text.length) return fields
    if (text[end] !== ' ') return undefined
    position = end + 1
  }
}

function parseKey(text: string): string | undefined {
  if (text[0] !== '"') return BARE_KEY.test(text) ? text : undefined
  const key = parseJson(text)
  return typeof key === 'string' ? key : undefined
}

function endOfValue(text: string, start: number): number {
  const first = text[start]
  if (first === '"') return endOfJsonString(text, start)
  if (first === '{' || first === '[') return endOfJsonContainer(text, start)
  const space = text.indexOf(' ', start)
  return space === -1 ? text.length : space
}

function parseValue(text: string): unknown {
  const first = text[0]
  if (first === '"' || first === '{' || first === '[') return parseJson(text)
  if (LITERALS.has(text)) return LITERALS.get(text)
  if (NUMBER.test(text)) return numberValue(text)
  return BARE_STRING.test(text) ? text : undefined
}
