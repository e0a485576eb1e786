/**
 * Which keys hold what must not be logged. A key is taken apart into words (`dbPassword`, `DB_PASSWORD` and `db-password` are
 * the same) and judged by them, not by a pattern over its letters: `monkey`, `keyword`, `tokenizer`, `compass` are harmless.
 */

/** Nothing: the value is logged, and searched for shapes like any other. */
export const KEY_HARMLESS = 0
/** The whole value is taken out; only true, false, null and empty text stay (`has_password: true` is not a secret). */
export const KEY_SECRET = 1
/** Texts in the value are taken out at any depth, numbers stay (`tokens: 512`, `session_id: 17`). */
export const KEY_SECRET_TEXTS = 2
/** As KEY_SECRET; in a text the whole rest of the line belongs to the value (`Cookie: a=1; b=2`). */
export const KEY_SECRET_LINE = 3

export type KeyVerdict =
  typeof KEY_HARMLESS | typeof KEY_SECRET | typeof KEY_SECRET_TEXTS | typeof KEY_SECRET_LINE

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))

const LINE_KEYS = words('authorization proxyauthorization cookie cookies setcookie')

const SECRET_WORDS = words(
  'password passwords passwd pwd pw passphrase passphrases passcode secret secrets token credential credentials authorization ' +
    'cookie cookies jwt jwts otp totp cvv cvv2 cvc cvc2 ssn apikey apikeys bearer privatekey iban ibans csrf xsrf',
)

/** Judged as the last word, in one written together, or as the whole key. */
const TEXT_WORDS = words(
  'tokens pass auth sid sessionid phpsessid jsessionid email emails mail phone phones telephone fax surname birthday birthdate ' +
    'dob passport postcode zipcode street pin',
)

/** Pairs and triples of last words, written together. */
const TEXT_ENDINGS = words(
  'sessionid connectsid sessionkey firstname lastname fullname familyname givenname middlename maidenname birthname birthdate ' +
    'dateofbirth phonenumber mobilenumber mobilephone cellphone streetaddress homeaddress postaladdress billingaddress ' +
    'shippingaddress mailingaddress emailaddress postalcode zipcode passportnumber taxid taxnumber nationalid driverslicense ' +
    'driverlicense socialsecurity bankaccount',
)

const SECRET_ENDINGS = words(
  'cardnumber creditcard ccnumber debitcard securitycode verificationcode mfacode authcode authorizationcode ' +
    'otpcode recoverycode recoverycodes backupcode backupcodes pincode accountnumber routingnumber socialsecuritynumber dsn ' +
    'connectionstring connstr secretid securityanswer',
)

/** `api_key` is a secret, `cache_key` and `primary_key` are not: what makes a key one is the word before it. */
const KEY_QUALIFIERS = words(
  'api access private secret encryption encrypt decryption signing signature ssh auth master service shared webhook client ' +
    'license deploy account hmac aes rsa symmetric storage admin root pre',
)

/**
 * Last words that make a key speak about a secret instead of holding it: `token_type`, `password_changed_at`. Anything not
 * listed here is taken for the secret itself.
 */
const ABOUT_ENDINGS = words(
  'count counts length type types name names id ids at expires expired expiry expiration exp ttl age changed updated created ' +
    'required enabled disabled valid invalid policy strength attempts attempt reset status state version size limit limits ' +
    'budget usage used remaining rotation rotated url uri endpoint path file algorithm issuer audience scope scopes source ' +
    'kind format provider index rate cost price ms seconds sec verified confirmed exists present missing ratio total',
)

/** Parts that tell a key written without separators (`dbpassword`, `stripeapikey`). */
const TOGETHER =
  /password|passwd|passphrase|apikey|secretkey|privatekey|accesskey|accesstoken|refreshtoken|authtoken|sessiontoken|clientsecret|connectionstring|creditcard|cardnumber|(?:token|secret)$/

const MAX_KEY_CHARACTERS = 200
const MAX_REMEMBERED = 4096
const remembered = new Map<string, KeyVerdict>()

/** What the value under `key` may show, by the rules of this file; the verdict on a key is remembered. */
export function judgeKey(key: string): KeyVerdict {
  const known = remembered.get(key)
  if (known !== undefined) return known
  const verdict = key.length > MAX_KEY_CHARACTERS ? judge(key.slice(-MAX_KEY_CHARACTERS)) : judge(key)
  // Keys come from code, so they are few; where they come from data, forgetting all is cheaper than keeping order.
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  if (key.length <= MAX_KEY_CHARACTERS) remembered.set(key, verdict)
  return verdict
}

const WORD = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g

/** The words of a key in lower case, without the numbers between them: `newPassword2` gives new, password. */
export function wordsOfKey(key: string): string[] {
  const found: string[] = []
  for (const [word] of key.matchAll(WORD)) if (!/^\d+$/.test(word)) found.push(word.toLowerCase())
  return found
}

function judge(key: string): KeyVerdict {
  const parts = wordsOfKey(key)
  const last = parts.at(-1)
  if (last === undefined) return KEY_HARMLESS
  const together = parts.join('')
  if (LINE_KEYS.has(together)) return KEY_SECRET_LINE
  const lastTwo = (parts.at(-2) ?? '') + last
  const lastThree = (parts.at(-3) ?? '') + lastTwo
  if (SECRET_ENDINGS.has(last) || SECRET_ENDINGS.has(lastTwo) || SECRET_ENDINGS.has(lastThree))
    return KEY_SECRET
  if (
    TEXT_WORDS.has(last) ||
    TEXT_ENDINGS.has(last) ||
    TEXT_ENDINGS.has(lastTwo) ||
    TEXT_ENDINGS.has(lastThree)
  ) {
    return KEY_SECRET_TEXTS
  }
  if (parts.length > 1 && ABOUT_ENDINGS.has(last)) return KEY_HARMLESS
  if (parts.some((word, index) => SECRET_WORDS.has(word) || isQualifiedKey(parts, index))) return KEY_SECRET
  return TOGETHER.test(together) && !isAboutTogether(together) ? KEY_SECRET : KEY_HARMLESS
}

function isQualifiedKey(parts: readonly string[], index: number): boolean {
  return /^keys?$/.test(parts[index] ?? '') && KEY_QUALIFIERS.has(parts[index - 1] ?? '')
}

/** `passwordlength`, `accesstokenexpiry`. */
function isAboutTogether(together: string): boolean {
  return /(?:count|length|type|expiry|expires|expired|policy|strength|attempts|changed|required|reset)$/.test(
    together,
  )
}
