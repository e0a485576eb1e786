import { jsonString } from '@pixsim7/record'
import { isCardNumber } from '../redaction/cards.ts'
import type { KeyRule } from '../redaction/key-rules.ts'
import type { Redactor } from '../redaction/redactor.ts'
import { KEY_HARMLESS, KEY_SECRET_TEXTS } from '../redaction/sensitive-keys.ts'
import { REDACTED } from '../redaction/spans.ts'
import { classNameOf, headlineOf, isError, isPlainObject, readText } from './errors-of-values.ts'
import { flatText } from './flat-text.ts'
import { cutText, type Limits } from './limits.ts'
import { describeSpecial } from './special-values.ts'

/** More of a text than will be kept is searched for secrets, so that one at the cut is still recognised. */
const REDACTION_MARGIN_CHARACTERS = 2048
const MAX_ERRORS = 8
/** Whole numbers below have too few digits for a card. */
const SHORTEST_CARD = 1e12
/** A key with more different texts than this holds ids or prose: remembering them would cost more than it saves. */
const MAX_TEXTS_OF_KEY = 64
const MAX_REMEMBERED_CHARACTERS = 64
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
  /**
   * How long the fields of a call are up to each of them. Of appendFields only; here, since code of the application that runs
   * meanwhile has an encoder of its own.
   */
  readonly quickLengths: number[] = []
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
    // The array itself may have become part of encoded fields.
    if (this.errors.length > 0) this.errors = []
    this.#remaining = this.#limits.maxLineCharacters
    // Setting a length costs 20 ns even when nothing changes.
    if (this.#ancestors.length > 0) this.#ancestors.length = 0
    if (this.#path.length > 0) this.#path.length = 0
  }

  /** See Redactor.ruleOf. */
  ruleOf(key: string): KeyRule {
    return this.#redactor.ruleOf(key)
  }

  /** The JSON text of the value under a key; undefined when there is nothing to write (`undefined`). */
  member(rule: KeyRule, value: unknown): string | undefined {
    if (value === undefined) return undefined
    const { verdict } = rule
    if (verdict === KEY_HARMLESS) return this.#at(rule, value, false)
    if (verdict !== KEY_SECRET_TEXTS && holdsSomething(value)) return this.#redacted()
    return this.#at(rule, value, verdict === KEY_SECRET_TEXTS)
  }

  /** `,"key":value`, empty for undefined; for keys whose rule has such a member. */
  quickMember(rule: KeyRule, value: unknown): string {
    if (typeof value === 'string') {
      const known = rule.texts?.get(value)
      if (known !== undefined) {
        this.#remaining -= known.length
        return known
      }
    }
    const json = this.member(rule, value)
    if (json === undefined) return ''
    const member = (rule.member as string) + json
    if (typeof value === 'string' && rule.texts !== undefined) this.#remember(rule, value, member, json)
    return member
  }

  /** A text that was written as it is stays with its key, as long as the key has few different ones (`status`, `method`). */
  #remember(rule: KeyRule, value: string, member: string, json: string): void {
    const { texts } = rule
    if (texts === undefined || this.#redactor.needsPath) return
    if (texts.size >= MAX_TEXTS_OF_KEY || value.length > MAX_REMEMBERED_CHARACTERS) rule.texts = undefined
    else if (json === `"${value}"` && this.#redactor.isClean(value)) texts.set(value, flatText(member))
  }

  /** The value at a place below the present path: under its own key, or under that of the array it is an item of. */
  #at(rule: KeyRule, value: unknown, hidesTexts: boolean, part = rule.key): string {
    if (!this.#redactor.needsPath) return this.#value(value, rule, hidesTexts)
    this.#path.push(part)
    const json = this.#redactor.isSecretPath(this.#path)
      ? this.#redacted()
      : this.#value(value, rule, hidesTexts)
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

  /** Whether `text` would come back from `text()` and from jsonText as it is. False for nothing at times. */
  isClean(text: string): boolean {
    return text.length <= this.#limits.maxTextCharacters && this.#redactor.isClean(text)
  }

  #redacted(): string {
    this.#redactor.countOne()
    return REDACTED_JSON
  }

  #value(value: unknown, rule: KeyRule, hidesTexts: boolean): string {
    if (this.#remaining <= 0) return '"[cut]"'
    // Every value costs something, or arrays of arrays of numbers would be endless.
    this.#remaining -= 4
    switch (typeof value) {
      case 'string':
        return this.#string(value, rule, hidesTexts)
      case 'number':
        if (Number.isInteger(value) && value < SHORTEST_CARD && value > -SHORTEST_CARD) return String(value)
        return Number.isFinite(value) ? this.#digits(String(value), rule, false) : `"${String(value)}"`
      case 'boolean':
        return value ? 'true' : 'false'
      case 'bigint':
        return this.#digits(String(value), rule, !isSafe(value))
      case 'undefined':
        return 'null'
      case 'symbol':
        return this.#string(String(value), rule, hidesTexts)
      case 'function':
        return this.#string(`[function ${readText(value, 'name') || 'anonymous'}]`, rule, hidesTexts)
      default:
        return value === null ? 'null' : this.#object(value as object, rule, hidesTexts)
    }
  }

  #string(value: string, rule: KeyRule, hidesTexts: boolean): string {
    if (value === '') return '""'
    if (hidesTexts) return this.#redacted()
    if (this.isClean(value)) {
      this.#remaining -= value.length + 2
      return `"${value}"`
    }
    if (value.length >= 13 && value.length <= 19 && rule.isId && /^\d+$/.test(value)) return `"${value}"`
    const json = jsonString(this.text(value))
    this.#remaining -= json.length
    return json
  }

  /** Numbers long enough to be a card's are checked, unless their key calls them an id. */
  #digits(digits: string, rule: KeyRule, isQuoted: boolean): string {
    if (digits.length >= 13 && this.#redactor.isEnabled && !rule.isId && isCardNumber(digits))
      return this.#redacted()
    return isQuoted ? `"${digits}"` : digits
  }

  #object(value: object, rule: KeyRule, hidesTexts: boolean): string {
    try {
      if (this.#ancestors.includes(value)) return '"[circular]"'
      const isPlain = isPlainObject(value)
      if (!isPlain && isError(value)) {
        if (this.errors.length < MAX_ERRORS && !this.errors.includes(value)) this.errors.push(value)
        return this.#string(headlineOf(value), rule, hidesTexts)
      }
      const special = isPlain ? undefined : describeSpecial(value)
      if (typeof special === 'string') return this.#string(special, rule, hidesTexts)
      if (this.#ancestors.length >= this.#limits.maxDepth)
        return jsonString(`[too deep: ${classNameOf(value) ?? 'object'}]`)
      this.#ancestors.push(value)
      try {
        if (special !== undefined) return this.#collection(special, rule, hidesTexts)
        if (!isPlain && Array.isArray(value)) return this.#array(value, rule, hidesTexts)
        const toJson: unknown = (value as { toJSON?: unknown }).toJSON
        if (typeof toJson === 'function') {
          const replacement = (toJson as (key: string) => unknown).call(value, rule.key)
          if (replacement !== value) return this.#value(replacement, rule, hidesTexts)
        }
        return `{${this.#members(Object.keys(value), value, hidesTexts)}}`
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

  #members(
    keys: readonly string[],
    source: object,
    hidesTexts: boolean,
    pairs?: Map<string, unknown>,
  ): string {
    let members = ''
    const count = Math.min(keys.length, this.#limits.maxKeys)
    for (let index = 0; index < count; index++) {
      const key = keys[index] as string
      const rule = this.#redactor.ruleOf(key)
      let json: string | undefined
      try {
        const value = pairs === undefined ? (source as Record<string, unknown>)[key] : pairs.get(key)
        json = hidesTexts && value !== undefined ? this.#at(rule, value, true) : this.member(rule, value)
      } catch (error) {
        json = this.#unreadable(error)
      }
      if (json === undefined) continue
      this.#remaining -= key.length
      const name = rule.json ?? `${jsonString(this.key(key))}:`
      members += members === '' ? name + json : `,${name}${json}`
      if (this.#remaining <= 0 && index + 1 < keys.length)
        return `${members},"…":"[cut, ${keys.length} keys]"`
    }
    return count < keys.length ? `${members},"…":"[cut, ${keys.length} keys]"` : members
  }

  #array(items: readonly unknown[], rule: KeyRule, hidesTexts: boolean): string {
    let json = ''
    const count = Math.min(items.length, this.#limits.maxItems)
    for (let index = 0; index < count; index++) {
      let item: string
      try {
        const previous: unknown = index > 0 ? items[index - 1] : undefined
        const isNamed = typeof previous === 'string' && previous.length < 64 && NAMES_ITS_NEXT.test(previous)
        const isHidden = hidesTexts || (isNamed && this.#redactor.isEnabled)
        item = this.#at(rule, items[index], isHidden, this.#redactor.needsPath ? String(index) : '')
      } catch (error) {
        item = this.#unreadable(error)
      }
      json += `${index === 0 ? '' : ','}${item}`
      if (this.#remaining <= 0 && index + 1 < items.length) return `[${json},"[cut, ${items.length} items]"]`
    }
    return count < items.length ? `[${json},"[cut, ${items.length} items]"]` : `[${json}]`
  }

  /** A Map (or the like) whose keys are texts becomes an object, any other an array of pairs; a Set becomes an array. */
  #collection(collection: Collection, rule: KeyRule, hidesTexts: boolean): string {
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
      const members = this.#members([...pairs.keys()], pairs, hidesTexts, pairs)
      return size > items.length ? `{${members},"…":"[cut, ${size} keys]"}` : `{${members}}`
    }
    if (size > items.length) items.push(`[cut, ${size} items]`)
    return this.#array(items, rule, hidesTexts)
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
