import { jsonString } from '@pixsim7/record'
import { fieldName } from '../redaction/key-rules.ts'
import { flatText } from './flat-text.ts'
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

/** Fields that others are put behind, with what makes that fast. */
export interface BaseFields extends EncodedFields {
  /** As a line takes them: each with a comma before it. */
  readonly tail: string
  /** The bits of the rules of `names`: a key whose bit is not among them is none of them. */
  readonly bits: number
  /** The same without one of the names, by that name: made when a call has a field of it. Written by baseWithout only. */
  readonly without: Map<string, BaseFields>
}

/** `fields` with what makes it fast to put others behind them. */
export function baseFieldsOf(fields: EncodedFields, encoder: ValueEncoder): BaseFields {
  const bits = fields.names.reduce((sum, name) => sum | encoder.ruleOf(name).bit, 0)
  return { ...fields, tail: flatText(tailOf(fields.json)), bits, without: new Map() }
}

/** `base` without a name that a call says anew (`job_id` in a context that has one): usual enough to be kept. */
function baseWithout(base: BaseFields, name: string, encoder: ValueEncoder): BaseFields {
  let without = base.without.get(name)
  if (without === undefined) {
    without = baseFieldsOf(withoutNames(base, [name]), encoder)
    base.without.set(name, without)
  }
  return without
}

function tailOf(json: string): string {
  return json === '' ? '' : `,${json}`
}

/** More fields than this take the slow way. */
const MAX_QUICK_FIELDS = 32

/**
 * The members of `base` and then of `fields`, which win, each with a comma before it: what a line takes. Errors among the
 * values are in the encoder afterwards.
 *
 * Almost every call has a few fields whose names need no change and are none of the base's: for those no name and no
 * member is kept, only the text grows (bench: specification's line, smallest line). At the first field of another kind
 * the slow way takes over from there; no value is read or encoded twice.
 */
export function appendFields(
  base: BaseFields,
  fields: object,
  encoder: ValueEncoder,
  maxKeys: number,
  taken: ReadonlySet<string>,
): string {
  encoder.start()
  let kept = base
  let text = base.tail
  let count = 0
  try {
    for (const key in fields) {
      if (!Object.prototype.hasOwnProperty.call(fields, key)) continue
      const rule = encoder.ruleOf(key)
      if (count === MAX_QUICK_FIELDS || count === maxKeys || rule.member === undefined || taken.has(key))
        return appendSlowly(kept, fields, encoder, maxKeys, taken, text, count)
      let member: string
      try {
        member = encoder.quickMember(rule, (fields as Record<string, unknown>)[key])
      } catch {
        // A getter that throws costs its own field only.
        member = `${rule.member}"[unreadable]"`
      }
      if (member !== '' && (kept.bits & rule.bit) !== 0 && kept.names.includes(key)) {
        const behind = text.slice(kept.tail.length)
        kept = baseWithout(kept, key, encoder)
        text = kept.tail + behind
      }
      text += member
      encoder.quickLengths[count++] = text.length - kept.tail.length
    }
  } catch {
    // A proxy that refuses to be read.
    return appendSlowly(kept, fields, encoder, maxKeys, taken, text, count)
  }
  return text
}

function appendSlowly(
  base: BaseFields,
  fields: object,
  encoder: ValueEncoder,
  maxKeys: number,
  taken: ReadonlySet<string>,
  text: string,
  doneCount: number,
): string {
  const done: string[] = []
  let start = base.tail.length
  for (let index = 0; index < doneCount; index++) {
    const end = base.tail.length + (encoder.quickLengths[index] as number)
    done.push(text.slice(start, end))
    start = end
  }
  return tailOf(joinFields(base, encodeRest(fields, encoder, maxKeys, taken, done)).json)
}

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
  return encodeRest(fields, encoder, maxKeys, taken, [])
}

/** The same, where the first fields are encoded already, as `,"key":value`: empty for one that is not written. */
function encodeRest(
  fields: object,
  encoder: ValueEncoder,
  maxKeys: number,
  taken: ReadonlySet<string>,
  done: readonly string[],
): EncodedFields {
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
  for (const [index, key] of keys.entries()) {
    if (names.length >= maxKeys) {
      names.push('…')
      members.push(`"…":"[cut, ${keys.length} keys]"`)
      break
    }
    const ready = done[index]
    if (ready === '') continue
    if (ready !== undefined) {
      names.push(key)
      members.push(ready.slice(1))
      continue
    }
    const json = encodeMember(fields, key, encoder)
    if (json === undefined) continue
    const shown = encoder.key(key)
    let name = taken.has(shown) ? `${shown}_` : fieldName(shown)
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
  return encoder.member(encoder.ruleOf(key), value)
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
