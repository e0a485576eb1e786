import { isAlphanumeric } from './prescan.ts'
import type { Spans } from './spans.ts'

/** How long an IBAN is, by country, as the SWIFT registry lists it. */
const LENGTHS: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 ' +
    'FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 ' +
    'LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 ' +
    'SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)

const START = /[A-Za-z]{2}\d\d/g

/** IBANs in any case, written together or with single spaces or dashes: right country, length and check digits (mod 97). */
export function findIbans(text: string, spans: Spans): void {
  START.lastIndex = 0
  for (let match = START.exec(text); match !== null; match = START.exec(text)) {
    const start = match.index
    const length = LENGTHS.get(match[0].slice(0, 2).toUpperCase())
    const isWordStart = start === 0 || !isAlphanumeric(text.charCodeAt(start - 1))
    const found = length === undefined || !isWordStart ? undefined : readIban(text, start, length)
    if (found !== undefined) {
      spans.add(start, found, 'iban')
      START.lastIndex = found
    } else {
      // `XDE89…`: the next try begins one character on.
      START.lastIndex = start + 1
    }
  }
}

/** Where the IBAN that begins at `start` ends; undefined when it is none. */
function readIban(text: string, start: number, length: number): number | undefined {
  let remainder = 0
  let characters = 0
  let head = ''
  let index = start
  for (; characters < length; index++) {
    const code = text.charCodeAt(index)
    if (code === 32 || code === 45) {
      if (!isAlphanumeric(text.charCodeAt(index + 1))) return undefined
      continue
    }
    if (!isAlphanumeric(code)) return undefined
    characters++
    if (characters <= 4) head += text[index]
    else remainder = appendMod97(remainder, code)
  }
  if (isAlphanumeric(text.charCodeAt(index))) return undefined
  // Country and check digits count as if they stood at the end.
  for (let position = 0; position < 4; position++)
    remainder = appendMod97(remainder, head.charCodeAt(position))
  return remainder === 1 ? index : undefined
}

/** A letter counts as two digits, A = 10. */
function appendMod97(remainder: number, code: number): number {
  return code <= 57 ? (remainder * 10 + code - 48) % 97 : (remainder * 100 + (code | 32) - 87) % 97
}
