import { jsonString } from '@pixsim7/record'
import { isCardNumber } from '../redaction/cards.ts'
import type { Redactor } from '../redaction/redactor.ts'
import { KEY_HARMLESS, KEY_SECRET_TEXTS } from '../redaction/sensitive-keys.ts'
import { REDACTED } from '../redaction/spans.ts'
import { classNameOf, headlineOf, isError, readText } from './errors-of-values.ts'
import { cutText, type Limits } from './limits.ts'
import { describeSpecial } from './special-values.ts'

/** More of a text than will be kept is searched for secrets, so that one at the cut is still recognised. */
const REDACTION_MARGIN_CHARACTERS = 2048
const MAX_ERRORS = 8
const REDACTED_JSON = jsonString(REDACTED)

/** Names of headers and options that come as one item of an array with their value as the next (`rawHeaders`, `argv`). */
const NAMES_ITS_NEXT =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|x-api-key|api-key|x-auth-token|x-access-token|x-csrf-token|--[a-z-]*(?:password|passwd|token|secret|api-?key)[a-z-]*)$/i

/**
 * Turns any JavaScript value into JSON text: bounded, redacted, on one line, and without ever throwing. What JSON does
 * not know is written as text that says what it was. One encoder serves one record at a time.
 */
export class ValueEncoder {
  /** Errors met while encoding, for the record's exception. */
  errors: object[] = []
  readonly #redactor: Redactor
  readonly #limits: Limits
  readonly #ancestors: object[] = []
  readonly #path: string[] = []
  #remaining = 0

  constructor(redactor: Redactor, limits: Limits) {
    this.#redactor = redactor
    this.#limits = limits
  }

  /** Begins a new record: the whole budget, no errors. */
  start(): void {
    this.errors = []
    this.#remaining = this.#limits.maxLineCharacters
    this.#ancestors.length = 0
    this.#path.length = 0
  }

  /** The JSON text of the value under `key`; undefined when there is nothing to write (`undefined`). */
  member(key: string, value: unknown): string | undefined {
    if (value === undefined) return undefined
    const verdict = this.#redactor.judgeKey(key)
    if (verdict !== KEY_HARMLESS && verdict !== KEY_SECRET_TEXTS && holdsSomething(value))
      return this.#redacted()
    return this.#at(key, value, key, verdict === KEY_SECRET_TEXTS)
  }

  /** The value at a place below the present path. */
  #at(part: string, value: unknown, key: string, hidesTexts: boolean): string {
    if (!this.#redactor.needsPath) return this.#value(value, key, hidesTexts)
    this.#path.push(part)
    const json = this.#redactor.isSecretPath(this.#path)
      ? this.#redacted()
      : this.#value(value, key, hidesTexts)
    this.#path.pop()
    return json
  }

  /** A key without secrets in it. */
  key(key: string): string {
    return key.length < 8 ? key : this.#redactor.text(cutText(key, 256))
  }

  /** A text, redacted and cut. */
  text(text: string): string {
    const max = this.#limits.maxTextCharacters
    if (text.length <= max) return this.#redactor.text(text, this.#path)
    const head = this.#redactor.text(text.slice(0, max + REDACTION_MARGIN_CHARACTERS), this.#path)
    return cutText(head, max, text.length)
  }

