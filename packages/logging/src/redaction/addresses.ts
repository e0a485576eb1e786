import { isAlphanumeric } from './prescan.ts'
import { isMarkAt, type Spans } from './spans.ts'

const MAX_LOCAL_CHARACTERS = 64
const MAX_DOMAIN_CHARACTERS = 253
/** Not / ? & = # and quotes: they part an address from what is around it in URLs and texts. */
const LOCAL_EXTRA = new Set([...'._%+-!$*^~'].map((character) => character.charCodeAt(0)))

/**
 * E-mail addresses, also percent-encoded (`%40`), with letters of any script. Found from their `@`, looking a bounded
 * number of characters to both sides: linear whatever the text holds. The characters a mailbox may hold by the
 * standard but hardly ever does (`/`, `=`, quotes) end it, so that `user=a@b.example` keeps its key.
 *
 * @param urlSigns Where an `@` ends the user info of a URL: what follows is its host, which stays.
 */
export function findEmails(text: string, spans: Spans, urlSigns: ReadonlySet<number> = NONE): void {
  for (const sign of ['@', '%40']) {
    // A mailbox holds no second sign, so none is looked through twice.
    let floor = 0
    for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, at + 1)) {
      const start = startOfLocal(text, at, floor)
      floor = at + sign.length
      const end = endOfDomain(text, at + sign.length)
      if (start < at && end !== undefined && !urlSigns.has(at)) spans.add(start, end, 'email')
    }
  }
}

function startOfLocal(text: string, at: number, floor: number): number {
  let start = at
  const first = Math.max(floor, at - MAX_LOCAL_CHARACTERS)
  while (start > first && isLocalCharacter(text.charCodeAt(start - 1))) start--
  // What can stand inside a mailbox but not begin it: `'mailto:…`, `...user@`.
  while (
    start < at &&
    !isAlphanumeric(text.charCodeAt(start)) &&
    text.charCodeAt(start) < 128 &&
    text[start] !== '_'
  )
    start++
  return start
}

function isLocalCharacter(code: number): boolean {
  return isAlphanumeric(code) || code > 160 || LOCAL_EXTRA.has(code)
}

function endOfDomain(text: string, from: number): number | undefined {
  let end = from
  let lastDot = -1
  const last = Math.min(text.length, from + MAX_DOMAIN_CHARACTERS)
  for (; end < last; end++) {
    const code = text.charCodeAt(end)
    if (code === 46) {
      if (end === from || text[end - 1] === '.') break
      lastDot = end
    } else if (!isAlphanumeric(code) && code !== 45 && code <= 160) break
  }
  while (end > from && (text[end - 1] === '.' || text[end - 1] === '-')) end--
  if (lastDot >= end) lastDot = text.lastIndexOf('.', end - 1)
  // At least two letters after a dot: `user@host` and `pkg@1.2.3` are no addresses.
  if (lastDot <= from) return undefined
  const top = text.slice(lastDot + 1, end)
  return /^(?:[A-Za-z\u00a1-\uffff][A-Za-z\u00a1-\uffff-]+|xn--[a-z0-9-]+)$/i.test(top) ? end : undefined
}

const NONE: ReadonlySet<number> = new Set()

const MAX_AUTHORITY_CHARACTERS = 2048

/**
 * User info of URLs, `postgres://user:password@host`: taken out whole, the host stays. A password with an unescaped `/` or `?`
 * in it is recognised by the colon before it, unless what follows the colon looks like a port.
 *
 * @returns Where the user infos found end: the offset of their `@`.
 */
export function findUrlUserInfo(text: string, spans: Spans): Set<number> {
  const signs = new Set<number>()
  for (let scheme = text.indexOf('://'); scheme !== -1; scheme = text.indexOf('://', scheme + 3)) {
    const start = scheme + 3
    if (isMarkAt(text, start)) continue
    const limit = Math.min(text.length, start + MAX_AUTHORITY_CHARACTERS)
    let hasEnded = false
    let colon = -1
    let at = -1
    for (let index = start; index < limit; index++) {
      const character = text[index] as string
      if (/[\s"'<>`]/.test(character)) break
      if (character === '@') {
        if (hasEnded && !looksLikePassword(text, colon)) break
        at = index
      } else if (character === ':' && colon === -1 && !hasEnded) colon = index
      else if (character === '/' && text.startsWith('://', index - 1)) break
      else if (/[/?#]/.test(character)) {
        // After the authority an @ belongs to the path: https://example.com/@user
        if (at !== -1) break
        hasEnded = true
      }
    }
    if (at <= start) continue
    spans.add(start, at)
    signs.add(at)
  }
  return signs
}

/** Whether what follows the colon of an authority is no port: then it began a password. */
function looksLikePassword(text: string, colon: number): boolean {
  return colon !== -1 && !/^\d{1,5}(?:[/?#]|$)/.test(text.slice(colon + 1, colon + 7))
}
