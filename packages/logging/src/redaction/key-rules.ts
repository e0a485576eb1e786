import { fieldKey, jsonString } from '@pixsim7/record'
import { flatText } from '../core/flat-text.ts'
import { KEY_HARMLESS, type KeyVerdict } from './sensitive-keys.ts'

/** All there is to know about a key before its value is seen: worked out once, looked up for each field of each line. */
export interface KeyRule {
  readonly key: string
  readonly verdict: KeyVerdict
  /** Numbers under it are ids, times, sizes: `job_id`, `created_at`. */
  readonly isId: boolean
  /** `"key":`, when the key itself can be shown as it is; else undefined, and it has to be redacted or cut each time. */
  readonly json: string | undefined
  /** `,"key":`, when it can also stand among the fields of a line as it is. */
  readonly member: string | undefined
  /** One of 32 bits, to tell quickly that a key is none of a few others. */
  readonly bit: number
  /**
   * The members of texts seen under the key that can be written as they are; undefined when there were too many different ones
   * (bench: specification's line). Written by the encoder only.
   */
  texts: Map<string, string> | undefined
}

/** What the library itself writes about a line, so a field of the application cannot pretend to it. */
const OWN_NAMES: ReadonlySet<string> = new Set(['component', 'sole_copy', 'recorded'])

/** The name a field is written under: one the library or the format needs gets an underscore after it. */
export function fieldName(name: string): string {
  return OWN_NAMES.has(name) ? `${name}_` : fieldKey(name)
}

/** A rule from what redaction says; `shown` is the key without secrets in it, undefined when that differs from call to call. */
export function keyRule(key: string, verdict: KeyVerdict, shown: string | undefined): KeyRule {
  const json = shown === key ? `${jsonString(key)}:` : undefined
  const member = json !== undefined && fieldName(key) === key ? flatText(`,${json}`) : undefined
  return {
    key,
    verdict,
    isId: isIdKey(key),
    json,
    member,
    bit: 1 << ((key.length + key.charCodeAt(0) * 5 + key.charCodeAt(key.length - 1) * 11) & 31),
    texts: member === undefined || verdict !== KEY_HARMLESS ? undefined : new Map(),
  }
}

const SNAKE_ID = /(?:^|[_.-])(?:ids?|ts|time|timestamp|at|offset|bytes|size|seq|ns|us|ms|epoch)$/i
const CAMEL_ID = /[a-z](?:Ids?|Ts|Time|Timestamp|At|Offset|Bytes|Size|Seq|Ns|Us|Ms|Epoch)$/

function isIdKey(key: string): boolean {
  return SNAKE_ID.test(key) || CAMEL_ID.test(key)
}