  #redacted(): string {
    this.#redactor.countOne()
    return REDACTED_JSON
  }

  #value(value: unknown, key: string, hidesTexts: boolean): string {
    if (this.#remaining <= 0) return '"[cut]"'
    // Every value costs something, or arrays of arrays of numbers would be endless.
    this.#remaining -= 4
    switch (typeof value) {
      case 'string':
        return this.#string(value, key, hidesTexts)
      case 'number':
        if (Number.isFinite(value))
          return this.#digits(Object.is(value, -0) ? '0' : String(value), key, false)
        return `"${String(value)}"`
      case 'boolean':
        return value ? 'true' : 'false'
      case 'bigint':
        return this.#digits(String(value), key, !isSafe(value))
      case 'undefined':
        return 'null'
      case 'symbol':
        return this.#string(String(value), key, hidesTexts)
      case 'function':
        return this.#string(`[function ${readText(value, 'name') || 'anonymous'}]`, key, hidesTexts)
      default:
        return value === null ? 'null' : this.#object(value as object, key, hidesTexts)
    }
  }

  #string(value: string, key: string, hidesTexts: boolean): string {
    if (value === '') return '""'
    if (hidesTexts) return this.#redacted()
    if (value.length >= 13 && value.length <= 19 && isIdKey(key) && /^\d+$/.test(value)) return `"${value}"`
    const json = jsonString(this.text(value))
    this.#remaining -= json.length
    return json
  }

  /** Numbers long enough to be a card's are checked, unless their key calls them an id. */
  #digits(digits: string, key: string, isQuoted: boolean): string {
    if (digits.length >= 13 && this.#redactor.isEnabled && !isIdKey(key) && isCardNumber(digits))
      return this.#redacted()
    return isQuoted ? `"${digits}"` : digits
  }

  #object(value: object, key: string, hidesTexts: boolean): string {
    try {
      if (this.#ancestors.includes(value)) return '"[circular]"'
      if (isError(value)) {
        if (this.errors.length < MAX_ERRORS && !this.errors.includes(value)) this.errors.push(value)
        return this.#string(headlineOf(value), key, hidesTexts)
      }
      const special = describeSpecial(value)
      if (typeof special === 'string') return this.#string(special, key, hidesTexts)
      if (this.#ancestors.length >= this.#limits.maxDepth)
        return jsonString(`[too deep: ${classNameOf(value) ?? 'object'}]`)
      this.#ancestors.push(value)
      try {
        if (special !== undefined) return this.#collection(special, key, hidesTexts)
        if (Array.isArray(value)) return this.#array(value, key, hidesTexts)
        const toJson: unknown = (value as { toJSON?: unknown }).toJSON
        if (typeof toJson === 'function') {
          const replacement = (toJson as (key: string) => unknown).call(value, key)
          if (replacement !== value) return this.#value(replacement, key, hidesTexts)
        }
        return `{${this.#members(Object.keys(value), (name) => (value as Record<string, unknown>)[name], hidesTexts)}}`
      } finally {
        this.#ancestors.pop()
      }
    } catch (error) {
      // A proxy, getter or toJSON of the application: the rest of the record shall not suffer for it.
      return this.#unreadable(error)
    }
  }

  #unreadable(error: unknown): string {
    const reason = isError(error) ? headlineOf(error) : 'it threw something else'
    return jsonString(`[unreadable: ${cutText(this.text(reason), 200)}]`)
  }

  #members(keys: readonly string[], read: (key: string) => unknown, hidesTexts: boolean): string {
    let members = ''
    const count = Math.min(keys.length, this.#limits.maxKeys)
    for (let index = 0; index < count; index++) {
      const key = keys[index] as string
      let json: string | undefined
      try {
        const value = read(key)
        json = hidesTexts && value !== undefined ? this.#at(key, value, key, true) : this.member(key, value)
      } catch (error) {
        json = this.#unreadable(error)
      }
      if (json === undefined) continue
      this.#remaining -= key.length
      members += `${members === '' ? '' : ','}${jsonString(this.key(key))}:${json}`
      if (this.#remaining <= 0 && index + 1 < keys.length)
        return `${members},"…":"[cut, ${keys.length} keys]"`
    }
    return count < keys.length ? `${members},"…":"[cut, ${keys.length} keys]"` : members
  }

  #array(items: readonly unknown[], key: string, hidesTexts: boolean): string {
    let json = ''
    const count = Math.min(items.length, this.#limits.maxItems)
    for (let index = 0; index < count; index++) {
      let item: string
      try {
        const previous: unknown = index > 0 ? items[index - 1] : undefined
        const isNamed = typeof previous === 'string' && previous.length < 64 && NAMES_ITS_NEXT.test(previous)
        item = this.#at(String(index), items[index], key, hidesTexts || (isNamed && this.#redactor.isEnabled))
      } catch (error) {
        item = this.#unreadable(error)
      }
      json += `${index === 0 ? '' : ','}${item}`
      if (this.#remaining <= 0 && index + 1 < items.length) return `[${json},"[cut, ${items.length} items]"]`
    }
    return count < items.length ? `[${json},"[cut, ${items.length} items]"]` : `[${json}]`
  }

  /** A Map (or the like) whose keys are texts becomes an object, any other an array of pairs; a Set becomes an array. */
  #collection(collection: Collection, key: string, hidesTexts: boolean): string {
    const items: unknown[] = []
    const pairs = new Map<string, unknown>()
    let size = 0
    for (const item of collection.items) {
      size++
      if (size > this.#limits.maxItems) continue
      items.push(item)
      if (collection.isPairs && Array.isArray(item) && typeof item[0] === 'string')
        pairs.set(item[0], item[1])
    }
    if (collection.isPairs && pairs.size === items.length) {
      const members = this.#members([...pairs.keys()], (name) => pairs.get(name), hidesTexts)
      return size > items.length ? `{${members},"…":"[cut, ${size} keys]"}` : `{${members}}`
    }
    if (size > items.length) items.push(`[cut, ${size} items]`)
    return this.#array(items, key, hidesTexts)
  }
}

/** What can be gone through: pairs of key and value, or items. */
export interface Collection {
  readonly items: Iterable<unknown>
  readonly isPairs: boolean
}

/** True, false, null and the empty text are no secrets: `has_token: true` says something worth knowing. */
function holdsSomething(value: unknown): boolean {
  return typeof value !== 'boolean' && value !== null && value !== ''
}

function isSafe(value: bigint): boolean {
  return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER
}

const SNAKE_ID = /(?:^|[_.-])(?:ids?|ts|time|timestamp|at|offset|bytes|size|seq|ns|us|ms|epoch)$/i
const CAMEL_ID = /[a-z](?:Ids?|Ts|Time|Timestamp|At|Offset|Bytes|Size|Seq|Ns|Us|Ms|Epoch)$/

/** Keys whose numbers are ids, times, sizes: `job_id`, `videoIds`, `created_at`. */
function isIdKey(key: string): boolean {
  return SNAKE_ID.test(key) || CAMEL_ID.test(key)
}
