import { isHarmlessText } from './harmless-text.ts'
import { keyRule, type KeyRule } from './key-rules.ts'
import { prescan } from './prescan.ts'
import { findSecrets } from './redact-text.ts'
import { judgeKey, KEY_HARMLESS, KEY_SECRET, wordsOfKey, type KeyVerdict } from './sensitive-keys.ts'
import { REDACTION_FAILED, Spans } from './spans.ts'

/** Own rules on top of the built-in ones. */
export interface RedactionOptions {
  /** More keys to take out at any depth: texts in any case, separators ignored (`internal_note`), or patterns of the key. */
  readonly keys?: readonly (string | RegExp)[]
  /** Keys the built-in rules would take out and that shall stay; shapes in their values are still searched for. */
  readonly allowKeys?: readonly string[]
  /** Places, from the top of the fields: `user.profile.name`, `items.*.note`; `*` stands for any one key or index. */
  readonly paths?: readonly string[]
  /**
   * Shapes in texts; `name` becomes part of the mark, `[redacted:name]`. The pattern runs over every text of every line: it
   * has to be linear.
   */
  readonly patterns?: readonly { readonly name: string; readonly pattern: RegExp }[]
  /** Asked for each text: returns what to log instead. If it throws or returns no text, nothing of the value is logged. */
  readonly functions?: readonly ((text: string, path: readonly string[]) => string)[]
  /** `client_ip` and its like (`ip`, `ip_address`, `remote_address`): kept unless this says otherwise. */
  readonly clientIp?: 'keep' | 'redact'
  /** False switches all redaction off, own rules too. For programs that only handle test data. */
  readonly isEnabled?: boolean
}

const MAX_REMEMBERED_RULES = 4096
const MAX_REMEMBERED_KEY_CHARACTERS = 200

const CLIENT_IP_KEYS = [
  'client_ip',
  'ip',
  'ip_address',
  'remote_address',
  'remote_ip',
  'remote_addr',
  'x_forwarded_for',
  'x_real_ip',
]

/**
 * Takes secrets out of keys and texts before they are written anywhere.
 *
 * Covered by key, at any depth, whatever case and separators: passwords, pass phrases and codes, secrets, tokens, JWT, API and
 * private keys, credentials, authorization and cookie headers, session ids, CVV, OTP, PIN, card and account numbers,
 * connection strings, and personal data under its usual keys (e-mail, phone, first and last name, birth date, street,
 * postal code, passport, tax and social security numbers).
 *
 * Covered by shape, in messages, fields, keys, error messages, stacks and URLs: JWT; `Bearer` and `Basic` credentials; keys of
 * clouds and services with a known prefix (tokens.ts lists them); PEM private keys; card numbers (known issuer, right
 * length, Luhn); IBAN (country, length, mod 97); e-mail addresses; user info of URLs; and `key=value`, `key: value`,
 * `"key":"value"`, query strings, headers and `--option value` whose key is in the list above.
 *
 * Kept on purpose: `client_ip` and its like (clientIp), user names, true/false/null under any key, numbers under `tokens` and
 * `session_id`, certificates and public keys, a card-like number that is called an id.
 *
 * Known gaps: secrets without key and without known shape ("the password is hunter2", a random string alone); phone numbers,
 * names and postal addresses inside prose; a bare `name` or `address`; unquoted values with spaces beyond the first word;
 * secrets cut in two by a length limit, encoded (base64, gzip, other than percent) or split over several fields; digits of a
 * card in scripts other than ASCII; telephone numbers by shape.
 */
export class Redactor {
  /** How many values were taken out since the start. */
  redactedCount = 0
  /** True when texts have to come with their path. */
  readonly needsPath: boolean
  readonly isEnabled: boolean
  readonly #secretKeys: ReadonlySet<string>
  readonly #allowedKeys: ReadonlySet<string>
  readonly #keyPatterns: readonly RegExp[]
  readonly #paths: readonly (readonly string[])[]
  readonly #patterns: readonly { name: string; pattern: RegExp }[]
  readonly #functions: NonNullable<RedactionOptions['functions']>
  readonly #hasTextRules: boolean
  readonly #rules = new Map<string, KeyRule>()
  readonly #isSecretTextKey: ((key: string) => boolean) | undefined

