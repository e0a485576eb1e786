/**
 * Log text is hostile: it may hold control characters that move a cursor, bidirectional marks that make `exe.gpj` read
 * as `jpg.exe`, and characters nobody can see. They are shown as what they are. Left alone are tab and line feed (the
 * caller decides how they look), and the joiners that emoji and Arabic or Indic script need between their characters.
 */

/** A run of text shown as it is, or one character shown by its sign. */
export interface TextPart {
  readonly text: string
  /** Its code point, `U+202E`, when `text` stands for a character that would not show; else undefined. */
  readonly codePoint?: string
}

// Written as ranges of code points, because the characters themselves would not show here either:
// C0 without tab and line feed, DEL and C1; soft hyphen; Arabic letter mark; Hangul fillers; Mongolian vowel separator;
// zero-width and directional marks; line and paragraph separators; directional embeddings; invisible operators and
// isolates; byte order mark; half-width filler; interlinear marks; tags; lone surrogates.
const HOSTILE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu

/** Short names of the first 32 characters. The block "Control Pictures" has signs for them, but few fonts have the block. */
const C0_NAMES =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  )

const ZERO_WIDTH_NON_JOINER = 0x200c
const ZERO_WIDTH_JOINER = 0x200d
const JOINED_SCRIPT =
  /^[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Malayalam}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Sinhala}]/u
const EMOJI_AFTER = /^\p{Extended_Pictographic}/u
const EMOJI_BEFORE = /(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)$/u

function isLegitimateJoiner(code: number, before: string, after: string): boolean {
  if (code === ZERO_WIDTH_JOINER && EMOJI_AFTER.test(after) && EMOJI_BEFORE.test(before)) return true
  if (code !== ZERO_WIDTH_JOINER && code !== ZERO_WIDTH_NON_JOINER) return false
  return JOINED_SCRIPT.test(after) && /[\p{L}\p{M}]$/u.test(before)
}

function signOf(code: number): string {
  if (code === 0x7f) return 'DEL'
  return C0_NAMES[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}

/** Splits text into runs that may be shown as they are and single characters that may not. Nothing is left out. */
export function visibleParts(text: string): readonly TextPart[] {
  // `search` looks from the start whatever the expression did before; `test` would leave a position behind.
  if (text.search(HOSTILE) < 0) return text === '' ? [] : [{ text }]
  const parts: TextPart[] = []
  let start = 0
  for (const match of text.matchAll(HOSTILE)) {
    const code = match[0].codePointAt(0) ?? 0
    const end = match.index + match[0].length
    if (
      isLegitimateJoiner(
        code,
        text.slice(Math.max(0, match.index - 2), match.index),
        text.slice(end, end + 2),
      )
    )
      continue
    if (match.index > start) parts.push({ text: text.slice(start, match.index) })
    parts.push({ text: signOf(code), codePoint: `U+${code.toString(16).toUpperCase().padStart(4, '0')}` })
    start = end
  }
  if (start < text.length) parts.push({ text: text.slice(start) })
  return parts
}

/** The same as one string, for tooltips and other places that hold text only. */
export function visibleText(text: string): string {
  return visibleParts(text)
    .map((part) => part.text)
    .join('')
}

/** Longest text a list cell holds, in UTF-16 units: past it a browser's layout slows down for all rows. */
export const CELL_LIMIT = 2048

/** The text on one line, at most {@link CELL_LIMIT} long: line ends become `⏎`, runs of other space stay as they are. */
export function oneLine(text: string): string {
  let cut = text.length > CELL_LIMIT ? text.slice(0, CELL_LIMIT) : text
  // A cut must not leave half of a pair behind.
  if (cut.length < text.length && /[\ud800-\udbff]$/.test(cut)) cut = cut.slice(0, -1)
  const line = cut.replace(/\r?\n/g, ' ⏎ ').replaceAll('\t', ' ')
  return cut.length < text.length ? `${line}…` : line
}

/** Text cut into pieces that match the pattern (global; null matches nothing) and pieces that do not; in order, none empty. */
export function splitMatches(
  text: string,
  pattern: RegExp | null,
): readonly { text: string; isMatch: boolean }[] {
  if (pattern === null || text === '') return text === '' ? [] : [{ text, isMatch: false }]
  const pieces: { text: string; isMatch: boolean }[] = []
  let start = 0
  for (const match of text.matchAll(pattern)) {
    if (match[0] === '') continue
    if (match.index > start) pieces.push({ text: text.slice(start, match.index), isMatch: false })
    pieces.push({ text: match[0], isMatch: true })
    start = match.index + match[0].length
  }
  if (start < text.length) pieces.push({ text: text.slice(start), isMatch: false })
  return pieces
}
