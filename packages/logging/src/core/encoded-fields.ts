import { fieldKey, jsonString } from '@pixsim7/record'
import type { ValueEncoder } from './value-encoder.ts'

/** Fields in the form a line takes them: encoded once, joined often. Immutable. */
export interface EncodedFields {
  /** As written: reserved names renamed, secrets in them taken out. */
  readonly names: readonly string[]
  /** `"name":value`, in the order of `names`. */
  readonly members: readonly string[]
  /** The members joined, without braces; empty for none. */
  readonly json: string
  /** Errors found among the values. */
  readonly errors: readonly object[]
}

export const NO_FIELDS: EncodedFields = { names: [], members: [], json: '', errors: [] }

/** What the library itself writes about a line, so a field of the application cannot pretend to it. */
const OWN_NAMES: ReadonlySet<string> = new Set(['component', 'sole_copy', 'recorded'])

/**
 * Encodes the members of `fields`. A name that is reserved or in `taken` gets an underscore after it (`level_`); names that
 * become equal by this get further ones: nothing is dropped, nothing is written twice.
 */
export function encodeFieldsOf(
  fields: object,
  encoder: ValueEncoder,
  maxKeys: number,
  taken: ReadonlySet<string>,
): EncodedFields {
  encoder.start()
  const names: string[] = []
  const members: string[] = []
  let keys: string[]
  try {
    keys = Object.keys(fields)
  } catch {
    // A proxy that refuses to be read: the line is worth more than its fields.
    return {
      names: ['fields'],
      members: ['"fields":"[unreadable]"'],
      json: '"fields":"[unreadable]"',
      errors: [],
    }
  }
  for (const key of keys) {
    if (names.length >= maxKeys) {
      names.push('…')
      members.push(`"…":"[cut, ${keys.length} keys]"`)
      break
    }
    const json = encodeMember(fields, key, encoder)
    if (json === undefined) continue
    const shown = encoder.key(key)
    let name = OWN_NAMES.has(shown) || taken.has(shown) ? `${shown}_` : fieldKey(shown)
    while (name !== key && (names.includes(name) || Object.hasOwn(fields, name))) name += '_'
    names.push(name)
    members.push(`${jsonString(name)}:${json}`)
  }
  return { names, members, json: members.join(','), errors: encoder.errors }
}

function encodeMember(fields: object, key: string, encoder: ValueEncoder): string | undefined {
  let value: unknown
  try {
    value = (fields as Record<string, unknown>)[key]
  } catch {
    // A getter that throws costs its own field only.
    return '"[unreadable]"'
  }
  return encoder.member(key, value)
}

/** Both, where `over` wins for names that occur in both. */
export function joinFields(base: EncodedFields, over: EncodedFields): EncodedFields {
  if (base.names.length === 0) return over
  if (over.names.length === 0) return base
  const kept = base.names.some((name) => over.names.includes(name)) ? withoutNames(base, over.names) : base
  return {
    names: [...kept.names, ...over.names],
    members: [...kept.members, ...over.members],
    json: kept.json === '' ? over.json : `${kept.json},${over.json}`,
    errors: kept.errors.length === 0 ? over.errors : [...kept.errors, ...over.errors],
  }
}

function withoutNames(fields: EncodedFields, names: readonly string[]): EncodedFields {
  const keep = fields.names.map((name) => !names.includes(name))
  const members = fields.members.filter((_, index) => keep[index])
  return {
    ...fields,
    names: fields.names.filter((_, index) => keep[index]),
    members,
    json: members.join(','),
  }
}