  constructor(options: RedactionOptions = {}) {
    const keys = [...(options.keys ?? []), ...(options.clientIp === 'redact' ? CLIENT_IP_KEYS : [])]
    this.isEnabled = options.isEnabled ?? true
    this.#secretKeys = new Set(keys.filter((key) => typeof key === 'string').map(normalise))
    this.#keyPatterns = keys.filter((key) => key instanceof RegExp).map(withoutState)
    this.#allowedKeys = new Set((options.allowKeys ?? []).map(normalise))
    this.#paths = (options.paths ?? []).map((path) => path.split('.'))
    this.#patterns = (options.patterns ?? []).map(({ name, pattern }) => ({
      name,
      pattern: asGlobal(pattern),
    }))
    this.#functions = options.functions ?? []
    this.#hasTextRules = this.#patterns.length > 0 || this.#functions.length > 0
    this.needsPath = this.#paths.length > 0 || this.#functions.length > 0
    this.#isSecretTextKey = keys.length === 0 ? undefined : (key) => this.judgeKey(key) !== KEY_HARMLESS
  }

  /** What is to be done about a key and its value; remembered, since keys come from code and so are few. Never throws. */
  ruleOf(key: string): KeyRule {
    return this.#rules.get(key) ?? this.#makeRule(key)
  }

  #makeRule(key: string): KeyRule {
    const canBeShown =
      isHarmlessText(key) && key.length <= MAX_REMEMBERED_KEY_CHARACTERS && !this.#hasTextRules
    const rule = keyRule(key, this.judgeKey(key), canBeShown ? key : undefined)
    if (key.length > MAX_REMEMBERED_KEY_CHARACTERS) return rule
    // Where keys come from data, forgetting all is cheaper than keeping order.
    if (this.#rules.size >= MAX_REMEMBERED_RULES) this.#rules.clear()
    this.#rules.set(key, rule)
    return rule
  }

  /** Whether the text can be written as it is: nothing in it to take out, nothing to escape. False for nothing at times. */
  isClean(text: string): boolean {
    return !this.#hasTextRules && isHarmlessText(text)
  }

  /** What the value under this key may show. Never throws. */
  judgeKey(key: string): KeyVerdict {
    if (!this.isEnabled) return KEY_HARMLESS
    if (this.#allowedKeys.size > 0 && this.#allowedKeys.has(normalise(key))) return KEY_HARMLESS
    if (this.#secretKeys.size > 0 && this.#secretKeys.has(normalise(key))) return KEY_SECRET
    for (const pattern of this.#keyPatterns) if (pattern.test(key)) return KEY_SECRET
    return judgeKey(key)
  }

  /** Whether a rule by path takes out what stands at `path`. */
  isSecretPath(path: readonly string[]): boolean {
    return this.#paths.some(
      (rule) =>
        rule.length === path.length && rule.every((part, index) => part === '*' || part === path[index]),
    )
  }

  /** The text without secrets. Never throws: when a rule fails, nothing of the text is shown. */
  text(text: string, path: readonly string[] = []): string {
    if (!this.isEnabled) return text
    try {
      const flags = prescan(text)
      if (flags === 0 && !this.#hasTextRules) return text
      const spans = new Spans()
      findSecrets(text, flags, spans, this.#isSecretTextKey)
      for (const { name, pattern } of this.#patterns) findPattern(text, name, pattern, spans)
      let result = spans.apply(text)
      this.redactedCount += spans.count
      for (const rule of this.#functions) {
        const before = result
        result = rule(before, path)
        if (typeof result !== 'string') return this.failed()
        if (result !== before) this.redactedCount++
      }
      return result
    } catch {
      // Whatever went wrong, the raw text must not get through.
      return this.failed()
    }
  }

  /** Counts one value taken out because of its key or path. */
  countOne(): void {
    this.redactedCount++
  }

  private failed(): string {
    this.redactedCount++
    return REDACTION_FAILED
  }
}

function normalise(key: string): string {
  return wordsOfKey(key).join('') || key.toLowerCase()
}

/** A pattern with `g` or `y` remembers where it stopped, so the same key would match only every other time. */
function withoutState(pattern: RegExp): RegExp {
  return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''))
}

function asGlobal(pattern: RegExp): RegExp {
  return new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}g`)
}

function findPattern(text: string, name: string, pattern: RegExp, spans: Spans): void {
  for (const match of text.matchAll(pattern)) {
    if (match[0] !== '') spans.add(match.index, match.index + match[0].length, { name })
  }
}
